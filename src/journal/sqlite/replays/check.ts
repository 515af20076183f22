/** Looking for damage in the replays: nothing of them is worth a wrong answer, and none of them is worth a daemon that does not start. */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { CallsheetError } from "../../../errors.ts";
import type { ReplayOrder, ReplayState } from "../../replays.ts";
import type { Database } from "../database.ts";
import { readWal } from "../salvage/wal.ts";
import { corrupt } from "../trouble.ts";
import type { ReplayRow } from "./tables.ts";

/** Files up to this size are read through, bytes. */
const SMALL_FILE = 32 * 1024 * 1024;
const STATES: readonly ReplayState[] = ["running", "finished", "stopped", "interrupted", "failed"];
/** Bytes. */
export const REPLAYS_PAGE = 4096;
/** What belongs to a database beside its file. */
export const PARTS = ["", "-wal", "-shm"] as const;

/**
 * @param slots the folder with their progress; a replay is stored before it has a slot
 * @throws STATE_CORRUPT when a row says what cannot be, or is missing
 */
export function checkReplays(database: Database, slots: string): void {
  if (statSync(database.file).size <= SMALL_FILE) {
    const problem = database.value("PRAGMA integrity_check(1)");
    if (problem !== "ok") throw corrupt(database.file, String(problem));
  }
  const rows = database.run(() => database.prepare("SELECT * FROM replay").all()) as unknown as ReplayRow[];
  const wrong = rows.find((row) => !isReplay(row));
  if (wrong) throw corrupt(database.file, `what it says of replay ${wrong.id} cannot be`);
  checkSlots(database.file, rows, slots);
  for (const [table, column] of [
    ["outcome", "failure"],
    ["caught", "write"],
  ]) {
    const row = database.value(`SELECT number FROM ${table} WHERE NOT json_valid(${column}) LIMIT 1`);
    if (row !== undefined) throw corrupt(database.file, `row ${row} of its table ${table} cannot be read`);
  }
}

/** Changes that SQLite would leave out of its log without a word. */
export function isLogCut(file: string): boolean {
  return readWal(`${file}-wal`, REPLAYS_PAGE).cutOff > 0;
}

/** What is wrong with it, in a sentence; null when it is sound or not there. @throws STATE_TOO_NEW, STATE_UNUSABLE, STATE_FULL */
export function damageOfReplays(file: string, open: (file: string) => Database): string | null {
  if (!existsSync(file)) return null;
  try {
    open(file).close();
    return isLogCut(file) ? corrupt(`${file}-wal`, "a part of it cannot be read").message : null;
  } catch (error) {
    if (error instanceof CallsheetError && error.code === "STATE_CORRUPT") return error.message;
    throw error;
  }
}

/** To be called when it is kept elsewhere. */
export function removeReplays(file: string, slots: string): void {
  for (const part of PARTS) rmSync(file + part, { force: true });
  removeSlots(slots);
}

/** They mean nothing without their rows. @param id of one replay; default: all */
export function removeSlots(slots: string, id?: number): void {
  for (const name of existsSync(slots) ? readdirSync(slots) : []) {
    if (id === undefined || name.startsWith(`${id}-`)) rmSync(join(slots, name), { force: true });
  }
}

function checkSlots(file: string, rows: readonly ReplayRow[], slots: string): void {
  const epochs = new Map(rows.map(({ id, epoch }) => [id, epoch]));
  for (const name of existsSync(slots) ? readdirSync(slots) : []) {
    const [, id, epoch] = /^(\d+)-(\d+)\.slot$/.exec(name) ?? [];
    if (id === undefined) continue;
    // a host's slot is made before its epoch is stored
    if (Number(epoch) <= (epochs.get(Number(id)) ?? -1) + 1) continue;
    throw corrupt(
      file,
      `it does not have what replay ${id} did last, whose progress stands in ${join(slots, name)}`,
    );
  }
}

function isReplay(row: ReplayRow): boolean {
  const order = parsed(row.asked) as ReplayOrder | undefined;
  const finished = parsed(row.finished);
  return (
    isOrder(order) &&
    order.lane === row.lane &&
    STATES.includes(row.state as ReplayState) &&
    row.cursor >= order.first - 1 &&
    row.cursor <= order.last &&
    Array.isArray(parsed(row.callbacks)) &&
    Array.isArray(finished) &&
    (row.problem === null || parsed(row.problem) !== undefined)
  );
}

function isOrder(order: ReplayOrder | undefined): order is ReplayOrder {
  if (typeof order !== "object" || order === null) return false;
  const { plugin, lane, first, last, dryRun, keepGoing, operator } = order;
  return (
    [plugin, lane, operator?.by, operator?.why, operator?.at].every((text) => typeof text === "string") &&
    [first, last].every(Number.isSafeInteger) &&
    [dryRun, keepGoing].every((flag) => typeof flag === "boolean")
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
