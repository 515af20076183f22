/** The question that an `Inherited` answers: had a lane this event from the daemon before this one? */
import type { IdRange, Inherited } from "./journal.ts";

/** What says that the lane had this event before, or null; the newest that speaks of it decides. */
export function hadBefore(
  inherited: readonly Inherited[],
  event: { seq: number; generation: number; id: number },
): Inherited | null {
  const spoken = inherited.findLast(({ afterSeq }) => afterSeq < event.seq);
  return spoken && spoken.generation === event.generation && covers(spoken, event.id) ? spoken : null;
}

export function covers({ lastId, pending }: Pick<Inherited, "lastId" | "pending">, id: number): boolean {
  return id <= lastId && !holds(pending, id);
}

function holds(ranges: readonly IdRange[], id: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { first, last } = ranges[middle]!;
    if (id < first) high = middle - 1;
    else if (id > last) low = middle + 1;
    else return true;
  }
  return false;
}
