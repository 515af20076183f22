/**
 * The files of the slots. Behind the two records of `slot.ts` stands whose slot it is, as a checksum and a line of JSON: for people, and for a
 * repair that has lost the table of lanes.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { crc32 } from "node:zlib";
import type { Inherited } from "../journal.ts";
import { SLOT_BYTES } from "../slot.ts";
import type { Lane } from "./lane-rows.ts";
import { translated } from "./trouble.ts";

const CHECKSUM_DIGITS = 8;

/** Whose slot it is, and what its row said when this was written. */
export interface SlotOwner {
  id: string;
  path: string;
  name: string;
  startSeq: number;
  cursor: number;
  epoch: number;
  slotCounter: number;
  callbacks: readonly string[];
  /** Absent when there is nothing. */
  inherited?: readonly Inherited[];
  /** A row of a lower version than this is older than it should be. */
  version: number;
}

/** A slot that was never written, in place of whatever is there. */
export function freshSlot(file: string, lane: Lane): void {
  const draft = `${file}.new`;
  try {
    // on the disk before it gets its name: a slot cut short by a power loss would count as damage
    writeFileSync(draft, Buffer.concat([Buffer.alloc(SLOT_BYTES), describe(lane)]), {
      mode: 0o600,
      flush: true,
    });
    renameSync(draft, file);
  } catch (error) {
    throw translated(error, file);
  }
}

/** Writes anew whose slot it is, and leaves the records alone: a host may be writing them. */
export function describeSlot(file: string, lane: Lane): void {
  try {
    const fd = openSync(file, "r+");
    try {
      const text = describe(lane);
      writeSync(fd, text, 0, text.length, SLOT_BYTES);
      ftruncateSync(fd, SLOT_BYTES + text.length);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw translated(error, file);
  }
}

/** null when it does not say, or not what was written. */
export function slotOwner(file: string): SlotOwner | null {
  if (!existsSync(file)) return null;
  const line = readFileSync(file)
    .toString("utf8", SLOT_BYTES + 1)
    .split("\n", 1)[0]!;
  const sum = line.slice(0, CHECKSUM_DIGITS);
  const text = line.slice(CHECKSUM_DIGITS + 1);
  return sum === checksumOf(text) ? (JSON.parse(text) as SlotOwner) : null;
}

function describe(lane: Lane): Buffer {
  const { id, path, name, startSeq, cursor, epoch, slotCounter, callbacks, inherited, version } = lane;
  const owner: SlotOwner = {
    id,
    path,
    name,
    startSeq,
    cursor,
    epoch,
    slotCounter,
    callbacks,
    ...(inherited.length > 0 ? { inherited } : {}),
    version,
  };
  const text = JSON.stringify(owner);
  return Buffer.from(`\n${checksumOf(text)} ${text}\n`);
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_DIGITS, "0");
}
