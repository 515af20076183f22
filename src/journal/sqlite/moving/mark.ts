/** The mark of a move, as a file of the state folder; and the move's id, from before there is a mark. */
import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { following, type MoveMark, movedAway } from "../../moving/mark.ts";
import type { StateFolder } from "../folder.ts";
import { corrupt, translated } from "../trouble.ts";

/** null when the state is neither moved nor on its way. @throws STATE_CORRUPT */
export function readMark(folder: StateFolder): MoveMark | null {
  const file = markFile(folder);
  const text = readIfThere(file);
  try {
    return text === null ? null : (JSON.parse(text) as MoveMark);
  } catch (error) {
    throw corrupt(file, "it does not say where the state was moved", error);
  }
}

/** In place of the one that is there. Durable. @throws STATE_MOVED when it may not follow that */
export function changeMark(folder: StateFolder, mark: MoveMark): void {
  writeMark(folder, following(folder.path, readMark(folder), mark));
}

/** Durable. */
export function writeMark(folder: StateFolder, mark: MoveMark): void {
  replace(folder, markFile(folder), `${JSON.stringify(mark)}\n`);
  // the mark has it
  rmSync(idFile(folder), { force: true });
}

export function removeMark(folder: StateFolder): void {
  rmSync(markFile(folder), { force: true });
  syncFolder(folder.path);
}

/** Of the move that this folder is in, or is about to be in; of a new one when it is in none. @throws STATE_CORRUPT */
export function idOf(folder: StateFolder): string {
  return readMark(folder)?.id ?? (readIfThere(idFile(folder))?.trim() || randomUUID());
}

/** What `idOf` says until there is a mark. Durable. */
export function keepId(folder: StateFolder, id: string): void {
  replace(folder, idFile(folder), `${id}\n`);
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

function replace(folder: StateFolder, file: string, text: string): void {
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flush: true });
    renameSync(draft, file);
    syncFolder(folder.path);
  } catch (error) {
    throw translated(error, file);
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw translated(error, file);
  }
}

function markFile(folder: StateFolder): string {
  return join(folder.path, "moved.json");
}

function idFile(folder: StateFolder): string {
  return join(folder.path, "moving.id");
}
