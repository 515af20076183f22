/** Which seqs were handed to a lane's host: one bit each, in chunks that are rewritten whole by the lane's owner. */
import type { Session } from "./engine.ts";

export const CHUNK_SEQS = 2048;
const CHUNK_BYTES = CHUNK_SEQS / 8;

export interface Chunk {
  number: number;
  bits: Buffer;
}

export function chunkOf(seq: number): number {
  return Math.floor(seq / CHUNK_SEQS);
}

export async function loadChunk(
  session: Session,
  { lane, number, withinMs }: { lane: number; number: number; withinMs?: number },
): Promise<Chunk> {
  const question = "SELECT bits FROM handed WHERE lane = $1 AND chunk = $2";
  const [row] = await session.rows<{ bits: Buffer }>(question, [lane, number], undefined, withinMs);
  return { number, bits: row?.bits ?? Buffer.alloc(CHUNK_BYTES) };
}

/** Of the seqs `from`…`to` that lie in this chunk, exactly those of `matched` are set. */
export function mark(chunk: Chunk, from: number, to: number, matched: readonly number[]): void {
  const first = Math.max(from, chunk.number * CHUNK_SEQS);
  const last = Math.min(to, (chunk.number + 1) * CHUNK_SEQS - 1);
  for (let at = first % CHUNK_SEQS; at <= last % CHUNK_SEQS; at += 1)
    chunk.bits[at >> 3]! &= ~(1 << (at & 7));
  for (const seq of matched) {
    if (seq < first || seq > last) continue;
    const at = seq % CHUNK_SEQS;
    chunk.bits[at >> 3]! |= 1 << (at & 7);
  }
}

export function isMarked(bits: Buffer, seq: number): boolean {
  const at = seq % CHUNK_SEQS;
  return (bits[at >> 3]! & (1 << (at & 7))) !== 0;
}
