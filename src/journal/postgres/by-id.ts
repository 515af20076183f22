/** Events and ids that never happened, by id. */
import type { EventsById } from "../journal.ts";
import type { AppendedEvent } from "../recent.ts";
import type { Engine } from "./engine.ts";
import { COLUMNS, pageOf } from "./read.ts";

export function eventsById(engine: Engine): EventsById {
  return {
    async page({ generation, after, to }, limit) {
      const rows = await engine.patiently(() =>
        engine.aside.rows<AppendedEvent>(
          `SELECT ${COLUMNS} FROM event WHERE generation = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT $4`,
          [generation, after, to, limit],
        ),
      );
      return pageOf(rows);
    },
    never: ({ generation, first, last }) =>
      engine.patiently(() =>
        engine.aside.rows(
          `SELECT GREATEST(first, $2) AS first, LEAST(last, $3) AS last FROM never
           WHERE generation = $1 AND first <= $3 AND last >= $2 ORDER BY first`,
          [generation, first, last],
        ),
      ),
  };
}
