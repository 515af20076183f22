/** Says in the log when the database of the cluster does not answer or takes nothing, and when it does again: its plugins pause meanwhile. */
import type { Cluster } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import { pause } from "../pause.ts";

const LOOK_EVERY_MS = 1000;

type Known = Pick<Cluster, "awaySince" | "readOnlySince" | "where" | "leaseMs">;

/** Until the signal aborts. What is over by the next look is no news. */
export async function tellOfDatabase(cluster: Known, log: Log, signal: AbortSignal): Promise<void> {
  const { where, leaseMs } = cluster;
  const pausing = `plugins pause when their lease of ${leaseMs / 1000} s has run out, and go on`;
  const code = { code: "STATE_UNUSABLE" };
  const looks = [
    lookAt(
      () => cluster.awaySince,
      (since) =>
        log.error(
          `the database at ${where} has not answered since ${since}: ${pausing} when it answers`,
          code,
        ),
      (since) => log.info(`the database at ${where} answers again; it had not since ${since}`),
    ),
    lookAt(
      () => cluster.readOnlySince,
      (since) =>
        log.error(
          `the database at ${where} takes nothing since ${since}: it is a standby that was not promoted, or default_transaction_read_only is on; ${pausing} when it takes something again`,
          code,
        ),
      (since) => log.info(`the database at ${where} takes what it is given again; it had not since ${since}`),
    ),
  ];
  while (await pause(LOOK_EVERY_MS, signal)) for (const look of looks) look();
}

/** A look at since when something is so, which tells of it once, and of its end. */
function lookAt(
  now: () => string | null,
  begins: (since: string) => void,
  ends: (since: string) => void,
): () => void {
  let before: string | null = null;
  let told: string | null = null;
  return () => {
    const since = now();
    if (since !== null && since === before && told === null) {
      told = since;
      begins(since);
    }
    if (since === null && told !== null) {
      ends(told);
      told = null;
    }
    before = since;
  };
}
