/**
 * Conditions on `id` as ranges, so that a page of the event log is one walk over the primary key wherever it
 * begins, also for "newer than N, or one of these missing ids". SQLite would read the whole table for the
 * same OR when rows are wanted in id order.
 */
import { type Condition, type Filter, type Group, isGroup } from "./filter.ts";

/** Both ends included. */
export type IdRange = readonly [first: number, last: number];

const HIGHEST = Number.MAX_SAFE_INTEGER;
const ALL: IdRange[] = [[-HIGHEST, HIGHEST]];

/**
 * Takes the conditions on `id` out of a filter.
 * @returns ascending, disjoint ranges (null: no such conditions) and the filter without them
 */
export function splitIdRanges(filter: Group): { ranges: IdRange[] | null; rest: Group } {
  const whole = rangesOf(filter);
  if (whole && filter.items.length > 0) return { ranges: whole, rest: { operator: "and", items: [] } };
  if (filter.operator === "or" && filter.items.length > 1) return { ranges: null, rest: filter };
  let ranges: IdRange[] | null = null;
  const items: Filter[] = [];
  for (const item of filter.items) {
    const found = isEmptyGroup(item) ? null : rangesOf(item);
    if (found) ranges = ranges ? intersect(ranges, found) : found;
    else items.push(item);
  }
  return { ranges, rest: { operator: "and", items } };
}

/** Ids that one question may list. */
const IDS_LISTED = 2000;

/**
 * The ranges in steps that follow one another in id order, each of them one walk over the primary key: a
 * single range, or neighbours that together hold few enough ids to list them.
 */
export function inSteps(ranges: IdRange[], direction: "asc" | "desc"): IdRange[][] {
  const steps: IdRange[][] = [];
  let room = 0;
  for (const range of ranges) {
    const size = sizeOf(range);
    if (size <= room) {
      steps.at(-1)!.push(range);
      room -= size;
    } else {
      steps.push([range]);
      room = IDS_LISTED - size;
    }
  }
  return direction === "asc" ? steps : steps.reverse();
}

export function sizeOf([first, last]: IdRange): number {
  return last - first + 1;
}

function isEmptyGroup(filter: Filter): boolean {
  return isGroup(filter) && filter.items.length === 0;
}

/** Null when the filter is about anything but `id`. */
function rangesOf(filter: Filter): IdRange[] | null {
  if (!isGroup(filter)) return filter.path === "id" ? conditionRanges(filter) : null;
  const parts: IdRange[][] = [];
  for (const item of filter.items) {
    const part = rangesOf(item);
    if (!part) return null;
    parts.push(part);
  }
  if (parts.length === 0) return ALL;
  return filter.operator === "or" ? normalise(parts.flat()) : parts.reduce(intersect);
}

/** The condition's values were checked before: see `checkIdConditions`. */
function conditionRanges({ relation, values }: Condition): IdRange[] | null {
  const [first, second] = values as (number | null)[];
  switch (relation) {
    case "is":
      return points([first]);
    case "is_not":
      return complement(points([first]));
    case "in":
      return points(values);
    case "not_in":
      return complement(points(values));
    case "greater_than":
      return first === null ? [] : clean([[Math.floor(first!) + 1, HIGHEST]]);
    case "less_than":
      return first === null ? [] : clean([[-HIGHEST, Math.ceil(first!) - 1]]);
    case "between":
      return first === null || second === null ? [] : clean([[Math.ceil(first!), Math.floor(second!)]]);
    default:
      return null;
  }
}

function points(values: unknown[]): IdRange[] {
  return normalise(values.filter((id) => Number.isSafeInteger(id)).map((id) => [id as number, id as number]));
}

function clean(ranges: IdRange[]): IdRange[] {
  return ranges.filter(([first, last]) => first <= last);
}

/** Sorts, and joins what overlaps or touches. */
function normalise(ranges: IdRange[]): IdRange[] {
  const joined: [number, number][] = [];
  for (const [first, last] of clean(ranges).sort((a, b) => a[0] - b[0])) {
    const previous = joined.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

function complement(ranges: IdRange[]): IdRange[] {
  const gaps: IdRange[] = [];
  let from = -HIGHEST;
  for (const [first, last] of ranges) {
    gaps.push([from, first - 1]);
    from = last + 1;
  }
  gaps.push([from, HIGHEST]);
  return clean(gaps);
}

function intersect(left: IdRange[], right: IdRange[]): IdRange[] {
  const both: IdRange[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    const [a, b] = [left[l]!, right[r]!];
    const common: IdRange = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
    if (common[0] <= common[1]) both.push(common);
    if (a[1] < b[1]) l++;
    else r++;
  }
  return both;
}
