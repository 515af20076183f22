import { crc32 } from "node:zlib";

/** CRC-32 of a row's columns, in the order of the table. */
export function rowChecksum(...columns: readonly (string | number | null)[]): number {
  return crc32(columns.join("\u001f"));
}

/** Of an event; apart from `rowChecksum` since it is computed for each one. @param json also as its bytes in UTF-8 */
export function eventChecksum(
  seq: number,
  generation: number,
  id: number,
  eventType: string,
  attributeName: string | null,
  json: string | Uint8Array,
  appendedAt: number,
): number {
  return crc32(json, crc32(`${seq} ${generation} ${id} ${eventType} ${attributeName} ${appendedAt}`));
}
