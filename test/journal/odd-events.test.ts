/** Event rows of any shape: whatever a site sends stands in the journal as it came, and is read again after a restart. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { asWireEvent } from "../../src/daemon/wire-event.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { stringifyExact } from "../../src/json.ts";
import { eventsOf, Folders } from "./support.ts";

const folders = new Folders();
afterAll(() => folders.remove());

/** Texts with halves of characters, zeros and line ends in them, and long ones. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\ud800", "a\udc00b", "\0", "a\0b", "\u2028", "\ufffd", "", "x".repeat(100_000)),
);
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt());
const link = fc.record(
  { type: text, id: fc.oneof(fc.integer(), fc.maxSafeInteger()), name: text },
  { requiredKeys: [] },
);
const tree = fc.jsonValue({ stringUnit: "binary", maxDepth: 4 });
const any = fc.oneof(fc.constantFrom(null, true), text, number, link, tree, fc.array(tree));
const row = fc.record(
  {
    event_type: any,
    attribute_name: any,
    meta: fc.oneof(any, fc.dictionary(text, any)),
    entity: fc.oneof(any, link),
    user: any,
    project: any,
    session_uuid: any,
    created_at: any,
    description: any,
  },
  { requiredKeys: [] },
);

test("rows with any field missing, null, huge or of another type are kept, and found again after a restart", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
      const folder = folders.make();
      const events = rows.map((fields, i) => asWireEvent({ ...fields, id: i + 1 }));
      const reader = { position: events.length, gaps: [], generation: 1 };
      const journal = await openSqliteJournal({ folder });
      await journal.append({ events, neverHappened: [], reader });
      const before = eventsOf(await journal.read(0, 100));
      await journal.close();
      const again = await openSqliteJournal({ folder, cacheBytes: 0 });
      const page = await again.read(0, 100);
      expect(eventsOf(page)).toEqual(before);
      expect(page.entries.map(({ event_type }) => event_type)).toEqual(
        events.map(({ event_type }) => event_type),
      );
      expect(eventsOf(page)).toEqual(events.map((event) => JSON.parse(stringifyExact(event))));
      for (const { id } of events) expect(await again.find(id)).toMatchObject({ seq: id });
      await again.close();
      expect((await repairState(folder)).damaged).toEqual([]);
    }),
    { numRuns: 20 },
  );
});
