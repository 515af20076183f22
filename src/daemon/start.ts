/**
 * The wiring. Read it from top to bottom to see how an event travels: site ─ client ─▶ reader ─▶ journal ─▶ lane ─▶ host ─▶ callback.
 * What it stands on is opened in `ground.ts`; what people are told and can do is wired in `desk.ts`.
 */
import type { Config } from "../config-file.ts";
import type { Cluster } from "../journal/journal.ts";
import type { Starting } from "../journal/starting.ts";
import type { Log } from "../log/log.ts";
import { writeOldLines } from "../old-daemon/old-lines.ts";
import { scanFolders } from "../plugins/scan.ts";
import { ModuleWatch } from "../plugins/watch.ts";
import { openServer } from "../server/open.ts";
import { flushSpans } from "../tracing.ts";
import { version } from "../version.ts";
import { openPlacement } from "./cluster/open.ts";
import { Reach } from "./cluster/reach.ts";
import { readByTurns } from "./cluster/reading.ts";
import type { Daemon } from "./daemon.ts";
import { type Desk, faceOf, openAlarmsOf, openDesk } from "./desk.ts";
import { Fleet } from "./fleet.ts";
import { type Ground, openGround } from "./ground.ts";
import { keepRetaining } from "./keep-retaining.ts";
import type { OpenAlarms } from "./open-alarms.ts";
import { openHosts } from "./open-hosts.ts";
import { openOrder } from "./order.ts";
import { Reader } from "./reader.ts";
import { runTogether, runUntil } from "./run-together.ts";

/**
 * Starts following the site. Resolves when state and plugin folders are open and the lanes run; a site that is away does not
 * keep it from starting.
 * @throws CallsheetError STATE_* when the state folder is locked, damaged or unusable; PORT_IN_USE, CONFIG_INVALID when the
 * server cannot be opened; the reason of `starting.signal`
 */
export async function startDaemon(parts: Parts): Promise<Daemon> {
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

interface Parts {
  config: Config;
  log: Log;
  /** Where a host of a cluster may have to wait for its name. Default: nothing ends that wait. */
  starting?: Starting;
}

/** Everything but the server, whose address the rest of the cluster is told. */
interface Flow extends Omit<Daemon, "url"> {
  announce(url: string): void;
}

async function startFlow({ config, log, starting }: Parts): Promise<Flow> {
  const ground = await openGround(config, log, starting);
  const { site, state, happenings, cluster } = ground;
  const reader = openReader(ground);
  const lanes = openLanes(ground);
  const desk = openDesk(ground, reader, lanes);
  let alarms: OpenAlarms | null = null;
  const close = async (error?: unknown) => {
    await alarms?.close(error);
    await lanes.hosts.close();
    await site.close();
    await state.close();
    await flushSpans();
  };
  try {
    alarms = await openAlarmsOf(ground, lanes, desk);
    // one that is not answered in time is given again in a moment
    await desk.joined?.others.exchange().catch(() => {});
    await lanes.fleet.begin();
  } catch (error) {
    await lanes.fleet.stop();
    await close(error);
    throw error;
  }
  const stopping = new AbortController();
  const finished = runAll({ ...ground, ...lanes, ...desk, reader, alarms }, stopping).then(
    () => close(),
    async (error) => {
      await close(error);
      throw error;
    },
  );
  finished.catch(() => {});
  const stop = async () => {
    // nothing more is taken, and what is given back goes to another
    await cluster?.leave().catch(() => {});
    stopping.abort();
    await finished.catch(() => {});
  };
  return {
    ...faceOf(ground, lanes, desk),
    status: () => ({ ...desk.status(), alerts: alarms.status() }),
    finished,
    stop,
    // a database that is away is asked again; the address is for people
    announce: (url) => void cluster?.announce(url).catch(() => {}),
    wake: () => reader.wake(),
    happenings,
  };
}

function openReader({ config, log, site, journal, happenings }: Ground): Reader {
  return new Reader({
    site: site.reading,
    journal,
    log: log.named("reader"),
    happenings,
    start: config.start,
    fetchIntervalMs: config.fetchInterval,
    batchSize: config.batchSize,
    parallelFetches: config.parallelFetches,
    gapTimeoutMs: config.gapTimeout,
  });
}

/** The plugins' hosts, and the lanes that feed them. */
function openLanes({ config, log, site, journal, cluster, happenings, secrets, spans }: Ground) {
  const hosts = openHosts(config, {
    transport: site.ofPlugins,
    spans: spans && { secrets },
    siteIsAway: (signal) => site.isAway(signal),
  });
  const watch = new ModuleWatch();
  const placing = { watch, start: hosts.start, log: log.named("plugins") };
  const { allotment, handOver } = openPlacement(cluster, config, placing);
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
    graceMs: config.shutdownTimeout,
  });
  const pathOf = (plugin: string) => fleet.find(plugin)?.lane.file.path ?? null;
  if (config.log.format === "python") writeOldLines({ happenings, log, pathOf });
  return { hosts, allotment, fleet };
}

export type Lanes = ReturnType<typeof openLanes>;

function reachOf(cluster: Cluster, { contact }: Reader): Reach {
  return new Reach({ cluster, siteAwayMs: () => contact.awayMs });
}

/** Until it is told to stop, or until one of them gives up. */
function runAll(
  parts: Ground & Lanes & Desk & { reader: Reader; alarms: OpenAlarms },
  stopping: AbortController,
): Promise<void> {
  const { config, log, journal, cluster, happenings, reader, fleet, joined, replays, alarms } = parts;
  const retaining = { journal, log: log.named("journal"), happenings, ...config.retention };
  const read = (signal: AbortSignal) =>
    runUntil(signal, (end) => [fleet.placed(end).then(() => reader.run(end)), keepRetaining(retaining, end)]);
  const lanesOver = new AbortController();
  const lanes = fleet.run(stopping.signal).finally(() => lanesOver.abort());
  return runTogether(
    [
      lanes,
      // in a cluster events go on coming for those whose lanes are handed over
      cluster
        ? readByTurns(
            { cluster, read, reach: reachOf(cluster, reader), log: log.named("reader") },
            lanesOver.signal,
          )
        : read(stopping.signal),
      ...(joined ? [joined.run(stopping.signal)] : []),
      replays.run(stopping.signal),
      alarms.run(stopping.signal),
    ],
    stopping,
  );
}
