/**
 * The ids that daemons of one folder had in the cluster, kept in it: whoever has the folder's lock knows that those before have ended,
 * however they did, and need not wait for the name that they had.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** Daemons that did not come so far as to have a name leave their ids too. */
const MOST = 50;

export interface Runs {
  /** Of daemons that were here before, and are not any more. */
  readonly before: readonly string[];
  /** Before a name is taken by this id. */
  begin(id: string): void;
  /** It has the name. */
  joined(id: string): void;
}

/** For members that keep nothing. */
export const NO_RUNS: Runs = { before: [], begin() {}, joined() {} };

export function openRuns(file: string): Runs {
  const before = readIds(file);
  return {
    before,
    begin: (id) => writeIds(file, [...before, id].slice(-MOST)),
    joined: (id) => writeIds(file, [id]),
  };
}

/** None where there is no such file, or it cannot be read: then the name is waited for. */
function readIds(file: string): string[] {
  try {
    const ids: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

/** The old ones or the new ones are there, whatever happens. */
function writeIds(file: string, ids: readonly string[]): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, `${JSON.stringify(ids)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}
