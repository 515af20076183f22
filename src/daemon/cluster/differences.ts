/** What files hosts have of a plugin, for people. Times are ISO 8601 UTC. */
import type { CopyMark, HostRecord, LaneLease } from "../../journal/journal.ts";
import { NO_FILE, otherCopy } from "./agreement.ts";

export interface HostFiles {
  host: string;
  /** Of the files' paths and contents; null: it has no such file. */
  sha256: string | null;
  /** When the youngest of them was changed; null: not known. */
  changedAt: string | null;
}

export interface LaneFiles {
  /** What it runs with, or ran with last, and the host that said so; null: nobody has said. */
  ran: HostFiles | null;
  /** Hosts that have others. */
  others: HostFiles[];
}

export function laneFiles(lane: LaneLease, hosts: readonly HostRecord[]): LaneFiles {
  const others = hosts.flatMap((host) => {
    const other = otherCopy(host, lane);
    return other && host.id !== lane.owner ? [told(host.name, other)] : [];
  });
  // of a file that is gone everywhere there is nothing to say
  if (others.length === hosts.length && others.every(({ sha256 }) => sha256 === null)) others.length = 0;
  return { ran: lane.copy && told(lane.copy.host, lane.copy), others };
}

/** `ada ran it with sha 1a2b3c, changed 2026-11-20T08:00:00.000Z; bob has …`. */
export function describeFiles({ ran, others }: LaneFiles): string {
  const words = ran ? [`${ran.host} ran it with ${described(ran)}`] : [];
  return [...words, ...others.map((other) => `${other.host} has ${described(other)}`)].join("; ");
}

export function described({ sha256, changedAt }: Omit<HostFiles, "host">): string {
  if (sha256 === null) return "no such file";
  return `sha ${sha256.slice(0, 6)}${changedAt ? `, changed ${changedAt}` : ""}`;
}

export function told(host: string, { sha256, changedAt }: CopyMark): HostFiles {
  return {
    host,
    sha256: sha256 === NO_FILE ? null : sha256,
    changedAt: changedAt > 0 ? new Date(changedAt).toISOString() : null,
  };
}
