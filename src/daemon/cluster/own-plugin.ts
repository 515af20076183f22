/** A command for a plugin that runs on this host: refused while the database is away, and never waited for without an end. */
import { CallsheetError } from "../../errors.ts";
import type { Cluster } from "../../journal/journal.ts";
import type { LaneStatus } from "../lane-status.ts";
import { pause } from "../pause.ts";
import { unanswered, unreachable } from "./unanswered.ts";

export interface OwnParts {
  cluster: Pick<Cluster, "awaySince" | "readOnlySince">;
  lane: Pick<LaneStatus, "name">;
  /** What is to be done, for people. */
  action: string;
  /** How long a database that goes away in the middle of it is waited for, ms. Default: ten seconds. */
  patienceMs?: number;
}

const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 200;

/**
 * @param work calls `begin` before it changes anything; that throws once nobody waits for it any more
 * @throws CallsheetError as `work` does; STATE_UNUSABLE when the database is away and nothing was begun, nor will be;
 * COMMAND_UNANSWERED when it went away while that was being stored, so that it is not known whether it is done
 */
export async function doOwn<T>(parts: OwnParts, work: (begin: () => void) => Promise<T>): Promise<T> {
  const { cluster, lane, action, patienceMs = PATIENCE_MS } = parts;
  const first = unreachable(cluster);
  if (first) throw refused(parts, first);
  let takenBack: CallsheetError | null = null;
  let begun = false;
  const begin = () => {
    if (takenBack) throw takenBack;
    begun = true;
  };
  const over = new AbortController();
  const watch = async (): Promise<never> => {
    let thereAt = performance.now();
    while (await pause(LOOK_EVERY_MS, over.signal)) {
      const why = unreachable(cluster);
      if (!why) thereAt = performance.now();
      else if (!begun) {
        takenBack = refused(parts, why);
        throw takenBack;
      } else if (performance.now() - thereAt >= patienceMs) {
        const storing = `while the ${action} of ${lane.name} was stored`;
        throw unanswered(lane, `The database of the cluster ${why.what}, ${storing}`);
      }
    }
    return new Promise(() => {});
  };
  try {
    return await Promise.race([work(begin), watch()]);
  } finally {
    over.abort();
  }
}

function refused(
  { lane, action }: OwnParts,
  { what, until }: NonNullable<ReturnType<typeof unreachable>>,
): CallsheetError {
  return new CallsheetError(
    "STATE_UNUSABLE",
    `The database of the cluster ${what}, so the ${action} of ${lane.name} is not possible; nothing was done.`,
    { hint: `Give it again when the database ${until} again.` },
  );
}
