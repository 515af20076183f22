import fc from "fast-check";
import { expect, it } from "vitest";
import { gather } from "../../src/daemon/gather.ts";
import type { RunItem } from "../../src/daemon/host.ts";
import type { JournalEntry, JournalPage } from "../../src/journal/journal.ts";

/** Pages of at most so many events, each with its seq as text. */
function journalOf(last: number, pageSize: number) {
  const asked: number[] = [];
  const read = async (afterSeq: number, limit: number): Promise<JournalPage> => {
    asked.push(limit);
    const count = Math.max(0, Math.min(limit, pageSize, last - afterSeq));
    const seqs = Array.from({ length: count }, (_, i) => afterSeq + 1 + i);
    const texts = seqs.map((seq) => `[${seq}]`);
    let end = 7;
    const entries = seqs.map((seq, i): JournalEntry => {
      const start = end;
      end += texts[i]!.length;
      return { seq, generation: 1, id: seq, event_type: "", attribute_name: null, start, end };
    });
    return { entries, bytes: new TextEncoder().encode(`before ${texts.join("")} after`) };
  };
  return { read, asked };
}

const itemIf =
  (wants: (seq: number) => boolean) =>
  ({ seq, start, end }: JournalEntry): RunItem | null =>
    wants(seq) ? { seq, start, end, callbacks: [0], redelivered: false } : null;

const over = new AbortController().signal;

it("leads through the journal without holes, with the text of each event that is wanted", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        last: fc.nat(12_000),
        pageSize: fc.integer({ min: 1, max: 700 }),
        oneIn: fc.integer({ min: 1, max: 300 }),
        limit: fc.oneof(fc.nat(12_000), fc.constant(Number.POSITIVE_INFINITY)),
      }),
      async ({ last, pageSize, oneIn, limit }) => {
        const journal = journalOf(last, pageSize);
        const wants = (seq: number) => seq % oneIn === 0;
        const handed: number[] = [];
        let at = 0;
        for (;;) {
          const gathered = await gather(journal, { afterSeq: at, limit, itemOf: itemIf(wants), over });
          if (!gathered) break;
          const { entries, run } = gathered;
          expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => at + 1 + i));
          for (const { seq, start, end } of run.items) {
            expect(new TextDecoder().decode(run.bytes.subarray(start, end))).toBe(`[${seq}]`);
            handed.push(seq);
          }
          at += entries.length;
        }
        expect(at).toBe(Math.min(last, limit));
        expect(handed).toEqual(Array.from({ length: at }, (_, i) => i + 1).filter(wants));
      },
    ),
    { numRuns: 60 },
  );
});

it("goes over further pages only while little matches, and not over too many", async () => {
  const sizeOf = async (oneIn: number) => {
    const found = await gather(journalOf(100_000, 500), {
      afterSeq: 0,
      limit: Number.POSITIVE_INFINITY,
      itemOf: itemIf((seq) => seq % oneIn === 0),
      over,
    });
    return [found!.entries.length, found!.run.items.length];
  };
  expect(await sizeOf(1)).toEqual([500, 500]);
  expect(await sizeOf(10)).toEqual([500, 50]);
  expect(await sizeOf(100)).toEqual([5000, 50]);
  expect(await sizeOf(1_000_000)).toEqual([5000, 0]);
});

it("reads no further page once it is over, or when there is none", async () => {
  const journal = journalOf(800, 500);
  const wanted = { afterSeq: 0, limit: 10_000, itemOf: itemIf(() => false) };
  expect((await gather(journal, { ...wanted, over: AbortSignal.abort() }))!.entries).toHaveLength(500);
  expect((await gather(journal, { ...wanted, over }))!.entries).toHaveLength(800);
  expect(await gather(journal, { ...wanted, afterSeq: 800, over })).toBeNull();
});
