/** When lanes were done with their events, as stored; see `../done-times.ts`. */
import {
  type DoneBetween,
  type DoneChunk,
  DoneTimes,
  doneAfter,
  doneBetween,
  doneChunkOf,
} from "../done-times.ts";
import type { Session } from "./engine.ts";

interface DoneRow {
  lane: number;
  chunk: number;
  marks: Buffer;
}

/** To go on where the last owner of the lane stopped. */
export async function readDoneTimes(session: Session, lane: number, withinMs?: number): Promise<DoneTimes> {
  const [row] = await session.rows<DoneRow>(
    "SELECT * FROM done WHERE lane = $1 ORDER BY chunk DESC LIMIT 1",
    [lane],
    undefined,
    withinMs,
  );
  return new DoneTimes(row ? chunkOf(row) : null);
}

export async function readDoneChunk(
  session: Session,
  { lane, seq, withinMs }: { lane: number; seq: number; withinMs?: number },
): Promise<DoneChunk | null> {
  const values = [lane, doneChunkOf(seq)];
  const question = "SELECT * FROM done WHERE lane = $1 AND chunk = $2";
  const [row] = await session.rows<DoneRow>(question, values, undefined, withinMs);
  return row ? chunkOf(row) : null;
}

/** Forgets what was finished after `seq`. To be called in a transaction that owns the lane. */
export async function replaceDoneAfter(
  session: Session,
  lane: number,
  seq: number,
  chunks: readonly DoneChunk[],
): Promise<void> {
  await session.rows("DELETE FROM done WHERE lane = $1 AND chunk >= $2", [lane, doneChunkOf(seq)]);
  for (const { number, bytes } of chunks)
    await session.rows("INSERT INTO done (lane, chunk, marks) VALUES ($1, $2, $3)", [lane, number, bytes]);
}

/** By the lanes' numbers; they are done with it. @param own what this daemon's lanes have not stored yet */
export async function whenDone(
  session: Session,
  seq: number,
  lanes: readonly number[],
  own: ReadonlyMap<number, DoneTimes["fresh"]>,
): Promise<Map<number, DoneBetween>> {
  const rows = await session.rows<DoneRow>(
    `SELECT near.* FROM unnest($2::integer[]) AS asked (lane), LATERAL (
       (SELECT * FROM done WHERE done.lane = asked.lane AND chunk <= $1 ORDER BY chunk DESC LIMIT 2)
       UNION ALL (SELECT * FROM done WHERE done.lane = asked.lane AND chunk > $1 ORDER BY chunk LIMIT 1)
     ) AS near`,
    [doneChunkOf(seq), lanes],
  );
  const [event] = await session.rows<{ appended_at: number }>(
    "SELECT appended_at FROM event WHERE seq = $1",
    [seq],
  );
  const byLane = Map.groupBy(rows, ({ lane }) => lane);
  return new Map(
    lanes.map((lane) => {
      const between = doneBetween(seq, (byLane.get(lane) ?? []).map(chunkOf), own.get(lane));
      return [lane, doneAfter(event?.appended_at ?? null, between)];
    }),
  );
}

function chunkOf({ chunk, marks }: DoneRow): DoneChunk {
  return { number: chunk, bytes: marks };
}
