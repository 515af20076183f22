import fc from "fast-check";
import { expect, test } from "vitest";
import type { JournalPage } from "../../src/journal/journal.ts";
import { StoredPages } from "../../src/journal/stored-pages.ts";

/** A store of the events from 1 to `last` but those of `hole`; each event's text is its seq in eight digits. */
function storeOf(hole: { first: number; last: number }, count: { reads: number }) {
  return (afterSeq: number, limit: number, last: number): JournalPage => {
    count.reads += 1;
    const isThere = (seq: number) => seq <= last && (seq < hole.first || seq > hole.last);
    let seq = afterSeq + 1;
    while (seq <= last && !isThere(seq)) seq += 1;
    const seqs: number[] = [];
    for (; seqs.length < limit && isThere(seq); seq += 1) seqs.push(seq);
    const common = { generation: 1, event_type: "Shotgun_Shot_Change", attribute_name: null };
    const entries = seqs.map((each, at) => ({
      ...common,
      seq: each,
      id: each,
      start: at * 8,
      end: at * 8 + 8,
    }));
    return {
      entries,
      bytes: new TextEncoder().encode(seqs.map((each) => String(each).padStart(8)).join("")),
    };
  };
}

function read(
  pages: StoredPages,
  store: ReturnType<typeof storeOf>,
  afterSeq: number,
  limit: number,
  last: number,
) {
  return (
    pages.page(afterSeq, limit) ??
    pages.keep(store(afterSeq, StoredPages.length(afterSeq, limit), last), limit)
  );
}

test("a page holds the same events whether it was kept or is read, with holes, at a growing end, and with little memory", () => {
  const range = fc.record({ first: fc.nat(1500), length: fc.integer({ min: 0, max: 700 }) });
  const step = fc.record({
    after: fc.nat(1999),
    limit: fc.integer({ min: 1, max: 600 }),
    grown: fc.nat(100),
  });
  fc.assert(
    fc.property(
      range,
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(0, 60_000, 1e9),
      (hole, steps, memory) => {
        const store = storeOf({ first: hole.first, last: hole.first + hole.length - 1 }, { reads: 0 });
        const pages = new StoredPages(memory);
        let last = 1000;
        for (const { after, limit, grown } of steps) {
          last = Math.min(2000, last + grown);
          const page = read(pages, store, after, limit, last);
          const wanted = store(after, limit, last);
          const seqs = page.entries.map(({ seq }) => seq);
          // as many as it likes, but not none
          expect(seqs).toEqual(wanted.entries.slice(0, seqs.length).map(({ seq }) => seq));
          expect(seqs.length > 0).toBe(wanted.entries.length > 0);
          for (const { seq, start, end } of page.entries)
            expect(Number(new TextDecoder().decode(page.bytes.subarray(start, end)))).toBe(seq);
        }
      },
    ),
  );
});

test("lanes that are behind for the same events have them read once, wherever each begins", () => {
  const count = { reads: 0 };
  const store = storeOf({ first: 0, last: -1 }, count);
  const pages = new StoredPages(1e9);
  for (const begin of [0, 0, 730, 1234])
    for (let at = begin; at < 10_000; ) at += read(pages, store, at, 500, 10_000).entries.length;
  // 20 pages, and the two that were first read from their middle
  expect(count.reads).toBe(20);
  for (let at = 0; at < 10_000; ) at += read(pages, store, at, 500, 10_000).entries.length;
  expect(count.reads).toBe(20);
});

test("keeps no more than its memory, and what was asked for last", () => {
  const count = { reads: 0 };
  const store = storeOf({ first: 0, last: -1 }, count);
  // a page is 500 entries of 108 bytes
  const pages = new StoredPages(110_000);
  for (const after of [0, 500, 0, 1000]) read(pages, store, after, 500, 2000);
  expect(count.reads).toBe(3);
  expect(pages.page(0, 500)).not.toBeNull();
  expect(pages.page(500, 500)).toBeNull();
});

test("a look at a single place reads and keeps nothing more", () => {
  const pages = new StoredPages(1e9);
  expect(StoredPages.length(700, 1)).toBe(1);
  read(pages, storeOf({ first: 0, last: -1 }, { reads: 0 }), 700, 1, 2000);
  expect(pages.page(700, 1)).toBeNull();
});
