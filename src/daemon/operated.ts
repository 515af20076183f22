/** What an operator did: it goes into the log, is told as a happening, and is kept in the state. */
import type { CommandAnswer, Journal, OperatorNote } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import type { Happenings } from "./happenings.ts";

/** Who asks, and why. `why` may be empty where nothing hangs on it. */
export interface Who {
  by: string;
  why: string;
  /** Where it was given on another host of the cluster: the answer, to be stored with what is done. */
  answer?: (result: unknown) => CommandAnswer;
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

export async function tellDeed(
  { journal, log, happenings }: DeedParts,
  deed: Deed,
  { by, why }: Who,
): Promise<void> {
  const { action, plugin, detail } = deed;
  const reason = why ? `: ${why}` : "";
  log.info(`${by}: ${action} ${plugin}${detail ? ` (${detail})` : ""}${reason}`, { plugin, action, by, why });
  happenings.tell({ kind: "operated", ...deed, by, why });
  await journal.recordAction({ ...deed, ...noteOf({ by, why }) });
}

export function noteOf({ by, why }: Who): OperatorNote {
  return { by, why, at: new Date().toISOString() };
}
