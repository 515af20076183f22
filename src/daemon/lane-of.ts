/** Which lane of the journal is a plugin file's. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { LaneRecord } from "../journal/journal.ts";
import type { PluginFile } from "./host.ts";

/**
 * The lane of this path; or, the file having moved, one with the same file name whose own file is gone: the same folder name
 * first, then the one that came furthest.
 * @param taken whether the file of that path is another plugin
 */
export function laneOf(
  file: PluginFile,
  records: readonly LaneRecord[],
  taken: (path: string) => boolean,
): LaneRecord | undefined {
  const same = records.find(({ path }) => path === file.path);
  if (same) return same;
  const orphans = records.filter(
    ({ path }) => basename(path) === basename(file.path) && !taken(path) && !existsSync(path),
  );
  const folder = basename(dirname(file.path));
  const likeness = ({ path, cursor }: LaneRecord) =>
    [basename(dirname(path)) === folder ? 1 : 0, cursor.seq] as const;
  return orphans.toSorted((a, b) => {
    const [sameA, seqA] = likeness(a);
    const [sameB, seqB] = likeness(b);
    return sameB - sameA || seqB - seqA;
  })[0];
}

/** For a plugin that never had a lane; several daemons that find it at the same time give it the same. */
export function newLaneId({ name, path }: PluginFile, records: readonly Pick<LaneRecord, "id">[]): string {
  const plain = name.replace(/[^\w-]/g, "_").slice(0, 40);
  const id = `${plain}-${createHash("sha256").update(path).digest("hex").slice(0, 8)}`;
  // a plugin that moved away from there kept it
  return records.some((record) => record.id === id) ? `${plain}-${randomBytes(4).toString("hex")}` : id;
}
