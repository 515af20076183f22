/** What the hosts of a cluster tell one another of what they run. */
import type { Exchanged } from "../cluster.ts";
import type { Engine, Session } from "./engine.ts";
import { type LaneRow, laneOf, recordOf } from "./lane-rows.ts";

interface Row {
  said: { host: string; words: string }[] | null;
  lanes: LaneRow[] | null;
}

const EXCHANGE = `
  WITH own AS (
    INSERT INTO said (host, words) SELECT $1, $2::text WHERE $2::text IS NOT NULL
    ON CONFLICT (host) DO UPDATE SET words = excluded.words
  )
  SELECT (SELECT json_agg(s) FROM (SELECT host, words FROM said WHERE host <> $1) AS s) AS said,
    (SELECT json_agg(l) FROM (SELECT * FROM lane ORDER BY number) AS l) AS lanes`;

/** @param words null: what was said before still holds */
export async function exchange(
  engine: Engine,
  { host, words, withinMs }: { host: string; words: string | null; withinMs: number },
): Promise<Exchanged> {
  const [row] = await engine.rows<Row>(EXCHANGE, [host, words], "exchange", withinMs);
  return {
    words: new Map((row!.said ?? []).map(({ host: id, words: said }) => [id, said])),
    lanes: (row!.lanes ?? []).map((lane) => recordOf(laneOf(lane))),
  };
}

/** What a host that is not there any more has said. */
export async function unsay(session: Session, host: string, withinMs: number): Promise<void> {
  await session.rows("DELETE FROM said WHERE host = $1", [host], undefined, withinMs);
}
