/** The part of the wiring that people meet: what they are told, and what they can do. */
import { Answers } from "./answers/answers.ts";
import { whileAnswering } from "./answers/while-answering.ts";
import { audit } from "./audit.ts";
import { adopt } from "./cluster/adopt.ts";
import { joinCluster } from "./cluster/join.ts";
import type { Daemon } from "./daemon.ts";
import type { Ground } from "./ground.ts";
import type { LaneStatus } from "./lane-status.ts";
import { openAlarms } from "./open-alarms.ts";
import { Operations } from "./operations.ts";
import type { Reader } from "./reader.ts";
import { Replays } from "./replay/replays.ts";
import type { Lanes } from "./start.ts";
import { headOf } from "./status.ts";

export function openDesk(ground: Ground, reader: Reader, { hosts, allotment, fleet }: Lanes) {
  const { config, log, site, state, journal, cluster, happenings, secrets } = ground;
  const startedAt = new Date().toISOString();
  const graceMs = config.shutdownTimeout;
  const reading = () => ({
    site: { url: config.site.url, ...reader.contact.status() },
    reader: reader.status(),
  });
  const plugins = (): LaneStatus[] => joined?.others.there() ?? fleet.status();
  const operations = new Operations({
    find: (plugin) => fleet.find(plugin),
    plugins,
    journal,
    log: log.named("operator"),
    happenings,
  });
  const lastSeq = () => journal.head.lastSeq;
  const parts = { fleet, operations, reading, startedAt, lastSeq, graceMs, log, happenings };
  const joined = cluster && allotment ? joinCluster({ cluster, allotment, ...parts }) : null;
  const replays = new Replays({
    store: state.replayStore,
    journal,
    awaySince: () => cluster?.awaySince ?? null,
    site: site.patient,
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
    siteRequests: site.figures(),
    journal: { ...headOf(journal), maxBytes: config.retention.maxSize },
    plugins: plugins(),
    cluster: joined?.status(),
    folderProblems: fleet.problems.map((problem) => problem.describe()),
  });
  return { plugins, operations, joined, replays, status };
}

export type Desk = ReturnType<typeof openDesk>;

export function openAlarmsOf(
  { config, log, happenings, journal }: Ground,
  { fleet }: Lanes,
  { status }: Desk,
) {
  return openAlarms({
    config,
    log: log.named("alerts"),
    happenings,
    journal,
    // each host tells of what it runs
    status: () => ({ ...status(), plugins: fleet.status() }),
    plugin: (name) => fleet.find(name)?.lane.status() ?? null,
  });
}

/** What it is asked, and what it is told to do. */
export function faceOf(
  { log, site, state, journal, cluster, happenings }: Ground,
  { fleet, allotment }: Lanes,
  { plugins, operations, joined, replays }: Desk,
) {
  const plugin: Daemon["plugin"] = (name) => fleet.find(name)?.lane.detail() ?? null;
  const audited: Daemon["audit"] = (range, signal, progress) =>
    whileAnswering(
      () => cluster?.awaySince ?? null,
      (end) => audit({ site: site.patient, journal }, range, AbortSignal.any([signal, end]), progress),
    );
  return {
    replays,
    answers: new Answers({
      journal,
      replays: state.replayStore,
      lanes: plugins,
      ...joined?.known,
      callsFor: (lane, seq) => fleet.find(lane)?.lane.callsFor(seq) ?? [],
    }),
    operations: joined?.operator ?? operations,
    adopt: ((name, who) =>
      adopt(
        { allotment, there: plugins, journal, log: log.named("operator"), happenings },
        name,
        who,
      )) as Daemon["adopt"],
    plugin,
    detail: (async (id) => plugin(id) ?? (await joined?.detail(id)) ?? null) as Daemon["detail"],
    memory: () => fleet.memory(),
    audit: audited,
  };
}
