/** What an operator did: it goes into the log, is told as a happening, and is kept in the state. */
import type { CommandAnswer, DeedRecord, Journal, OperatorAction, OperatorNote } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import type { Happenings } from "./happenings.ts";

/** Who asks, and why. `why` may be empty where nothing hangs on it. */
export interface Who {
  by: string;
  why: string;
  /** Where it was given on another host of the cluster: the answer, to be stored with what is done. */
  answer?: (result: unknown) => CommandAnswer;
  /** To be called before anything is changed. @throws what it is to be refused with, nobody waiting for it any more */
  begin?: () => void;
}

export interface Deed {
  action: string;
  /** Name of the plugin. */
  plugin: string;
  /** For people; may be empty. */
  detail: string;
}

export interface DeedParts {
  journal: Pick<Journal, "recordAction">;
  log: Log;
  happenings: Happenings;
}

/** What no step of a lane has written down. */
export async function tellDeed(parts: DeedParts, deed: Deed, who: Who): Promise<void> {
  sayDeed(parts, deed, who);
  await parts.journal.recordAction(actionOf(deed, who));
}

/** What is written down: `recordOf`. */
export function sayDeed(
  { log, happenings }: Pick<DeedParts, "log" | "happenings">,
  deed: Deed,
  { by, why }: Who,
): void {
  const { action, plugin, detail } = deed;
  const reason = why ? `: ${why}` : "";
  log.info(`${by}: ${action} ${plugin}${detail ? ` (${detail})` : ""}${reason}`, { plugin, action, by, why });
  happenings.tell({ kind: "operated", ...deed, by, why });
}

/** For the step that does it. @param result what is answered to whoever gave it on another host */
export function recordOf(deed: Deed, who: Who, result: unknown = null): DeedRecord {
  return { action: actionOf(deed, who), answer: who.answer?.(result) };
}

function actionOf(deed: Deed, who: Who): OperatorAction {
  return { ...deed, ...noteOf(who) };
}

export function noteOf({ by, why }: Who): OperatorNote {
  return { by, why, at: new Date().toISOString() };
}
