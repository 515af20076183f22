import type { JournalPage } from "../journal/journal.ts";
import type { Run, RunItem } from "./host.ts";

/** What a host gets of a page: all of its bytes when most of the events are for it, else only those that are. */
export function packRun(page: JournalPage, items: readonly RunItem[]): Run {
  const first = items[0]!.start;
  const last = items.at(-1)!.end;
  const wanted = items.reduce((sum, { start, end }) => sum + end - start, 0);
  if (wanted * 2 > last - first) {
    const moved =
      first === 0
        ? items
        : items.map((item) => ({ ...item, start: item.start - first, end: item.end - first }));
    return { items: moved, bytes: page.bytes.slice(first, last) };
  }
  const bytes = new Uint8Array(wanted);
  let at = 0;
  const packed = items.map((item) => {
    bytes.set(page.bytes.subarray(item.start, item.end), at);
    const start = at;
    at += item.end - item.start;
    return { ...item, start, end: at };
  });
  return { items: packed, bytes };
}
