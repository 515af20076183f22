/**
 * The wiring: the one file that knows every room. Read it from top to bottom to see how an event travels:
 * site ─ client ─▶ reader ─▶ journal ─▶ lane ─▶ host ─▶ callback.
 */
import { openHttpTransport } from "../client/http.ts";
import { Shotgun } from "../client/shotgun.ts";
import type { Transport } from "../client/transport.ts";
import type { Config } from "../config-file.ts";
import { asError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import { openSqliteJournal } from "../journal/sqlite/open.ts";
import type { Log } from "../log/log.ts";
import { openPythonHosts, type PythonHostsOptions } from "../plugins/python/hosts.ts";
import { scanFolders } from "../plugins/scan.ts";
import { openThreadHosts } from "../plugins/thread/hosts.ts";
import { ModuleWatch } from "../plugins/watch.ts";
import { Fleet } from "./fleet.ts";
import type { HostStarter } from "./host.ts";
import { openOrder } from "./order.ts";
import { pause } from "./pause.ts";
import { Reader } from "./reader.ts";
import { siteLog } from "./site-log.ts";
import type { DaemonStatus } from "./status.ts";

export interface Daemon {
  status(): DaemonStatus;
  /** Stops reading, lets callbacks in hand finish within `shutdownTimeout`, stores every cursor. May be called twice. */
  stop(): Promise<void>;
  /** Resolves when it has stopped because it was asked to; rejects with what made it give up. */
  readonly finished: Promise<void>;
  /** Asks the site at once. */
  wake(): void;
}

/** First pause before a Python plugin that missed the site is loaded again. */
const LOAD_AGAIN_AFTER_MS = 1000;
const RETAIN_EVERY_MS = 10 * 60_000;

/**
 * Starts following the site. Resolves when state and plugin folders are open and the lanes run; a site that is away does not
 * keep it from starting.
 * @throws CallsheetError STATE_* when the state folder is locked, damaged or unusable
 */
export async function startDaemon({ config, log }: { config: Config; log: Log }): Promise<Daemon> {
  const transport = openHttpTransport(siteConnection(config));
  const site = new Shotgun(config.site.url, {
    scriptName: config.site.scriptName,
    scriptKey: config.site.scriptKey,
    timeoutMs: config.site.timeout,
    transport,
    dates: "string",
    // the reader has a patience of its own, and tells of every failure
    retry: { gatewayAttempts: 1, tlsAttempts: 1, busyAttempts: 1 },
  });
  // last of what can refuse to open: a state that was opened must be closed again
  const journal = await openSqliteJournal({ folder: config.state, log: log.named("journal") }).catch(
    async (error) => {
      await transport.close();
      throw error;
    },
  );
  const reader = new Reader({
    site: siteLog(site),
    journal,
    log: log.named("reader"),
    start: config.start,
    fetchIntervalMs: config.fetchInterval,
    batchSize: config.batchSize,
    gapTimeoutMs: config.gapTimeout,
  });
  const threads = openThreadHosts({
    siteUrl: config.site.url,
    siteTimeoutMs: config.site.timeout,
    transport,
    memoryLimitBytes: config.memoryLimit,
    loadTimeoutMs: config.loadTimeout,
    useSessionUuid: config.useSessionUuid,
    logLevel: config.log.level,
  });
  const pythons = openPythonHosts(pythonOptions(config, transport));
  const watch = new ModuleWatch();
  const fleet = new Fleet({
    folders: config.plugins,
    scan: scanFolders,
    changed: (modules) => watch.changed(modules),
    start: hostFor(threads.start, pythons.start),
    journal,
    order: openOrder(config.order),
    log: log.named("plugins"),
    reloadIntervalMs: config.reloadInterval,
    graceMs: config.shutdownTimeout,
  });

  const startedAt = new Date().toISOString();
  const stopping = new AbortController();
  const close = async () => {
    await Promise.all([threads.close(), pythons.close()]);
    await site.close();
    await transport.close();
    await journal.close();
  };
  await fleet.begin().catch(async (error) => {
    await fleet.stop();
    await close();
    throw error;
  });
  const running = runTogether(
    [
      reader.run(stopping.signal),
      fleet.run(stopping.signal),
      retainNowAndThen(journal, config, stopping.signal),
    ],
    stopping,
  );
  const finished = running.finally(close);
  finished.catch(() => {});

  return {
    status: () => ({
      startedAt,
      site: { url: config.site.url, ...reader.contact.status() },
      reader: reader.status(),
      journal: journal.head,
      plugins: fleet.status(),
      folderProblems: fleet.problems.map((problem) => problem.describe()),
    }),
    async stop() {
      stopping.abort();
      await finished.catch(() => {});
    },
    finished,
    wake: () => reader.wake(),
  };
}

export function siteConnection({ site }: Config): { httpProxy?: string; caCerts?: string } {
  return {
    ...(site.httpProxy === undefined ? {} : { httpProxy: site.httpProxy }),
    ...(site.caCerts === undefined ? {} : { caCerts: site.caCerts }),
  };
}

export function pythonOptions(config: Config, transport: Transport): PythonHostsOptions {
  const { url, timeout: timeoutMs, httpProxy = null, caCerts = null } = config.site;
  return {
    interpreter: config.python.interpreter,
    pythonPath: config.python.path,
    site: { url, timeoutMs, httpProxy, caCerts },
    transport,
    memoryLimitBytes: config.memoryLimit,
    loadTimeoutMs: config.loadTimeout,
    loadAgainAfterMs: LOAD_AGAIN_AFTER_MS,
    useSessionUuid: config.useSessionUuid,
    logLevel: config.log.level,
  };
}

function hostFor(thread: HostStarter, python: HostStarter): HostStarter {
  return (start) => (start.plugin.language === "typescript" ? thread(start) : python(start));
}

/** All parts run until the stop; the first that fails stops the others, and its error is the outcome. */
async function runTogether(parts: Promise<void>[], stopping: AbortController): Promise<void> {
  const outcomes = await Promise.allSettled(
    parts.map((part) =>
      part.catch((error) => {
        stopping.abort();
        throw error;
      }),
    ),
  );
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw asError(failed.reason);
}

async function retainNowAndThen(journal: Journal, config: Config, signal: AbortSignal): Promise<void> {
  const policy = { maxAgeMs: config.retention.maxAge, maxBytes: config.retention.maxSize };
  while (await pause(RETAIN_EVERY_MS, signal)) await journal.retain(policy);
}
