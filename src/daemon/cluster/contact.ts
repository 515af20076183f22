/** Says in the log when the database of the cluster does not answer, and when it does again: its plugins pause meanwhile. */
import type { Cluster } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import { pause } from "../pause.ts";

const LOOK_EVERY_MS = 1000;

/** Until the signal aborts. An absence that is over by the next look is no news. */
export async function tellOfDatabase(
  cluster: Pick<Cluster, "awaySince" | "where" | "leaseMs">,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let before: string | null = null;
  let told: string | null = null;
  while (await pause(LOOK_EVERY_MS, signal)) {
    const { awaySince, where, leaseMs } = cluster;
    if (awaySince !== null && awaySince === before && told === null) {
      told = awaySince;
      log.error(
        `the database at ${where} has not answered since ${awaySince}: plugins pause when their lease of ${leaseMs / 1000} s has run out, and go on when it answers`,
        { code: "STATE_UNUSABLE" },
      );
    }
    if (awaySince === null && told !== null) {
      log.info(`the database at ${where} answers again; it had not since ${told}`);
      told = null;
    }
    before = awaySince;
  }
}
