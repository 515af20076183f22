/**
 * Lines of the Python daemon that have no counterpart here, for studios whose tools look for them: about plugins being loaded, and
 * about missing ids. A gap is the daemon's here and each plugin's there, so that most of these come once and from the engine.
 */
import type { Happening, Happenings } from "../daemon/happenings.ts";
import type { Log } from "../log/log.ts";

/** Up to so many ids have a line each; more have one line together: a site that was moved may skip millions. */
const MOST_SINGLE_LINES = 100;

export interface OldLinesParts {
  happenings: Pick<Happenings, "listen">;
  log: Log;
  /** Of the file of the plugin of this name; null when it is gone by now. */
  pathOf(plugin: string): string | null;
}

/** Writes them from now on. Answers what ends it. */
export function writeOldLines({ happenings, log, pathOf }: OldLinesParts): () => void {
  const seen = new Set<string>();
  return happenings.listen((happening) => {
    if (happening.kind !== "loaded" && happening.kind !== "unloadable") return writeLine(happening, log);
    const path = pathOf(happening.plugin);
    if (path !== null) log.info(`${seen.has(happening.lane) ? "Reloading" : "Loading"} plugin at ${path}`);
    seen.add(happening.lane);
  });
}

function writeLine(happening: Happening, log: Log): void {
  if (happening.kind === "gap_opened") {
    for (const ids of wordings(happening)) log.info(`Adding event id ${ids} to backlog.`);
  } else if (happening.kind === "gap_given_up") {
    for (const ids of wordings(happening)) log.warn(`Timeout elapsed on backlog event id ${ids}.`);
    const { first, last } = happening;
    if (first === last) log.info(`Event ${first} never happened - ignoring.`);
    else log.info(`Events ${first}-${last} never happened - ignoring.`);
  } else if (happening.kind === "late_done") {
    const { plugin } = happening;
    for (const id of happening.eventIds) {
      log.named(`plugin.${plugin}`).info(`Processed id ${id} from backlog.`, { plugin, event_id: id });
    }
  }
}

/** `7`, `8` …; or `7-1000006`. */
function wordings({ first, last }: { first: number; last: number }): (number | string)[] {
  const count = last - first + 1;
  return count > MOST_SINGLE_LINES
    ? [`${first}-${last}`]
    : Array.from({ length: count }, (_, index) => first + index);
}
