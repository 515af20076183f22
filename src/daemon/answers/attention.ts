/** What an operator should look at first, and whether events flow. */
import { shellWord } from "../../shell-word.ts";
import { describeFiles } from "../cluster/differences.ts";
import type { LaneStatus } from "../lane-status.ts";
import type { DaemonStatus, Reading } from "../status.ts";

export interface Attention {
  /** error: events wait. warn: they may soon, or one plugin's do. info: as somebody wished. */
  severity: "error" | "warn" | "info";
  /** `site`, `reader`, `journal`, `folder`, `alerts` or `plugin`. */
  about: string;
  plugin: string | null;
  /** One sentence. */
  message: string;
  /** The command that helps, or null. */
  command: string | null;
}

export interface Readiness {
  /** Events flow from the site to the journal. */
  ready: boolean;
  /** Why not; empty when they do. */
  reasons: string[];
}

/** A call that takes longer than this holds its plugin up. */
const LONG_CALL_MS = 60_000;
/** A reader that connected, and then has no answer for this long, is stuck. */
const SILENCE_MS = 90_000;
const NEARLY_FULL = 0.9;

export function readinessOf(status: DaemonStatus, now = Date.now()): Readiness {
  const { cluster } = status;
  // one that waits for its turn to read has not asked the site
  const reasons =
    cluster && cluster.reader !== cluster.host ? elsewhere(status) : reasonsOfReader(status, now);
  if (cluster && cluster.reader === null && cluster.awaySince === null)
    reasons.push("no host of the cluster reads the site at the moment");
  if (cluster?.awaySince) reasons.push(`the database has not answered since ${cluster.awaySince}`);
  if (cluster?.readOnlySince)
    reasons.push(
      `the database takes nothing since ${cluster.readOnlySince}: it is a standby, or set read-only`,
    );
  return { ready: reasons.length === 0, reasons };
}

/** As the host that reads tells of it; its clock is not ours. */
function elsewhere({ reading, cluster }: DaemonStatus): string[] {
  return reading ? reasonsOfReader({ ...reading, cluster }, 0) : [];
}

function reasonsOfReader(
  { site, reader, cluster }: Reading & Pick<DaemonStatus, "cluster">,
  now: number,
): string[] {
  const reasons: string[] = [];
  if (site.state === "never") reasons.push("the site has not answered yet");
  if (site.state === "unreachable") {
    const error = site.lastError ? `: ${clause(site.lastError)}` : "";
    reasons.push(`the site cannot be asked since ${site.since}${error}`);
  }
  const silence = site.lastAnswerAt === null ? 0 : now - Date.parse(site.lastAnswerAt);
  if (site.state === "connected" && silence > SILENCE_MS)
    reasons.push(`the site has not answered for ${Math.round(silence / 1000)} s`);
  if (reader.diskFull)
    reasons.push(`the disk ${cluster ? "of the database" : "under the state folder"} is full`);
  return reasons;
}

/** Worst first. */
export function attentionOf(status: DaemonStatus, now = Date.now()): Attention[] {
  const { journal, folderProblems, plugins, alerts } = status;
  const list: Attention[] = [];
  const add = (
    severity: Attention["severity"],
    about: string,
    message: string,
    { plugin = null, command = null }: { plugin?: string | null; command?: string | null } = {},
  ) => list.push({ severity, about, plugin, message, command });
  for (const reason of readinessOf(status, now).reasons)
    add("error", "site", `Events do not flow: ${reason}.`, { command: "callsheet doctor" });
  if (journal.bytes > journal.maxBytes * NEARLY_FULL) {
    const part = Math.round((journal.bytes / journal.maxBytes) * 100);
    add("warn", "journal", `The journal has used ${part} % of the room that it may use.`);
  }
  for (const problem of folderProblems) add("warn", "folder", problem);
  for (const { name, state, lastError } of alerts)
    if (state === "failing")
      add("warn", "alerts", `Alerts do not reach ${name}: ${lastError ?? "no answer."}`, {
        command: "callsheet alerts test",
      });
  for (const lane of plugins) {
    const found = aboutLane(lane, status.cluster);
    if (found) add(found.severity, "plugin", found.message, { plugin: lane.name, command: found.command });
  }
  for (const message of inSeveralPlaces(plugins)) add("warn", "plugin", message);
  const rank = { error: 0, warn: 1, info: 2 };
  return list.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

/** Names are distinct in one configuration: who shares one comes from another, with other folders. */
function inSeveralPlaces(plugins: readonly LaneStatus[]): string[] {
  const running = Map.groupBy(
    plugins.filter(({ host }) => host !== null),
    ({ name }) => name,
  );
  return Array.from(running).flatMap(([name, lanes]) => {
    if (lanes.length < 2) return [];
    const places = lanes.map(({ path, host }) => `${path} (on ${host})`).join(", ");
    return [
      `${name} runs ${lanes.length} times, and each event comes to all of them: ${places}. The plugin folders have to be at the same path on every host.`,
    ];
  });
}

type Found = Pick<Attention, "severity" | "message" | "command">;

function aboutLane(lane: LaneStatus, cluster: DaemonStatus["cluster"]): Found | null {
  const { name, activity, host, failure, loadError, paused, inHand, retrying, backlog } = lane;
  const told = host === null || host === cluster?.host ? name : `${name} (on ${host})`;
  const waiting = backlog === 1 ? "1 event waits" : `${backlog} events wait`;
  if (paused) {
    const why = paused.why ? ` (${paused.why})` : "";
    const message = `${told} is paused by ${paused.by}${why}; ${waiting}.`;
    return { severity: "info", message, command: `callsheet resume ${shellWord(name)}` };
  }
  if (activity === "failed" && failure) {
    const at = failure.eventId ? ` at event ${failure.eventId}` : "";
    const message = `${told} stopped${at}: ${clause(failure.message)}; ${waiting}.`;
    return { severity: "error", message, command: `callsheet retry ${shellWord(name)}` };
  }
  if (activity === "unloadable" && loadError && loadError.code !== "PLUGIN_NO_REGISTER") {
    const message = `${told} does not load: ${clause(loadError.message)}; ${waiting}.`;
    return { severity: "error", message, command: `callsheet plugin ${shellWord(name)}` };
  }
  if (retrying) {
    const message = `${told} tries event ${retrying.eventId} again at ${retrying.nextAt}; ${waiting}.`;
    return { severity: "warn", message, command: `callsheet retry ${shellWord(name)}` };
  }
  if (inHand && inHand.forMs > LONG_CALL_MS) {
    const seconds = Math.round(inHand.forMs / 1000);
    const message = `${told} has been at event ${inHand.eventId ?? "?"} for ${seconds} s; ${waiting}.`;
    return {
      severity: "warn",
      message,
      command: `callsheet skip ${shellWord(name)} --event ${inHand.eventId ?? "ID"}`,
    };
  }
  if (activity === "waiting")
    return {
      severity: "error",
      message: `${told} waits until the database answers; ${waiting}.`,
      command: null,
    };
  // between two owners it is so for a moment
  if (activity === "unplaced") return aboutUnplaced(lane, cluster, waiting);
  if (activity === "restarting")
    return { severity: "warn", message: `${told} is being started again; ${waiting}.`, command: null };
  return aboutFiles(lane, cluster);
}

/** It runs, but not every host could go on with it. */
function aboutFiles({ id, name, path, host }: LaneStatus, cluster: DaemonStatus["cluster"]): Found | null {
  const { files, here = null } = cluster?.plugins.find((plugin) => plugin.id === id) ?? {};
  if (here !== null) {
    const message = `${name} is at ${here} on ${cluster!.host}, which does not take it over while ${host ?? "another"} has it at ${path}. The plugin folders have to be at the same path on every host.`;
    return { severity: "warn", message, command: null };
  }
  if (!files || files.others.length === 0) return null;
  const message = `Hosts that have other files of ${name} do not take it over: ${describeFiles(files)}.`;
  return { severity: "warn", message, command: null };
}

function aboutUnplaced(
  { id, name, backlog }: LaneStatus,
  cluster: DaemonStatus["cluster"],
  waiting: string,
): Found {
  const { waitsFor = null, files = null } = cluster?.plugins.find((plugin) => plugin.id === id) ?? {};
  if (waitsFor === "files") {
    const message = `${name} waits: no host has the files that it ran with last (${describeFiles(files!)}); ${waiting}.`;
    return { severity: "error", message, command: `callsheet adopt ${shellWord(name)}` };
  }
  const why = waitsFor ? `: none has the label ${waitsFor.label}` : "";
  const events = backlog > 0 ? `; ${waiting}` : "";
  return { severity: "error", message: `No host of the cluster runs ${name}${why}${events}.`, command: null };
}

/** A message may be a sentence of its own; within another it ends without its full stop. */
function clause(message: string): string {
  return message.replace(/\.\s*$/, "");
}
