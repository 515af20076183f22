/** What a lane does by its lease, where it has one. */
import type { LaneJournal, Lease } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import { machineMs } from "../../machine-clock.ts";
import { whileDiskIsFull } from "../disk-full.ts";
import type { HostStart } from "../host.ts";
import { untilAborted } from "../pause.ts";
import { fenced } from "./fence.ts";

/** Where a host of this lane keeps how far it is, and how it reaches the site. @param signal nobody waits for a full disk after it */
export function lifeOf(
  lane: Pick<LaneJournal, "slot" | "commit" | "lease">,
  { log, signal }: { log: Log; signal: AbortSignal },
): Pick<HostStart, "slot" | "step" | "throughSite"> {
  const { slot, lease } = lane;
  return {
    slot,
    step: async (step) => {
      await whileDiskIsFull(() => lane.commit(step), log, signal);
      return lease && machineMs() + lease.sureUntil - performance.now();
    },
    ...(lease && { throughSite: (site) => fenced(site, lease) }),
  };
}

/** Resolves when the lease is held again, or the signal aborts. @throws STATE_LOCKED when it is another's */
export async function regained(lease: Pick<Lease, "sure">, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([lease.sure(), untilAborted(signal, over.signal)]);
  } finally {
    over.abort();
  }
}
