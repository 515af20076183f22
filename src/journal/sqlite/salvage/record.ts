/** Reading rows out of the bytes of a SQLite table page, without SQLite (sqlite.org/fileformat2.html, sections 1.5, 1.6, 2). */

export type Value = number | string | Buffer | null;

export interface Row {
  rowid: number;
  /** As stored: an INTEGER PRIMARY KEY column is null here, its value is `rowid`. */
  columns: Value[];
}

const LEAF_HEADER = 8;
const FILE_HEADER = 100;

/** A page by its number, or null when there is none. */
export type PageSource = (number: number) => Buffer | null;

/** Every row that can be made out in the page, whatever kind it says it is; some may be rubble. */
export function* rowsOf(page: Buffer, pageNumber: number, overflow: PageSource): Generator<Row> {
  const header = pageNumber === 1 ? FILE_HEADER : 0;
  const most = (page.length - header - LEAF_HEADER) / 4;
  const count = Math.min(page.readUInt16BE(header + 3), most);
  for (let index = 0; index < count; index += 1) {
    const at = page.readUInt16BE(header + LEAF_HEADER + index * 2);
    const row = readCell(page, at, overflow);
    if (row) yield row;
  }
}

function readCell(page: Buffer, at: number, overflow: PageSource): Row | null {
  try {
    const size = varint(page, at);
    const rowid = varint(page, size.end);
    const payload = readPayload(page, rowid.end, size.value, overflow);
    const columns = payload && readRecord(payload);
    return columns && { rowid: rowid.value, columns };
  } catch (error) {
    // a number that points outside of the page: not a row
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The payload of a cell: what is in the page, then a chain of overflow pages. */
function readPayload(page: Buffer, at: number, size: number, overflow: PageSource): Buffer | null {
  const usable = page.length;
  const most = usable - 35;
  if (size <= most) return at + size <= usable ? page.subarray(at, at + size) : null;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((size - least) % (usable - 4));
  const local = fitting <= most ? fitting : least;
  const parts = [page.subarray(at, at + local)];
  let left = size - local;
  let next = page.readUInt32BE(at + local);
  while (left > 0) {
    const more = overflow(next);
    if (!more || parts.length * usable > size + usable) return null;
    const part = more.subarray(4, 4 + Math.min(left, usable - 4));
    parts.push(part);
    left -= part.length;
    next = more.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function readRecord(payload: Buffer): Value[] | null {
  const header = varint(payload, 0);
  const columns: Value[] = [];
  let at = header.end;
  let from = header.value;
  if (from > payload.length) return null;
  while (at < header.value) {
    const type = varint(payload, at);
    at = type.end;
    const length = lengthOf(type.value);
    if (from + length > payload.length) return null;
    columns.push(decode(type.value, payload, from));
    from += length;
  }
  return columns;
}

function lengthOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type]!;
}

function decode(type: number, bytes: Buffer, at: number): Value {
  if (type >= 12) {
    const part = bytes.subarray(at, at + lengthOf(type));
    return type % 2 === 0 ? part : part.toString("utf8");
  }
  if (type >= 1 && type <= 5) return bytes.readIntBE(at, lengthOf(type));
  if (type === 6) return Number(bytes.readBigInt64BE(at));
  if (type === 7) return bytes.readDoubleBE(at);
  return type === 8 ? 0 : type === 9 ? 1 : null;
}

/** A big-endian number of 1 to 9 bytes, seven bits each. */
function varint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0n;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes.readUInt8(at + index);
    if (index === 8) return { value: Number(BigInt.asIntN(64, (value << 8n) | BigInt(byte))), end: at + 9 };
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return { value: Number(value), end: at + index + 1 };
  }
  throw new RangeError("not reached: the ninth byte ends a number");
}

/** Whether all of them are whole numbers. */
export function whole(...values: readonly (Value | undefined)[]): boolean {
  return values.every((value) => Number.isSafeInteger(value));
}
