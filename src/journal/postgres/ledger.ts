/** What became of events, lane by lane. */
import type { LaneFailure, LedgerAnswer, OperatorNote, RecordedGroup } from "../journal.ts";
import { answerFor, answerNever, answerWithout } from "../ledger-answer.ts";
import type { Session } from "./engine.ts";
import { chunkOf, isMarked } from "./handed.ts";
import { cursorOf, type Lane } from "./lane-rows.ts";
import { findEvents } from "./read.ts";

interface OutcomeRow {
  lane: number;
  seq: number;
  kind: "failed" | "skipped";
  failure: string;
}

interface PassedRow {
  lane: number;
  first_seq: number;
  last_seq: number;
  note: string;
}

interface GroupRow {
  id: string;
  name: string;
  print: string;
  count: number;
  oldest: string;
  newest: string[];
}

const NEWEST_A_GROUP = 10;

/** All that is stored about some events. */
interface Traces {
  handed: Map<string, Buffer>;
  outcomes: OutcomeRow[];
  passed: PassedRow[];
  never: Set<number>;
  /** Event id → numbers of the lanes that lost it. */
  lost: { lane: number; first_id: number; last_id: number }[];
}

export async function answers(
  session: Session,
  lanes: readonly Lane[],
  eventIds: readonly number[],
): Promise<Map<number, LedgerAnswer[]>> {
  const found = await findEvents(session, eventIds);
  const missing = eventIds.filter((id) => !found.has(id));
  const traces = await tracesOf(
    session,
    [...found.values()].map(({ seq }) => seq),
    missing,
  );
  return new Map(
    eventIds.map((id) => {
      const event = found.get(id);
      if (event) return [id, lanes.map((lane) => ofLane(lane, { ...event, id }, traces))];
      if (traces.never.has(id)) return [id, lanes.map(answerNever)];
      return [id, lanes.flatMap((lane) => answerWithout(lane, id, hasLost(traces, lane.number, id)))];
    }),
  );
}

/** The newest groups first. */
export async function failureGroups(session: Session, limit: number): Promise<RecordedGroup[]> {
  const rows = await session.rows<GroupRow>(
    `SELECT lane.id, lane.name, trouble.print, trouble.count::integer,
       (SELECT failure FROM outcome WHERE number = trouble.first) AS oldest,
       ARRAY(SELECT failure FROM outcome WHERE outcome.lane = trouble.lane AND print = trouble.print AND kind = 'failed'
             ORDER BY number DESC LIMIT ${NEWEST_A_GROUP}) AS newest
     FROM (SELECT lane, print, count(*) AS count, min(number) AS first, max(number) AS last
           FROM outcome WHERE kind = 'failed' GROUP BY lane, print ORDER BY last DESC LIMIT $1) AS trouble
     JOIN lane ON lane.number = trouble.lane ORDER BY trouble.last DESC`,
    [limit],
  );
  return rows.map(({ id, name, print, count, oldest, newest }) => ({
    lane: id,
    name,
    fingerprint: print,
    count,
    firstAt: parsed(oldest).at,
    newest: newest.map(parsed),
  }));
}

function parsed(failure: string): LaneFailure {
  return JSON.parse(failure) as LaneFailure;
}

function ofLane(
  lane: Lane,
  event: { seq: number; generation: number; id: number },
  traces: Traces,
): LedgerAnswer {
  const { seq } = event;
  return answerFor(lane, cursorOf(lane), event, {
    handed() {
      const bits = traces.handed.get(chunkKey(lane.number, chunkOf(seq)));
      return bits !== undefined && isMarked(bits, seq);
    },
    recorded: () =>
      traces.outcomes
        .filter((row) => row.lane === lane.number && row.seq === seq)
        .map(({ kind, failure }) => ({ kind, failure: parsed(failure) })),
    passedBy() {
      const row = traces.passed.find(
        ({ lane: number, first_seq, last_seq }) =>
          number === lane.number && first_seq <= seq && last_seq >= seq,
      );
      return row ? (JSON.parse(row.note) as OperatorNote) : null;
    },
  });
}

async function tracesOf(
  session: Session,
  seqs: readonly number[],
  missing: readonly number[],
): Promise<Traces> {
  const chunks = [...new Set(seqs.map(chunkOf))];
  const handed = await session.rows<{ lane: number; chunk: number; bits: Buffer }>(
    "SELECT lane, chunk, bits FROM handed WHERE chunk = ANY ($1::bigint[])",
    [chunks],
  );
  const outcomes = await session.rows<OutcomeRow>(
    "SELECT lane, seq, kind, failure FROM outcome WHERE seq = ANY ($1::bigint[]) ORDER BY number",
    [seqs],
  );
  const passed = await session.rows<PassedRow>(
    "SELECT lane, first_seq, last_seq, note FROM passed WHERE first_seq <= $1 AND last_seq >= $2",
    [Math.max(0, ...seqs), Math.min(Number.MAX_SAFE_INTEGER, ...seqs)],
  );
  const never = await session.rows<{ id: number }>(
    `SELECT id FROM unnest($1::bigint[]) AS asked (id)
     WHERE EXISTS (SELECT 1 FROM never WHERE first <= asked.id AND last >= asked.id)`,
    [missing],
  );
  const lost =
    missing.length === 0
      ? []
      : await session.rows<Traces["lost"][number]>("SELECT lane, first_id, last_id FROM lost");
  return {
    handed: new Map(handed.map(({ lane, chunk, bits }) => [chunkKey(lane, chunk), bits])),
    outcomes,
    passed,
    never: new Set(never.map(({ id }) => id)),
    lost,
  };
}

function hasLost({ lost }: Traces, lane: number, id: number): boolean {
  return lost.some((row) => row.lane === lane && row.first_id <= id && row.last_id >= id);
}

function chunkKey(lane: number, chunk: number): string {
  return `${lane}/${chunk}`;
}
