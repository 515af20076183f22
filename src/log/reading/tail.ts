/**
 * Reads on in a log as it grows, from file to file. A file that was set aside under another name is known by its number in the file
 * system, and read to its end before the next one is begun.
 */
import { statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { LogPosition } from "./beginning.ts";

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
/** A listing may fall into the middle of a rotation; a file that is missing so often in a row is gone. */
const GONE_AFTER = 5;

interface Held {
  file: FileHandle;
  id: string;
  /** Where the next byte is. */
  offset: number;
  /** A line that is not whole yet. */
  rest: Buffer;
}

export class LogTail {
  readonly #list: () => string[];
  #held: Held | null = null;
  #begin: LogPosition | null;
  #missing = 0;

  /**
   * @param list the log's files, oldest first
   * @param begin null: with the first file that there will be
   */
  constructor(list: () => string[], begin: LogPosition | null) {
    this.#list = list;
    this.#begin = begin;
  }

  /** The whole lines that there are by now, and were not given before. */
  async *read(): AsyncGenerator<string> {
    this.#held ??= await this.#first();
    while (this.#held) {
      yield* linesOf(this.#held);
      const next = this.#next();
      if (next === null) return;
      // what was written until it was set aside
      yield* linesOf(this.#held);
      const fresh = await hold(next, 0);
      // gone already: looked for again the next time
      if (!fresh) return;
      if (this.#held.rest.length > 0) yield textOf(this.#held.rest);
      await this.#held.file.close();
      this.#held = fresh;
    }
  }

  /** A last line without its end. */
  rest(): string {
    const text = this.#held ? textOf(this.#held.rest) : "";
    if (this.#held) this.#held.rest = Buffer.alloc(0);
    return text;
  }

  async close(): Promise<void> {
    await this.#held?.file.close();
    this.#held = null;
  }

  async #first(): Promise<Held | null> {
    const begun = this.#begin && (await hold(this.#begin.path, this.#begin.offset));
    if (begun) return begun;
    const [path] = this.#list();
    return path === undefined ? null : hold(path, 0);
  }

  /** The file after the one in hand, or null. */
  #next(): string | null {
    const paths = this.#list();
    const at = paths.findIndex((path) => idOf(path) === this.#held!.id);
    this.#missing = at === -1 ? this.#missing + 1 : 0;
    if (at !== -1) return paths[at + 1] ?? null;
    return this.#missing < GONE_AFTER ? null : (paths.at(-1) ?? null);
  }
}

async function hold(path: string, offset: number): Promise<Held | null> {
  const file = await open(path).catch(() => null);
  if (!file) return null;
  const { dev, ino } = await file.stat({ bigint: true });
  return { file, id: `${dev}:${ino}`, offset, rest: Buffer.alloc(0) };
}

function idOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.dev}:${stat.ino}` : null;
}

async function* linesOf(held: Held): AsyncGenerator<string> {
  const { size } = await held.file.stat();
  // emptied in place, as some rotating tools do
  if (size < held.offset) Object.assign(held, { offset: 0, rest: Buffer.alloc(0) });
  const block = Buffer.alloc(BLOCK_BYTES);
  for (;;) {
    const { bytesRead } = await held.file.read(block, 0, block.length, held.offset);
    if (bytesRead === 0) return;
    held.offset += bytesRead;
    let text = Buffer.concat([held.rest, block.subarray(0, bytesRead)]);
    for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE)) {
      yield textOf(text.subarray(0, at));
      text = text.subarray(at + 1);
    }
    held.rest = text;
  }
}

function textOf(bytes: Buffer): string {
  return bytes.toString("utf8").replace(/\r$/, "");
}
