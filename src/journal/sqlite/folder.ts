/** What lies in a state folder, and making sure that it is there and can be written. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CallsheetError } from "../../errors.ts";
import { translated } from "./trouble.ts";

export interface StateFolder {
  /** Absolute. */
  path: string;
  /** The journal and the reader's state; written with one fsync a page. */
  journal: string;
  /** Lanes, hand-overs and outcomes. */
  lanes: string;
  /** Folder with one slot per lane. */
  slots: string;
  /** Held by the one writer. Always empty. */
  lock: string;
  /** JSON: who holds the lock, or held it last. Its presence says that a journal was once made here. */
  owner: string;
}

export function stateFolder(path: string): StateFolder {
  const root = resolve(path);
  return {
    path: root,
    journal: join(root, "journal.sqlite"),
    lanes: join(root, "lanes.sqlite"),
    slots: join(root, "lanes"),
    lock: join(root, "lock"),
    owner: join(root, "lock.owner"),
  };
}

export function slotFile(folder: StateFolder, laneId: string): string {
  return join(folder.slots, `${encodeURIComponent(laneId)}.slot`);
}

/** Ids of the lanes that have a slot. */
export function slotIds(folder: StateFolder): string[] {
  if (!existsSync(folder.slots)) return [];
  return readdirSync(folder.slots)
    .filter((name) => name.endsWith(".slot"))
    .map((name) => decoded(name.slice(0, -".slot".length)))
    .filter((id) => id !== null);
}

/** null for a name that is not one of ours. */
function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name);
  } catch {
    return null;
  }
}

/** @throws STATE_UNUSABLE when no daemon has used the folder yet */
export function requireState(folder: StateFolder): void {
  if (existsSync(folder.journal) && existsSync(folder.lanes)) return;
  throw new CallsheetError("STATE_UNUSABLE", `There is no state in ${folder.path}.`, {
    hint: "No daemon has used this folder yet; name another one with --state, or its configuration with --config.",
  });
}

/** Creates the folder, readable by its owner only, when it is missing. @throws STATE_UNUSABLE, STATE_FULL */
export function prepareFolder(folder: StateFolder): void {
  try {
    // what lies above may be a folder for everybody's files
    mkdirSync(dirname(folder.path), { recursive: true });
    mkdirSync(folder.path, { recursive: true, mode: 0o700 });
    if (!statSync(folder.path).isDirectory()) throw notAFolder(folder.path);
    accessSync(folder.path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST" || code === "ENOTDIR") throw notAFolder(folder.path, error);
    throw translated(error, folder.path);
  }
}

function notAFolder(path: string, cause?: unknown): CallsheetError {
  return new CallsheetError("STATE_UNUSABLE", `The state folder ${path} is not a folder.`, {
    hint: "Move the file of that name away, or name another folder as `state`.",
    cause,
  });
}
