/** The frames of a SQLite write-ahead log (sqlite.org/fileformat2.html, section 4). */
import { existsSync, readFileSync } from "node:fs";

export interface Frame {
  pageNumber: number;
  page: Buffer;
}

export interface WalFrames {
  /** Frames of whole transactions, oldest first, as SQLite itself would take them. */
  committed: Frame[];
  /** What comes after: an older round, a transaction that was not finished, or what follows damage. */
  rest: Frame[];
  /** Transactions that come after the first thing that is damaged, and which SQLite would therefore leave out. */
  cutOff: number;
}

const HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC = 0x377f0682;

/** @param pageSize of the database; a log of another size is taken for damaged */
export function readWal(file: string, pageSize: number): WalFrames {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const frames: Frame[] = [];
  let committed = 0;
  let cutOff = 0;
  const bigEndian = bytes.length >= HEADER && (bytes[3]! & 1) === 1;
  const header = bytes.length >= HEADER ? headerChecksum(bytes, pageSize, bigEndian) : null;
  // frames of one round carry the salts of the header; of a damaged header, those of the first frame
  const salts = header ? 16 : HEADER + 8;
  let running = header;
  for (let at = HEADER; at + FRAME_HEADER + pageSize <= bytes.length; at += FRAME_HEADER + pageSize) {
    const start = at + FRAME_HEADER;
    frames.push({ pageNumber: bytes.readUInt32BE(at), page: bytes.subarray(start, start + pageSize) });
    const salted = bytes.compare(bytes, salts, salts + 8, at + 8, at + 16) === 0;
    const commits = bytes.readUInt32BE(at + 4) !== 0;
    if (running) {
      running = checksum(bytes, at, at + 8, bigEndian, running);
      running = checksum(bytes, start, start + pageSize, bigEndian, running);
      const summed = running[0] === bytes.readUInt32BE(at + 16) && running[1] === bytes.readUInt32BE(at + 20);
      if (!salted || !summed) running = null;
    }
    if (running && commits) committed = frames.length;
    if (!running && salted && commits) cutOff += 1;
  }
  return { committed: frames.slice(0, committed), rest: frames.slice(committed), cutOff };
}

/** null when the header is damaged, or of a log for other pages. */
function headerChecksum(bytes: Buffer, pageSize: number, bigEndian: boolean): [number, number] | null {
  const sum = checksum(bytes, 0, 24, bigEndian, [0, 0]);
  const sound = sum[0] === bytes.readUInt32BE(24) && sum[1] === bytes.readUInt32BE(28);
  const known = (bytes.readUInt32BE(0) & ~1) >>> 0 === MAGIC && bytes.readUInt32BE(8) === pageSize;
  return sound && known ? sum : null;
}

/** The log's own running checksum over pairs of 32-bit words. */
function checksum(
  bytes: Buffer,
  from: number,
  to: number,
  bigEndian: boolean,
  [first, second]: readonly [number, number],
): [number, number] {
  let a = first;
  let b = second;
  for (let at = from; at < to; at += 8) {
    a = (a + b + (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at))) >>> 0;
    b = (b + a + (bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4))) >>> 0;
  }
  return [a, b];
}
