/** The database as it is now, for a host that is to remember it. */
import type { Gap } from "../../journal.ts";
import type { Session } from "../engine.ts";
import type { Seen } from "./seen.ts";

interface Row {
  identity: string;
  reader: {
    epoch: number;
    version: number;
    token: string | null;
    generation: number | null;
    position: number;
    gaps: string;
  } | null;
  lanes: { id: string; path: string; name: string; version: number; next_id: number | null }[] | null;
}

/** Of each lane the lowest id among the events that it has not had. */
const LOOK = `SELECT
  (SELECT id FROM identity ORDER BY number DESC LIMIT 1) AS identity,
  (SELECT row_to_json(r) FROM (
    SELECT reader.epoch, reader.version, token, generation, position, gaps
    FROM reader LEFT JOIN tenure ON tenure.epoch = reader.epoch) AS r) AS reader,
  (SELECT json_agg(l) FROM (
    SELECT id, path, name, version,
      (SELECT min(e.id) FROM event AS e, reader WHERE e.seq > lane.cursor AND e.generation = reader.generation) AS next_id
    FROM lane ORDER BY number) AS l) AS lanes`;

export async function lookNow(session: Session): Promise<Seen> {
  const [row] = await session.rows<Row>(LOOK, [], "history");
  const { identity, reader, lanes } = row!;
  const begun = reader && reader.generation !== null ? { ...reader, generation: reader.generation } : null;
  const gaps = begun ? (JSON.parse(begun.gaps) as Gap[]) : [];
  // a gap may still turn out to be an event
  const upTo = begun && Math.min(begun.position, ...gaps.map(({ first }) => first - 1));
  return {
    at: new Date().toISOString(),
    identity,
    reader: begun && { ...begun, gaps: gaps.map(({ first, last }) => ({ first, last })) },
    lanes: (lanes ?? []).map(({ next_id, ...lane }) => ({
      ...lane,
      lastId: upTo === null ? null : Math.min(upTo, (next_id ?? Number.POSITIVE_INFINITY) - 1),
    })),
  };
}
