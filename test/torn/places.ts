/** Where a cut or a flipped bit tells most, by how a file is built (sqlite.org/fileformat2.html, walformat.html). */
import { readFileSync } from "node:fs";

/** Offsets into a file; those that tell most come first. */
export interface Places {
  cuts: number[];
  flips: number[];
}

/** Of files up to this size every byte tells something. */
const SMALL = 4096;
/** Fields of the header of a database; 60 is the version of our tables, whose last byte alone is not 0. */
const DATABASE_FIELDS = [
  63, 0, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 28, 31, 32, 36, 40, 44, 47, 48, 52, 55, 56, 59, 60, 64, 67,
  68, 72, 91, 92, 96,
];
const DATABASE_HEADER = 100;
/** Of a page: its kind, first free block, number of cells, where they begin, free bytes, first pointer. */
const PAGE_FIELDS = [0, 1, 3, 4, 5, 6, 7, 8, 9];
/** Magic, version, page size, number of the round, two salts, two checksums. */
const LOG_FIELDS = [0, 3, 4, 8, 11, 12, 15, 16, 20, 24, 28, 31];
const LOG_HEADER = 32;
/** Page number, size after a commit, two salts, two checksums, and the page itself. */
const FRAME_FIELDS = [8, 12, 3, 4, 7, 16, 20, 23, 24];
const FRAME_HEADER = 24;
/** Both copies of the index's header: version, change, whether it is made, page size, frames, pages, checksums, salts; then what is folded in. */
const INDEX_FIELDS = [16, 0, 8, 12, 14, 20, 24, 32, 36, 40, 44, 48, 60, 64, 88, 96, 100, 120];

export function placesIn(file: string): Places {
  const bytes = readFileSync(file);
  const { length } = bytes;
  const { cuts, flips } = built(file, bytes);
  const inside = (places: number[]) =>
    [...new Set(places.map(Math.floor))].filter((at) => at >= 0 && at < length);
  const all = length <= SMALL ? Array.from({ length }, (_, at) => at) : [];
  return { cuts: inside([...cuts, 0, ...all]), flips: inside([...flips, 0, ...all]) };
}

/** So many of them: the first two, and more from all over the rest. */
export function some(places: readonly number[], count: number): number[] {
  const [first, rest] = [places.slice(0, 2), places.slice(2)];
  if (count <= 2 || rest.length <= count - 2) return count <= 2 ? first : [...places];
  const step = rest.length / (count - 2);
  return [...first, ...Array.from({ length: count - 2 }, (_, index) => rest[Math.floor(index * step)]!)];
}

function built(file: string, bytes: Buffer): Places {
  if (bytes.toString("latin1", 0, 15) === "SQLite format 3") return ofDatabase(bytes);
  if (file.endsWith("-wal")) return ofLog(bytes);
  const middle = bytes.length * 0.6;
  if (file.endsWith("-shm")) return { cuts: [middle], flips: [...INDEX_FIELDS, middle] };
  return { cuts: [middle], flips: [middle] };
}

function ofDatabase(bytes: Buffer): Places {
  const size = bytes.readUInt16BE(16);
  const pages = Array.from({ length: Math.ceil(bytes.length / size) }, (_, page) => page * size);
  const middle = pages[Math.floor(pages.length * 0.6)]!;
  const header = (page: number) => (page === 0 ? DATABASE_HEADER : page);
  return {
    cuts: [
      middle,
      ...pages.flatMap((page) => [page, page - 1, page + 1, page + size / 2]),
      16,
      DATABASE_HEADER,
    ],
    flips: [
      DATABASE_FIELDS[0]!,
      header(middle) + 3,
      ...DATABASE_FIELDS,
      ...pages.flatMap((page) => [
        ...PAGE_FIELDS.map((field) => header(page) + field),
        page + size / 2,
        page + size - 1,
      ]),
    ],
  };
}

function ofLog(bytes: Buffer): Places {
  const frame = FRAME_HEADER + bytes.readUInt32BE(8);
  const count = Math.floor((bytes.length - LOG_HEADER) / frame);
  const frames = Array.from({ length: count }, (_, index) => LOG_HEADER + index * frame);
  const commits = frames.filter((at) => bytes.readUInt32BE(at + 4) !== 0);
  const last = commits.at(-1) ?? LOG_HEADER;
  const middle = commits[Math.floor(commits.length * 0.6)] ?? LOG_HEADER;
  return {
    cuts: [
      last + frame - 1,
      middle,
      LOG_HEADER,
      ...frames.flatMap((at) => [at, at + FRAME_HEADER, at + frame / 2, at + frame - 1]),
    ],
    flips: [
      middle + FRAME_FIELDS[0]!,
      last + 4,
      ...LOG_FIELDS,
      ...frames.flatMap((at) => [...FRAME_FIELDS.map((field) => at + field), at + frame / 2, at + frame - 1]),
    ],
  };
}
