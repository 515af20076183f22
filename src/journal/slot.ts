/**
 * A slot: the small file in which a host keeps the progress of its lane. The host writes it with one positional write
 * after each finished callback, which the operating system keeps even if the process is killed a moment later; the
 * journal reads it when the lane is opened. This file is loaded in plugin threads: nothing but `node:fs` here.
 *
 * Layout: two records of 32 bytes, written in turn, so that a torn write leaves the one before it.
 *   0  u32  magic and version
 *   4  u32  epoch of the lane's lease
 *   8  f64  write counter; the higher valid record counts
 *   16 f64  seq
 *   24 u16  n: of the plugin's callbacks, in the order of registration, the first n are done with `seq`
 *   26 u8   1 = `seq` has begun and is not done; 0 = done
 *   27 u8   0
 *   28 u32  checksum of bytes 0-27 (FNV-1a)
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";

export const SLOT_RECORD_BYTES = 32;
export const SLOT_BYTES = 2 * SLOT_RECORD_BYTES;
const MAGIC = 0x43535332; // "CSS2"

export interface SlotRecord {
  epoch: number;
  counter: number;
  seq: number;
  finishedCallbacks: number;
  /** True while `seq` is begun and not done with. */
  begun: boolean;
}

/** Writes progress. One per host; not shared. */
export class SlotWriter {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(SLOT_RECORD_BYTES);
  #counter: number;

  /** Continues after whatever the file holds. @throws the file system's error when it cannot be opened */
  constructor(file: string, epoch: number) {
    this.#counter = readSlot(file).record?.counter ?? 0;
    this.#fd = openSync(file, "r+");
    this.#buffer.writeUInt32LE(MAGIC, 0);
    this.#buffer.writeUInt32LE(epoch, 4);
  }

  /** `seq` has begun, and `finishedCallbacks` of its callbacks are done. Says too that everything before it is done. */
  begun(seq: number, finishedCallbacks: number): void {
    this.#write(seq, finishedCallbacks, 1);
  }

  /** `seq` is done with. */
  done(seq: number): void {
    this.#write(seq, 0, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(seq: number, finishedCallbacks: number, begun: 0 | 1): void {
    const buffer = this.#buffer;
    this.#counter += 1;
    buffer.writeDoubleLE(this.#counter, 8);
    buffer.writeDoubleLE(seq, 16);
    buffer.writeUInt16LE(finishedCallbacks, 24);
    buffer[26] = begun;
    buffer.writeUInt32LE(checksum(buffer), 28);
    writeSync(this.#fd, buffer, 0, SLOT_RECORD_BYTES, (this.#counter % 2) * SLOT_RECORD_BYTES);
  }
}

/**
 * The newest valid record, or null when there is none. `damaged` counts records that are neither valid nor blank.
 * A missing or empty file is a slot that was never written.
 */
export function readSlot(file: string): { record: SlotRecord | null; damaged: number } {
  const bytes = readWhole(file);
  let record: SlotRecord | null = null;
  let damaged = 0;
  for (let at = 0; at < bytes.length; at += SLOT_RECORD_BYTES) {
    const part = bytes.subarray(at, at + SLOT_RECORD_BYTES);
    if (part.every((byte) => byte === 0)) continue;
    const found = parseRecord(part);
    if (!found) damaged += 1;
    else if (!record || found.counter > record.counter) record = found;
  }
  return { record, damaged };
}

function parseRecord(part: Buffer): SlotRecord | null {
  if (part.length < SLOT_RECORD_BYTES || part.readUInt32LE(0) !== MAGIC) return null;
  if (part.readUInt32LE(28) !== checksum(part)) return null;
  return {
    epoch: part.readUInt32LE(4),
    counter: part.readDoubleLE(8),
    seq: part.readDoubleLE(16),
    finishedCallbacks: part.readUInt16LE(24),
    begun: part[26] === 1,
  };
}

function readWhole(file: string): Buffer {
  const buffer = Buffer.alloc(SLOT_BYTES);
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
  try {
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(fd);
  }
}

function checksum(buffer: Buffer): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < 28; i += 1) hash = Math.imul(hash ^ buffer[i]!, 0x01000193);
  return hash >>> 0;
}
