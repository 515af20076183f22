/** The mark of a move, as a file of the state folder. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MoveMark, movedAway } from "../../moving/mark.ts";
import type { StateFolder } from "../folder.ts";
import { corrupt, translated } from "../trouble.ts";

/** null when the state is neither moved nor on its way. @throws STATE_CORRUPT */
export function readMark(folder: StateFolder): MoveMark | null {
  const file = markFile(folder);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw translated(error, file);
  }
  try {
    return JSON.parse(text) as MoveMark;
  } catch (error) {
    throw corrupt(file, "it does not say where the state was moved", error);
  }
}

/** Durable. */
export function writeMark(folder: StateFolder, mark: MoveMark): void {
  const file = markFile(folder);
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, `${JSON.stringify(mark)}\n`, { mode: 0o600, flush: true });
    renameSync(draft, file);
    syncFolder(folder.path);
  } catch (error) {
    throw translated(error, file);
  }
}

export function removeMark(folder: StateFolder): void {
  rmSync(markFile(folder), { force: true });
  syncFolder(folder.path);
}

/** @throws STATE_MOVED */
export function refuseMoved(folder: StateFolder): void {
  const mark = readMark(folder);
  if (mark) throw movedAway(folder.path, mark);
}

/** What was renamed or removed in it is so also after a power loss. */
export function syncFolder(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function markFile(folder: StateFolder): string {
  return join(folder.path, "moved.json");
}
