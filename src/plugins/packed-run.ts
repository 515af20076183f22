/**
 * A run of events on its way to a host: numbers in one array and only the text that is needed in another, both handed
 * over without a copy. For each event: seq, start, end, redelivered, n, and the indexes of its n callbacks.
 */
import type { Run, RunItem } from "../daemon/host.ts";
import type { PackedRun } from "./messages.ts";

const FIXED = 5;

export function packRun(run: Run): PackedRun {
  const { items } = run;
  let length = 0;
  for (const item of items) length += FIXED + item.callbacks.length;
  const numbers = new Float64Array(length);
  const { bytes, moves } = copyText(run);
  let at = 0;
  for (let i = 0; i < items.length; i += 1) {
    const item = items[i]!;
    numbers[at] = item.seq;
    numbers[at + 1] = item.start - moves[i]!;
    numbers[at + 2] = item.end - moves[i]!;
    numbers[at + 3] = item.redelivered ? 1 : 0;
    numbers[at + 4] = item.callbacks.length;
    at += FIXED;
    for (const callback of item.callbacks) {
      numbers[at] = callback;
      at += 1;
    }
  }
  return { numbers, bytes };
}

export function* unpackRun({ numbers }: PackedRun): Generator<RunItem> {
  for (let at = 0; at < numbers.length; ) {
    const calls = numbers[at + 4]!;
    yield {
      seq: numbers[at]!,
      start: numbers[at + 1]!,
      end: numbers[at + 2]!,
      redelivered: numbers[at + 3] === 1,
      callbacks: Array.from(numbers.subarray(at + FIXED, at + FIXED + calls)),
    };
    at += FIXED + calls;
  }
}

/** The text of the events, without what lies between them when that is much; `moves` says how far each has moved to the front. */
function copyText({ items, bytes }: Run): { bytes: Uint8Array<ArrayBuffer>; moves: number[] } {
  const pieces: { start: number; end: number }[] = [];
  const moves: number[] = [];
  let total = 0;
  for (const { start, end } of items) {
    const last = pieces.at(-1);
    if (last && start >= last.end && start - last.end < 64) {
      total += end - last.end;
      last.end = end;
    } else {
      pieces.push({ start, end });
      total += end - start;
    }
    moves.push(end - total);
  }
  const copy = new Uint8Array(total);
  let at = 0;
  for (const { start, end } of pieces) {
    copy.set(bytes.subarray(start, end), at);
    at += end - start;
  }
  return { bytes: copy, moves };
}
