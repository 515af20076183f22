import fc from "fast-check";
import { expect, it } from "vitest";
import { packRun } from "../../src/daemon/run.ts";

it("gives every item its own bytes, whether the page is cut or packed", () => {
  const text = fc.string({ minLength: 1, maxLength: 30, unit: "binary" });
  const page = fc.array(fc.tuple(text, fc.boolean()), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      page.filter((events) => events.some(([, wanted]) => wanted)),
      (events) => {
        let at = 0;
        const entries = events.map(([json], i) => {
          const start = at;
          at += Buffer.byteLength(json);
          return { seq: i + 1, id: i, event_type: "T", attribute_name: null, start, end: at };
        });
        const bytes = new Uint8Array(Buffer.from(events.map(([json]) => json).join("")));
        const items = entries
          .filter((_, i) => events[i]![1])
          .map(({ seq, start, end }) => ({ seq, start, end, callbacks: [0], redelivered: false }));
        const run = packRun({ entries, bytes }, items);
        const texts = run.items.map(({ start, end }) => Buffer.from(run.bytes.slice(start, end)).toString());
        const wanted = events.filter(([, is]) => is).map(([json]) => Buffer.from(json).toString());
        expect(texts).toEqual(wanted);
        expect(run.items.map(({ seq }) => seq)).toEqual(items.map(({ seq }) => seq));
      },
    ),
  );
});
