/** Reading rows out of the bytes of a SQLite table page, without SQLite (sqlite.org/fileformat2.html, sections 1.5, 1.6, 2). */

export type Value = number | string | Buffer | null;

export interface Row {
  rowid: number;
  /** As stored: an INTEGER PRIMARY KEY column is null here, its value is `rowid`. */
  columns: Value[];
}

const LEAF_HEADER = 8;
const FILE_HEADER = 100;
/** More than any of our tables has. */
const MOST_COLUMNS = 32;

/** A page by its number, or null when there is none. */
export type PageSource = (number: number) => Buffer | null;

/** Every row that can be made out in the page, whatever kind it says it is; some may be rubble. */
export function* rowsOf(page: Buffer, pageNumber: number, overflow: PageSource): Generator<Row> {
  const header = pageNumber === 1 ? FILE_HEADER : 0;
  const pointers = header + LEAF_HEADER;
  const most = Math.floor((page.length - pointers) / 2);
  const count = Math.min(page.readUInt16BE(header + 3), most);
  for (let index = 0; index < count; index += 1) {
    const at = page.readUInt16BE(pointers + index * 2);
    const row = at >= pointers && readCell(page, at, overflow);
    if (row) yield row;
  }
}

function readCell(page: Buffer, at: number, overflow: PageSource): Row | null {
  const size = varint(page, at);
  const rowid = size && varint(page, size.end);
  if (!size || !rowid) return null;
  const local = localSize(size.value, page.length);
  const types = rowid.end + local <= page.length ? recordTypes(page.subarray(rowid.end), size.value) : null;
  const payload = types && readPayload(page, rowid.end, size.value, local, overflow);
  return payload && { rowid: rowid.value, columns: readColumns(payload, types) };
}

/** How much of a payload stands in the page itself. */
function localSize(size: number, usable: number): number {
  const most = usable - 35;
  if (size <= most) return size;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((size - least) % (usable - 4));
  return fitting <= most ? fitting : least;
}

/** The types of a record's columns, or null when they do not add up to its size: then it is not a record. */
function recordTypes(record: Buffer, size: number): number[] | null {
  const header = varint(record, 0);
  if (!header || header.value > size) return null;
  const types: number[] = [];
  let total = header.value;
  for (let at = header.end; at < header.value; ) {
    const type = varint(record, at);
    if (!type || types.length === MOST_COLUMNS) return null;
    types.push(type.value);
    total += lengthOf(type.value);
    at = type.end;
  }
  return total === size ? types : null;
}

/** What is in the page, then a chain of overflow pages. */
function readPayload(
  page: Buffer,
  at: number,
  size: number,
  local: number,
  overflow: PageSource,
): Buffer | null {
  const parts = [page.subarray(at, at + local)];
  let left = size - local;
  if (left > 0 && at + local + 4 > page.length) return null;
  let next = left > 0 ? page.readUInt32BE(at + local) : 0;
  while (left > 0) {
    const more = overflow(next);
    if (!more) return null;
    const part = more.subarray(4, 4 + left);
    parts.push(part);
    left -= part.length;
    next = more.readUInt32BE(0);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

function readColumns(payload: Buffer, types: readonly number[]): Value[] {
  let at = payload.length - types.reduce((sum, type) => sum + lengthOf(type), 0);
  return types.map((type) => {
    const from = at;
    at += lengthOf(type);
    return decode(type, payload, from);
  });
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

/** A big-endian number of up to 8 bytes, seven bits each; null when it is cut off, or longer than any of ours. */
function varint(bytes: Buffer, at: number): { value: number; end: number } | null {
  let value = 0;
  for (let index = at; index < Math.min(at + 8, bytes.length); index += 1) {
    const byte = bytes[index]!;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: index + 1 };
  }
  return null;
}

/** Whether all of them are whole numbers. */
export function whole(...values: readonly (Value | undefined)[]): boolean {
  return values.every((value) => Number.isSafeInteger(value));
}
