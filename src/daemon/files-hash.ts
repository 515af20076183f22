/** What the files of a plugin are known by, in the log and in a cluster alike. */
import { createHash } from "node:crypto";

/** SHA-256 over the paths and hashes of all files that a plugin has loaded, hex. */
export function hashOfAll(files: readonly { path: string; sha256: string }[]): string {
  const hash = createHash("sha256");
  const byPath = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, sha256 } of byPath) hash.update(`${path}\0${sha256}\0`);
  return hash.digest("hex");
}
