/** What an import found and did, for people and for programs. */
import type { Config } from "../config-file.ts";
import { describeCallback } from "../daemon/describe-callback.ts";
import type { PluginLoad } from "../daemon/load-plugins.ts";
import type { Estate, IdRange, Inheritance } from "../journal/journal.ts";
import type { TakenOver } from "./import.ts";
import type { Beginning, LeftOver, Place } from "./places.ts";

export interface ImportReport {
  conf: string;
  /** The Python daemon's state file. */
  stateFile: string;
  /** Callsheet's state folder. */
  state: string;
  dryRun: boolean;
  /** Whether the state folder had been in use. */
  known: boolean;
  /** null when the site was not asked. */
  newestEventId: number | null;
  /** The reader goes on after this event. */
  readerPosition: number;
  plugins: ImportedPlugin[];
  /** Plugins that the state file knows and that are in no folder of the conf: they are left out. */
  leftOver: LeftOver[];
  notes: string[];
}

export interface ImportedPlugin {
  name: string;
  path: string;
  language: "python" | "typescript";
  /** One text a callback: its name and what it is called for. */
  callbacks: string[];
  /** The last event that it has had from either daemon, or before which it begins; null: it begins with the others. */
  lastEventId: number | null;
  /**
   * Ids up to that one which are still to come. `until`: how long the Python daemon would have waited, by the clock of its machine,
   * without a zone; null for a plugin that it did not know.
   */
  pending: readonly (IdRange & { until: string | null })[];
  /** Where its place is from. */
  place: Place["kind"];
  /** begun: carried over. raised: carried over, further than at the import before. kept: Callsheet has it as far, or further. */
  outcome: Inheritance["outcome"];
  /** Events that it has not had, and that the journal in the state folder does not reach back to. */
  unreachable: IdRange | null;
  /** What else is to be known of its place. */
  remark: string | null;
  /** Why it does not load. */
  problem: { code: string; message: string; hint: string | null } | null;
}

export interface ReportParts extends TakenOver {
  config: Config;
  stateFile: string;
  dryRun: boolean;
  newest: Estate["reader"] | null;
  loads: readonly PluginLoad[];
  places: readonly Place[];
  begin: Beginning;
  leftOver: LeftOver[];
  notes: string[];
}

export function reportOf(parts: ReportParts): ImportReport {
  const { config, stateFile, dryRun, known, newest, position, loads, leftOver, notes } = parts;
  return {
    conf: config.file,
    stateFile,
    state: config.state,
    dryRun,
    known,
    newestEventId: newest?.position ?? null,
    readerPosition: position,
    plugins: loads.map((load, at) => pluginOf(load, at, parts)),
    leftOver,
    notes,
  };
}

function pluginOf({ file, callbacks, error }: PluginLoad, at: number, parts: ReportParts): ImportedPlugin {
  const { name, path, language } = file;
  const { outcome, lastId, unreachable } = parts.inheritances[at]!;
  const place = parts.places[at]!;
  return {
    name,
    path,
    language,
    callbacks: callbacks.map(describeCallback),
    lastEventId: lastId,
    pending:
      place.kind === "known"
        ? place.pending
        : (parts.begin.had[at]?.pending ?? []).map((range) => ({ ...range, until: null })),
    place: place.kind,
    outcome,
    unreachable,
    remark: remarkOn(at, parts),
    problem: error && { code: error.code, message: error.message, hint: error.hint ?? null },
  };
}

function remarkOn(at: number, parts: ReportParts): string | null {
  const { places, inheritances, newest, begin } = parts;
  const place = places[at]!;
  const { outcome, lastId, unreachable } = inheritances[at]!;
  const had = begin.had[at]?.lastId ?? null;
  if (outcome === "kept") {
    const further = had !== null && lastId !== null && lastId > had;
    return further
      ? `Callsheet has brought it to event ${lastId} already, and does not go back to ${had}`
      : null;
  }
  if (unreachable) {
    const { first, last } = unreachable;
    return `events ${first} to ${last} are lost to it: what the state folder holds begins after them; import into a new one`;
  }
  if (newest && had !== null && had > newest.position) {
    return `the site's newest event is ${newest.position}: nothing is delivered until the site gets there; is it the right site?`;
  }
  if (place.kind === "known") return movedRemark(place);
  return parts.loads[at]!.error?.code === "PLUGIN_NO_REGISTER" ? null : newRemark(place, parts);
}

function movedRemark({ moved, folder }: Place & { kind: "known" }): string | null {
  return moved ? `its place is that of the plugin of this name in ${folder}` : null;
}

function newRemark({ kind }: Place, { known, position }: ReportParts): string | null {
  if (kind === "told") return null;
  if (kind === "new" || known) return "new: it begins with the site's next event";
  return `new: it begins with the others, after event ${position}; with --start latest, with the site's next event`;
}
