/**
 * The wiring: the one file that knows every room. Read it from top to bottom to see how an event travels:
 * site ─ client ─▶ reader ─▶ journal ─▶ lane ─▶ host ─▶ callback.
 */
import { openHttpTransport } from "../client/http.ts";
import { Shotgun } from "../client/shotgun.ts";
import type { Config } from "../config-file.ts";
import { secretsOf } from "../config-secrets.ts";
import type { Log } from "../log/log.ts";
import { writeOldLines } from "../old-daemon/old-lines.ts";
import { scanFolders } from "../plugins/scan.ts";
import { ModuleWatch } from "../plugins/watch.ts";
import { redactor } from "../redact.ts";
import { openServer } from "../server/open.ts";
import { flushSpans, isTraced } from "../tracing.ts";
import { version } from "../version.ts";
import { Answers } from "./answers/answers.ts";
import { whileAnswering } from "./answers/while-answering.ts";
import { audit } from "./audit.ts";
import { adopt } from "./cluster/adopt.ts";
import { joinCluster } from "./cluster/join.ts";
import { openPlacement } from "./cluster/open.ts";
import { readByTurns } from "./cluster/reading.ts";
import type { Daemon } from "./daemon.ts";
import { Fleet } from "./fleet.ts";
import { Happenings } from "./happenings.ts";
import { keepRetaining } from "./keep-retaining.ts";
import type { LaneStatus } from "./lane-status.ts";
import { type OpenAlarms, openAlarms, tellRefusedStart } from "./open-alarms.ts";
import { openHosts } from "./open-hosts.ts";
import { openState } from "./open-state.ts";
import { Operations } from "./operations.ts";
import { openOrder } from "./order.ts";
import { Reader } from "./reader.ts";
import { Replays } from "./replay/replays.ts";
import { runTogether, runUntil } from "./run-together.ts";
import { siteLog } from "./site-log.ts";
import { SiteRequests } from "./site-requests.ts";
import { headOf } from "./status.ts";
import { siteConnection } from "./to-site.ts";

/**
 * Starts following the site. Resolves when state and plugin folders are open and the lanes run; a site that is away does not
 * keep it from starting.
 * @throws CallsheetError STATE_* when the state folder is locked, damaged or unusable; PORT_IN_USE, CONFIG_INVALID when the
 * server cannot be opened
 */
export async function startDaemon(parts: { config: Config; log: Log }): Promise<Daemon> {
  const daemon = await startFlow(parts);
  const { config, log } = parts;
  if (!config.server.enabled) return { ...daemon, url: null };
  const server = await openServer({ config, daemon, log: log.named("server"), version: version() }).catch(
    async (error) => {
      await daemon.stop();
      throw error;
    },
  );
  daemon.announce(server.url);
  const finished = daemon.finished.finally(() => server.close());
  finished.catch(() => {});
  const stop = async () => {
    await daemon.stop();
    await finished.catch(() => {});
  };
  return { ...daemon, url: server.url, finished, stop };
}

/** Everything but the server, whose address the rest of the cluster is told. */
interface Flow extends Omit<Daemon, "url"> {
  announce(url: string): void;
}

async function startFlow({ config, log }: { config: Config; log: Log }): Promise<Flow> {
  const transport = openHttpTransport(siteConnection(config));
  const requests = new SiteRequests();
  const ofPlugins = requests.counted(transport, "plugins");
  const site = new Shotgun(config.site.url, {
    scriptName: config.site.scriptName,
    scriptKey: config.site.scriptKey,
    timeoutMs: config.site.timeout,
    transport: requests.counted(transport, "daemon"),
    dates: "string",
    // the reader has a patience of its own, and tells of every failure
    retry: { gatewayAttempts: 1, tlsAttempts: 1, busyAttempts: 1 },
  });
  // last of what can refuse to open: a state that was opened must be closed again
  const state = await openState(config, log.named("journal")).catch(async (error) => {
    await tellRefusedStart({ config, log: log.named("alerts") }, error);
    await transport.close();
    throw error;
  });
  const { journal, replayStore } = state;
  const { cluster } = journal;
  const happenings = new Happenings(log);
  const secrets = secretsOf(config);
  // the package is loaded only where somebody wants spans
  const spans = isTraced() ? (await import("./lane-spans.ts")).laneSpans(redactor(secrets), log) : null;
  const reader = new Reader({
    site: siteLog(site),
    journal,
    log: log.named("reader"),
    happenings,
    start: config.start,
    fetchIntervalMs: config.fetchInterval,
    batchSize: config.batchSize,
    parallelFetches: config.parallelFetches,
    gapTimeoutMs: config.gapTimeout,
  });
  const hosts = openHosts(config, {
    transport: ofPlugins,
    spans: spans && { secrets },
    siteIsAway: (signal) => reader.contact.isAway(signal),
  });
  const watch = new ModuleWatch();
  const placing = { watch, start: hosts.start, log: log.named("plugins") };
  const { allotment, handOver } = openPlacement(cluster, config, placing);
  const graceMs = config.shutdownTimeout;
  const fleet = new Fleet({
    folders: config.plugins,
    scan: scanFolders,
    changed: (modules) => watch.changed(modules),
    start: hosts.start,
    journal,
    allotment,
    handOver,
    order: openOrder(config.order),
    log: log.named("plugins"),
    happenings,
    spans,
    reloadIntervalMs: config.reloadInterval,
    graceMs,
  });
  const pathOf = (plugin: string) => fleet.find(plugin)?.lane.file.path ?? null;
  if (config.log.format === "python") writeOldLines({ happenings, log, pathOf });

  const startedAt = new Date().toISOString();
  const stopping = new AbortController();
  const reading = () => ({
    site: { url: config.site.url, ...reader.contact.status() },
    reader: reader.status(),
  });
  const lastSeq = () => journal.head.lastSeq;
  const plugins = (): LaneStatus[] => joined?.others.there() ?? fleet.status();
  const operations = new Operations({
    find: (plugin) => fleet.find(plugin),
    plugins,
    journal,
    log: log.named("operator"),
    happenings,
  });
  const parts = { fleet, operations, reading, startedAt, lastSeq, graceMs, log, happenings };
  const joined = cluster && allotment ? joinCluster({ cluster, allotment, ...parts }) : null;

  const { url, scriptName, scriptKey, timeout: timeoutMs } = config.site;
  // unlike the reader's, it has the client's own patience
  const patient = siteLog(new Shotgun(url, { scriptName, scriptKey, timeoutMs, transport, dates: "string" }));
  const replays = new Replays({
    store: replayStore,
    journal,
    site: patient,
    find: (plugin) => {
      const found = fleet.find(plugin);
      if (!found) joined?.refuseElsewhere(plugin, "replays run");
      return found && { file: found.lane.file, lane: found.laneJournal.id };
    },
    plugins,
    start: hosts.start,
    log: log.named("replays"),
    happenings,
    graceMs,
    secrets,
  });
  const status = () => ({
    startedAt,
    ...reading(),
    reading: joined?.others.readingElsewhere() ?? undefined,
    siteRequests: requests.figures(),
    journal: { ...headOf(journal), maxBytes: config.retention.maxSize },
    plugins: plugins(),
    cluster: joined?.status(),
    folderProblems: fleet.problems.map((problem) => problem.describe()),
  });
  let alarms: OpenAlarms | null = null;
  const close = async (error?: unknown) => {
    await alarms?.close(error);
    await hosts.close();
    await site.close();
    await transport.close();
    await state.close();
    await flushSpans();
  };
  try {
    alarms = await openAlarms({
      config,
      log: log.named("alerts"),
      happenings,
      journal,
      // each host tells of what it runs
      status: () => ({ ...status(), plugins: fleet.status() }),
      plugin: (name) => fleet.find(name)?.lane.status() ?? null,
    });
    await joined?.others.exchange();
    await fleet.begin();
  } catch (error) {
    await fleet.stop();
    await close(error);
    throw error;
  }
  const retaining = { journal, log: log.named("journal"), happenings, ...config.retention };
  const read = (signal: AbortSignal) =>
    runUntil(signal, (end) => [reader.run(end), keepRetaining(retaining, end)]);
  const lanesOver = new AbortController();
  const lanes = fleet.run(stopping.signal).finally(() => lanesOver.abort());
  const running = runTogether(
    [
      lanes,
      // in a cluster events go on coming for those whose lanes are handed over
      cluster
        ? readByTurns({ cluster, read, log: log.named("reader") }, lanesOver.signal)
        : read(stopping.signal),
      ...(joined ? [joined.run(stopping.signal)] : []),
      replays.run(stopping.signal),
      alarms.run(stopping.signal),
    ],
    stopping,
  );
  const finished = running.then(
    () => close(),
    async (error) => {
      await close(error);
      throw error;
    },
  );
  finished.catch(() => {});

  const plugin = (name: string) => fleet.find(name)?.lane.detail() ?? null;
  return {
    status: () => ({ ...status(), alerts: alarms.status() }),
    async stop() {
      // nothing more is taken, and what is given back goes to another
      await cluster?.leave().catch(() => {});
      stopping.abort();
      await finished.catch(() => {});
    },
    finished,
    // a database that is away is asked again; the address is for people
    announce: (url) => void cluster?.announce(url).catch(() => {}),
    wake: () => reader.wake(),
    happenings,
    replays,
    answers: new Answers({
      journal,
      replays: replayStore,
      lanes: plugins,
      ...joined?.known,
      callsFor: (lane, seq) => fleet.find(lane)?.lane.callsFor(seq) ?? [],
    }),
    operations: joined?.operator ?? operations,
    adopt: (name, who) => adopt({ allotment, journal, log: log.named("operator"), happenings }, name, who),
    plugin,
    detail: async (id) => plugin(id) ?? (await joined?.detail(id)) ?? null,
    memory: () => fleet.memory(),
    audit: (range, signal, progress) =>
      whileAnswering(
        () => cluster?.awaySince ?? null,
        (end) => audit({ site: patient, journal }, range, AbortSignal.any([signal, end]), progress),
      ),
  };
}
