/** Events and ids that never happened, by id. */
import type { EventsById } from "../journal.ts";
import type { Database } from "./database.ts";
import { type EventRow, PAGE_COLUMNS, pageOf } from "./read.ts";

export function eventsById(database: Database): EventsById {
  const events = database.prepare(
    `SELECT ${PAGE_COLUMNS} FROM event WHERE generation = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?`,
  );
  events.setReturnArrays(true);
  const never = database.prepare(
    "SELECT first, last FROM never WHERE generation = ? AND first <= ? AND last >= ? ORDER BY first",
  );
  return {
    async page({ generation, after, to }, limit) {
      const rows = database.run(() =>
        events.all(generation, after, to, limit),
      ) as unknown as EventRow<Uint8Array>[];
      return pageOf(rows, database.file);
    },
    async never({ generation, first, last }) {
      const rows = database.run(() => never.all(generation, last, first));
      return rows.map((row) => ({
        first: Math.max(first, row.first as number),
        last: Math.min(last, row.last as number),
      }));
    },
  };
}
