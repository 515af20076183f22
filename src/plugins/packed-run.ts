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
  let callbacks: number[] = [];
  for (let at = 0; at < numbers.length; at += FIXED + callbacks.length) {
    callbacks = callbacksAt(numbers, at + FIXED, numbers[at + 4]!, callbacks);
    yield {
      seq: numbers[at]!,
      start: numbers[at + 1]!,
      end: numbers[at + 2]!,
      redelivered: numbers[at + 3] === 1,
      callbacks,
    };
  }
}

/** Most events of a run concern the same callbacks: then it is the same list as for the event before. */
function callbacksAt(numbers: Float64Array, at: number, count: number, before: number[]): number[] {
  let same = before.length === count;
  for (let i = 0; same && i < count; i += 1) same = before[i] === numbers[at + i];
  return same ? before : Array.from(numbers.subarray(at, at + count));
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
