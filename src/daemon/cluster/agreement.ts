/**
 * What hosts say of the files of a plugin that none of them has as it ran last. They go on with what they have when all of those that
 * are there have the same, and it is no older: then the files were changed while nobody ran the plugin. Otherwise they wait, since one
 * of them, or one that is away, may have what is right.
 */
import type { CopyMark, HostRecord, LaneLease } from "../../journal/journal.ts";

/** In place of a SHA-256: this host does not have the plugin's own file. As the watch of files says it. */
export const NO_FILE = "absent";

/** The copy of a host, where it is another than the lane ran with last; null: the same, or it has not said. */
export function otherCopy({ copies }: Pick<HostRecord, "copies">, lane: LaneLease): CopyMark | null {
  const own = copies[lane.id];
  return own && lane.copy && own.sha256 !== lane.copy.sha256 ? own : null;
}

export function lacksFile(host: Pick<HostRecord, "copies">, lane: LaneLease): boolean {
  return otherCopy(host, lane)?.sha256 === NO_FILE;
}

/** What they go on with, though the lane ran with something else. */
export function agreedOn(lane: LaneLease, hosts: readonly Pick<HostRecord, "copies">[]): CopyMark | null {
  const [first, ...others] = hosts
    .filter((host) => !lacksFile(host, lane))
    .map((host) => otherCopy(host, lane));
  if (!first || first.changedAt < lane.copy!.changedAt) return null;
  return others.every((other) => other?.sha256 === first.sha256) ? first : null;
}
