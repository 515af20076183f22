/** The statements that write a lane's record: if it is still ours, and beside it what belongs to it. Each is one round trip. */
import { fingerprint } from "../../fingerprint.ts";
import type { DoneChunk } from "../done-times.ts";
import type { LaneFailure } from "../journal.ts";
import type { Session } from "./engine.ts";
import type { Chunk } from "./handed.ts";
import { type Lane, laneValues, WRITTEN } from "./lane-rows.ts";
import { TELL_FREED } from "./notices.ts";

export interface RecordedLine {
  kind: "failed" | "skipped";
  failure: LaneFailure;
}

/** What is stored together with the record. */
export interface Beside {
  chunks: Chunk[];
  outcomes: RecordedLine[];
  done: DoneChunk[];
  more: ((session: Session) => Promise<unknown>)[];
  /** Given back by this: the others are told. */
  freed: boolean;
}

/** What an event changes. */
const MOVING = ["cursor", "begun", "finished"] as const satisfies readonly (keyof Lane)[];
/** Whatever else its owner writes; changed by putting something else in its place. The compiler misses one that is not here. */
const RESTING = Object.keys({
  ...{ path: 0, name: 0, state: 0, absentSince: 0, startSeq: 0, owner: 0 },
  ...{ callbacks: 0, doubtfulTo: 0, failure: 0, inherited: 0, paused: 0 },
} satisfies Record<Exclude<keyof Lane, (typeof MOVING)[number] | Fixed>, 0>) as (keyof Lane)[];
type Fixed = "number" | "id" | "version" | "epoch";

const FIRST_COLUMN = 5;
const STILL_OURS = "number = $1 AND version = $2 AND epoch = $3 AND owner IS NOT DISTINCT FROM $4::text";
/** An event costs one of these: what it does not change is not sent. */
const STEP = `
  UPDATE lane SET version = version + 1, ${MOVING.map((name, i) => `${name} = $${FIRST_COLUMN + i}`).join(", ")}
  WHERE ${STILL_OURS} RETURNING number`;

const CHUNKS = FIRST_COLUMN + WRITTEN.length;
const WHOLE = `
  WITH mine AS (
    UPDATE lane SET version = version + 1, ${WRITTEN.map((name, i) => `${name} = $${FIRST_COLUMN + i}`).join(", ")}
    WHERE ${STILL_OURS} RETURNING number, id, epoch, version
  ), chunks AS (
    INSERT INTO handed (lane, chunk, bits)
    SELECT mine.number, c.chunk, c.bits FROM mine, unnest($${CHUNKS}::bigint[], $${CHUNKS + 1}::bytea[]) AS c (chunk, bits)
    ON CONFLICT (lane, chunk) DO UPDATE SET bits = excluded.bits
  ), outcomes AS (
    INSERT INTO outcome (lane, seq, kind, failure, print)
    SELECT mine.number, o.seq, o.kind, o.failure, o.print
    FROM mine, unnest($${CHUNKS + 2}::bigint[], $${CHUNKS + 3}::text[], $${CHUNKS + 4}::text[], $${CHUNKS + 5}::text[])
      WITH ORDINALITY AS o (seq, kind, failure, print, place) ORDER BY o.place
  ), done AS (
    INSERT INTO done (lane, chunk, marks)
    SELECT mine.number, d.chunk, d.marks FROM mine, unnest($${CHUNKS + 6}::bigint[], $${CHUNKS + 7}::bytea[]) AS d (chunk, marks)
    ON CONFLICT (lane, chunk) DO UPDATE SET marks = excluded.marks
  )
  SELECT number, CASE WHEN $${CHUNKS + 8}::boolean THEN ${TELL_FREED("mine")}::text END FROM mine`;

/**
 * @param stored the record as it was stored last
 * @returns false when it is another's by now
 */
export async function writeLane(
  session: Session,
  { lane, stored, withinMs }: { lane: Lane; stored: Lane; withinMs: number | undefined },
  beside: Beside,
): Promise<boolean> {
  const mine = [lane.number, lane.version, lane.epoch, stored.owner];
  const isStep = isOnlyRecord(beside) && RESTING.every((key) => lane[key] === stored[key]);
  const rows = isStep
    ? await session.rows(STEP, [...mine, ...stepValues(lane)], "lane-step", withinMs)
    : await session.rows(
        WHOLE,
        [...mine, ...laneValues(lane), ...besideValues(lane, beside)],
        "lane",
        withinMs,
      );
  return rows.length === 1;
}

function isOnlyRecord({ chunks, outcomes, done, freed }: Beside): boolean {
  return !freed && chunks.length === 0 && outcomes.length === 0 && done.length === 0;
}

function stepValues({ cursor, begun, finished }: Lane): unknown[] {
  return [cursor, begun, JSON.stringify(finished)];
}

function besideValues({ id }: Lane, { chunks, outcomes, done, freed }: Beside): unknown[] {
  return [
    chunks.map(({ number }) => number),
    chunks.map(({ bits }) => bits),
    outcomes.map(({ failure }) => failure.seq),
    outcomes.map(({ kind }) => kind),
    outcomes.map(({ failure }) => JSON.stringify(failure)),
    outcomes.map(({ failure }) => fingerprint(id, failure)),
    done.map(({ number }) => number),
    done.map(({ bytes }) => bytes),
    freed,
  ];
}
