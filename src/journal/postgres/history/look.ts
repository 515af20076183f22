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
    last_seq: number;
    generation: number | null;
    position: number;
    gaps: string;
  } | null;
  lanes: { id: string; path: string; name: string; version: number; cursor: number }[] | null;
}

const LOOK = `SELECT
  (SELECT id FROM identity ORDER BY number DESC LIMIT 1) AS identity,
  (SELECT row_to_json(r) FROM (
    SELECT reader.epoch, reader.version, token, last_seq, generation, position, gaps
    FROM reader LEFT JOIN tenure ON tenure.epoch = reader.epoch) AS r) AS reader,
  (SELECT json_agg(l) FROM (SELECT id, path, name, version, cursor FROM lane ORDER BY number) AS l) AS lanes`;

/** Walks the events after the cursor: most lanes have few, while their ids are spread over a large index. */
const LOWEST = `SELECT min(id) AS id FROM (SELECT id FROM event WHERE seq > $1 AND generation = $2 OFFSET 0) AS behind`;

export async function lookNow(session: Session): Promise<Seen> {
  const [row] = await session.rows<Row>(LOOK, [], "history");
  const { identity, reader, lanes } = row!;
  const begun = reader && reader.generation !== null ? { ...reader, generation: reader.generation } : null;
  const gaps = begun ? (JSON.parse(begun.gaps) as Gap[]) : [];
  // a gap may still turn out to be an event
  const upTo = begun && Math.min(begun.position, ...gaps.map(({ first }) => first - 1));
  const lowest = new Map<number, number>();
  for (const cursor of new Set((lanes ?? []).map((lane) => lane.cursor)))
    if (begun && cursor < begun.last_seq) lowest.set(cursor, await lowestAfter(session, cursor, begun));
  return {
    at: new Date().toISOString(),
    identity,
    reader: begun && readerOf(begun, gaps),
    lanes: (lanes ?? []).map(({ cursor, ...lane }) => ({
      ...lane,
      lastId: upTo === null ? null : Math.min(upTo, (lowest.get(cursor) ?? Number.POSITIVE_INFINITY) - 1),
    })),
  };
}

/** The lowest id among the events after a cursor; what came since the cursor was read can only make it lower. */
async function lowestAfter(
  session: Session,
  cursor: number,
  { generation }: { generation: number },
): Promise<number> {
  // planned anew each time: how many rows that are is what matters
  const [row] = await session.rows<{ id: number | null }>(LOWEST, [cursor, generation]);
  return row!.id ?? Number.POSITIVE_INFINITY;
}

type Begun = NonNullable<Row["reader"]> & { generation: number };

function readerOf(
  { epoch, version, token, generation, position }: Begun,
  gaps: readonly Gap[],
): Seen["reader"] {
  return {
    epoch,
    version,
    token,
    generation,
    position,
    gaps: gaps.map(({ first, last }) => ({ first, last })),
  };
}
