import fc from "fast-check";
import { expect, test } from "vitest";
import { packRun, unpackRun } from "../../src/plugins/packed-run.ts";
import { event, runOf } from "./room.ts";

const entries = fc.array(
  fc.record({
    name: fc.string({ maxLength: 40, unit: "grapheme" }),
    callbacks: fc.uniqueArray(fc.nat(300), { maxLength: 5 }).map((list) => list.sort((a, b) => a - b)),
    redelivered: fc.boolean(),
    kept: fc.boolean(),
  }),
  { maxLength: 30 },
);

test("what is packed comes out again: numbers, callbacks and text, also of a run with holes", () => {
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 2 ** 40 }), (made, first) => {
      const all = made.map(({ name, callbacks, redelivered }, i) => {
        const fields = { project: { type: "Project", id: 1, name } };
        return { seq: first + i, event: event(i + 1, fields), callbacks, redelivered };
      });
      const { items, bytes } = runOf(all);
      const kept = items.filter((_, i) => made[i]!.kept);
      const packed = packRun({ items: kept, bytes });
      const text = Buffer.from(packed.bytes);
      const out = [...unpackRun(packed)].map(({ start, end, ...item }) => ({
        ...item,
        event: JSON.parse(text.toString("utf8", start, end)),
      }));
      expect(out).toEqual(all.filter((_, i) => made[i]!.kept));
    }),
  );
});

test("a sparse run does not carry the text of the events that are left out", () => {
  const { items, bytes } = runOf(
    Array.from({ length: 500 }, (_, i) => ({ seq: i + 1, event: event(i + 1) })),
  );
  const few = packRun({ items: [items[0]!, items[250]!, items[499]!], bytes });
  expect(few.bytes.byteLength).toBe(
    [items[0]!, items[250]!, items[499]!].reduce((sum, { start, end }) => sum + end - start, 0),
  );
});
