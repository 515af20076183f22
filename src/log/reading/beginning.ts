/** Where to begin reading so that the last lines come out: found from the end, so that a large log costs no more than a small one. */
import { type FileHandle, open } from "node:fs/promises";
import { isWanted, recordIn, type Wanted } from "./entries.ts";

/** A place in a list of files. */
export interface LogPosition {
  path: string;
  /** Bytes. */
  offset: number;
}

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * The beginning of the n-th wanted record from the end, or of the first one there is; null without files.
 * @param paths oldest first
 */
export async function beginningOf(
  paths: readonly string[],
  wanted: Wanted,
  lines: number,
): Promise<LogPosition | null> {
  let found: LogPosition | null = null;
  let left = lines;
  for (const path of paths.toReversed()) {
    // a file that went away meanwhile is as good as none
    const file = await open(path).catch(() => null);
    if (!file) continue;
    try {
      const { size } = await file.stat();
      found ??= { path, offset: size };
      if (left <= 0) return found;
      for await (const { text, offset } of linesBackwards(file, size)) {
        const record = recordIn(text);
        if (!record) continue;
        if (Date.parse(record.time) < wanted.since) return found;
        if (!isWanted(record, wanted)) continue;
        found = { path, offset };
        left -= 1;
        if (left === 0) return found;
      }
    } finally {
      await file.close();
    }
  }
  return found;
}

async function* linesBackwards(
  file: FileHandle,
  size: number,
): AsyncGenerator<{ text: string; offset: number }> {
  let end = size;
  let tail: Buffer = Buffer.alloc(0);
  while (end > 0) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const block = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(block, 0, block.length, start);
    let text: Buffer = Buffer.concat([block.subarray(0, bytesRead), tail]);
    for (;;) {
      // the newline that ends the line is not the one that begins it
      const at = text.length < 2 ? -1 : text.lastIndexOf(NEWLINE, text.length - 2);
      if (at === -1) break;
      yield { text: lineOf(text.subarray(at + 1)), offset: start + at + 1 };
      text = text.subarray(0, at + 1);
    }
    tail = text;
    end = start;
  }
  if (tail.length > 0) yield { text: lineOf(tail), offset: 0 };
}

function lineOf(bytes: Buffer): string {
  return bytes.toString("utf8").replace(/\r?\n$/, "");
}
