/** Lists of inclusive ranges of ids. */
import type { IdRange } from "./journal/journal.ts";

/** In any order, overlapping or not → ascending, apart. */
export function merged(ranges: readonly IdRange[]): IdRange[] {
  const result: IdRange[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = result.at(-1);
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last);
    else result.push({ first, last });
  }
  return result;
}

/** What is in both; each is ascending and apart. */
export function intersection(a: readonly IdRange[], b: readonly IdRange[]): IdRange[] {
  const result: IdRange[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = Math.max(a[i]!.first, b[j]!.first);
    const last = Math.min(a[i]!.last, b[j]!.last);
    if (first <= last) result.push({ first, last });
    if (a[i]!.last < b[j]!.last) i += 1;
    else j += 1;
  }
  return result;
}

/** What of `range` is in none of the others, which are ascending and apart. */
export function without(range: IdRange, others: readonly IdRange[]): IdRange[] {
  const result: IdRange[] = [];
  let next = range.first;
  for (const { first, last } of others) {
    if (last < next) continue;
    if (first > range.last) break;
    if (first > next) result.push({ first: next, last: first - 1 });
    next = last + 1;
  }
  if (next <= range.last) result.push({ first: next, last: range.last });
  return result;
}

/** The parts up to and including `id`. */
export function upTo<T extends IdRange>(id: number, ranges: readonly T[]): T[] {
  return ranges
    .filter(({ first }) => first <= id)
    .map((range) => ({ ...range, last: Math.min(range.last, id) }));
}
