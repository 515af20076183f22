/** Reading the site by turns: one daemon of a cluster does, the others wait for its lease. */
import type { Cluster, Lease } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import { pause } from "../pause.ts";
import { regained } from "./lane-life.ts";
import { isFull, isLocked } from "./locked.ts";
import type { Reach } from "./reach.ts";

export interface ReadingParts {
  cluster: Cluster;
  /** Reads until the signal aborts. Rejects with STATE_LOCKED when another daemon reads. */
  read(signal: AbortSignal): Promise<void>;
  reach: Reach;
  log: Log;
}

/** A lease is given back within this time, or runs out by itself, ms. */
export const GIVE_BACK_WITHIN_MS = 2000;

/** Until the signal aborts. Rejects with what `read` rejects with while the lease is held. */
export async function readByTurns(parts: ReadingParts, signal: AbortSignal): Promise<void> {
  const { reach, log } = parts;
  for (let lease = await turn(parts, signal); lease; lease = await turn(parts, signal)) {
    log.info("this daemon reads the site's event log from now on");
    const isInVain = await readWhileOfUse(lease, parts, signal);
    if (lease.ended) {
      log.warn("another daemon of the cluster reads the site now; this one waits for its turn");
      continue;
    }
    if (isInVain) {
      log.warn("the site does not answer this host: another of the cluster is to try");
      reach.gaveBack();
    }
    await giveBack(lease);
  }
}

/** @returns whether it ended since the site answers nothing here */
async function readWhileOfUse(
  lease: Lease,
  { cluster, read, reach }: ReadingParts,
  signal: AbortSignal,
): Promise<boolean> {
  reach.began();
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  let isInVain = false;
  untilInVain(cluster, reach, end).then(
    () => {
      isInVain = !end.aborted;
      over.abort();
    },
    // whoever else looks at the leases tells of it
    () => {},
  );
  try {
    await readOn(lease, read, end);
  } catch (error) {
    if (!lease.ended) throw error;
  } finally {
    over.abort();
  }
  return isInVain;
}

/** Or until the signal aborts. */
async function untilInVain(cluster: Cluster, reach: Reach, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !reach.isInVain()) await cluster.looked(signal).catch(unlessAborted(signal));
}

/** Until the lease is another's. */
async function readOn(lease: Lease, read: ReadingParts["read"], signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !lease.ended) {
    const { held } = lease;
    if (held.aborted) await regained(lease, signal);
    else await read(AbortSignal.any([signal, held]));
  }
}

/** null when the signal aborts. */
async function turn({ cluster, reach }: ReadingParts, signal: AbortSignal): Promise<Lease | null> {
  while (!signal.aborted) {
    await cluster.looked(signal).catch(unlessAborted(signal));
    if (signal.aborted || !reach.mayTake()) continue;
    try {
      return await cluster.openReader(cluster.view!.reader);
    } catch (error) {
      if (!isLocked(error) && !isFull(error)) throw error;
    }
  }
  return null;
}

function unlessAborted(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}

/** Unless the database is away. */
export async function giveBack(lease: Lease): Promise<void> {
  const given = new AbortController();
  const release = lease.release().finally(() => given.abort());
  release.catch(() => {});
  await pause(GIVE_BACK_WITHIN_MS, given.signal);
}
