/** Questions to a database that may be away: the daemon waits for it, people do not. */
import { CallsheetError } from "../../errors.ts";
import { pause } from "../pause.ts";

const LOOK_EVERY_MS = 200;

/**
 * @param awaySince since when the database has not answered; null while it does
 * @param ask gets a signal that aborts once nobody waits for the answer any more
 * @throws CallsheetError STATE_UNUSABLE when it is away, or goes away before it has answered
 */
export async function whileAnswering<T>(
  awaySince: () => string | null,
  ask: (over: AbortSignal) => Promise<T>,
): Promise<T> {
  refuseAway(awaySince());
  const over = new AbortController();
  const gone = async (): Promise<never> => {
    while (await pause(LOOK_EVERY_MS, over.signal)) refuseAway(awaySince());
    return new Promise(() => {});
  };
  try {
    return await Promise.race([ask(over.signal), gone()]);
  } finally {
    over.abort();
  }
}

function refuseAway(since: string | null): void {
  if (since === null) return;
  throw new CallsheetError(
    "STATE_UNUSABLE",
    `The database of the cluster has not answered since ${since}, and what is asked for is kept there.`,
    { hint: "callsheet status goes on telling how things stand, as far as they are known." },
  );
}
