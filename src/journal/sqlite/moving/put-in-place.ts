/** The files of a state folder give way to those of another, and are kept beside them. */
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { StateFolder } from "../folder.ts";
import { syncFolder } from "./mark.ts";

/** The files of the draft, in place of those that were moved away. Broken off, it is to be done again. */
export function putInPlace(folder: StateFolder, draft: StateFolder): void {
  const ours = namesOf(folder);
  keep(folder, ours);
  for (const name of ours) renameSync(join(draft.path, name), join(folder.path, name));
  rmSync(draft.path, { recursive: true, force: true });
  syncFolder(folder.path);
}

/** As if there had never been a state. */
export function putAside(folder: StateFolder): void {
  keep(folder, [...namesOf(folder), basename(folder.owner)]);
  syncFolder(folder.path);
}

function namesOf({ journal, lanes, slots }: StateFolder): string[] {
  return [journal, lanes, slots].map((path) => basename(path));
}

/** With the logs of the databases. */
function keep(folder: StateFolder, names: readonly string[]): void {
  const old = readdirSync(folder.path).filter((name) =>
    names.some((own) => name === own || name.startsWith(`${own}-`)),
  );
  if (old.length === 0) return;
  const kept = join(folder.path, `left-${new Date().toISOString().replace(/[:.]/g, "-")}`);
  mkdirSync(kept, { mode: 0o700 });
  for (const name of old) renameSync(join(folder.path, name), join(kept, name));
}
