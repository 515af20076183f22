/**
 * The newest events as they were appended, encoded once for all lanes. Each chunk is one buffer that fills up; what
 * was given out of it never changes. The oldest chunks go when the whole is larger than allowed.
 */
import type { JournalEntry, JournalPage } from "./journal.ts";

const CHUNK_BYTES = 512 * 1024;
const CHUNK_ENTRIES = 1000;
/** What an entry costs beside its bytes, roughly. */
const ENTRY_BYTES = 100;

interface Chunk {
  entries: JournalEntry[];
  buffer: Buffer<ArrayBuffer>;
  used: number;
}

/** An event on its way into the journal. */
export interface AppendedEvent {
  seq: number;
  generation: number;
  id: number;
  event_type: string;
  attribute_name: string | null;
  json: string;
}

export class RecentEvents {
  readonly #maxBytes: number;
  #chunks: Chunk[] = [];
  #bytes = 0;

  /** @param maxBytes memory to use; at least the last chunk is always kept */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What is here has no gap: an event that does not follow the last one added begins anew. */
  add(event: AppendedEvent): void {
    const newest = this.#chunks.at(-1)?.entries.at(-1)?.seq;
    if (newest !== undefined && event.seq !== newest + 1) {
      this.#chunks = [];
      this.#bytes = 0;
    }
    const chunk = this.#room(event.json);
    const start = chunk.used;
    chunk.used += chunk.buffer.write(event.json, start, "utf8");
    const { seq, generation, id, event_type, attribute_name } = event;
    chunk.entries.push({ seq, generation, id, event_type, attribute_name, start, end: chunk.used });
  }

  /** Up to `limit` events after `afterSeq`, or null when they are not (or no longer) here. */
  page(afterSeq: number, limit: number): JournalPage | null {
    const chunk = this.#chunkWith(afterSeq + 1);
    if (!chunk) return null;
    const from = afterSeq + 1 - chunk.entries[0]!.seq;
    return { entries: chunk.entries.slice(from, from + limit), bytes: plain(chunk.buffer, chunk.used) };
  }

  #chunkWith(seq: number): Chunk | null {
    for (let at = this.#chunks.length - 1; at >= 0; at -= 1) {
      const chunk = this.#chunks[at]!;
      if (seq >= chunk.entries[0]!.seq) return seq <= chunk.entries.at(-1)!.seq ? chunk : null;
    }
    return null;
  }

  #room(json: string): Chunk {
    const last = this.#chunks.at(-1);
    if (last && last.entries.length < CHUNK_ENTRIES && fits(json, last)) return last;
    const size = Math.max(CHUNK_BYTES, Buffer.byteLength(json));
    const chunk: Chunk = { entries: [], buffer: Buffer.allocUnsafeSlow(size), used: 0 };
    this.#chunks.push(chunk);
    this.#bytes += cost(chunk);
    while (this.#bytes > this.#maxBytes && this.#chunks.length > 1)
      this.#bytes -= cost(this.#chunks.shift()!);
    return chunk;
  }
}

/** Not a Buffer: its `slice` would not copy. */
function plain({ buffer, byteOffset }: Buffer<ArrayBuffer>, length: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

function fits(json: string, { buffer, used }: Chunk): boolean {
  const room = buffer.length - used;
  // a UTF-16 unit is at most three bytes: the exact count is only needed near the end
  return json.length * 3 <= room || Buffer.byteLength(json) <= room;
}

function cost(chunk: Chunk): number {
  return chunk.buffer.length + CHUNK_ENTRIES * ENTRY_BYTES;
}
