/** The schema of a cluster that a state is moved into, in one transaction. */
import { fingerprint } from "../../../fingerprint.ts";
import { movedAway } from "../../moving/mark.ts";
import { alreadyUsed, type MoveTarget } from "../../moving/move.ts";
import type { MovingLane, MovingState } from "../../moving/state.ts";
import { insertEvents, insertNever } from "../append.ts";
import type { Engine, Session } from "../engine.ts";
import { newIdentity } from "../history/identity.ts";
import { laneValues, WRITTEN } from "../lane-rows.ts";
import { nextAction, passOver, recordAction } from "../operators.ts";
import { beginReader, readStanding, writeStanding } from "../standing.ts";
import { translated } from "../trouble.ts";
import { changeMark, lockMark, placeOf, readMark, removeMark, writeMark } from "./mark.ts";
import { standStill } from "./stand-still.ts";

/** What a move replaces. */
const TABLES = [
  "event",
  "reader",
  "never",
  "lane",
  "handed",
  "done",
  "outcome",
  "passed",
  "lost",
  "copy",
  "tenure",
  "together",
  "command",
  "action",
];

export function postgresTarget(engine: Engine): MoveTarget {
  const inTransaction = (work: (session: Session) => Promise<void>): Promise<void> =>
    engine.transaction(work).catch((error) => {
      throw translated(error, engine.where);
    });
  return {
    where: placeOf(engine),
    machine: null,
    id: null,
    mark: () => engine.patiently(() => readMark(engine)),
    claim: (mark) =>
      inTransaction(async (session) => {
        const there = await lockMark(session, engine);
        await standStill(session);
        if (!there && (await isInUse(session))) throw alreadyUsed(placeOf(engine));
        await changeMark(session, engine, there, mark);
      }),
    receive: (state, mark, progress) =>
      inTransaction(async (session) => {
        await changeMark(session, engine, await lockMark(session, engine), mark);
        await session.rows(`TRUNCATE ${TABLES.join(", ")}`);
        await writeJournal(session, state, progress);
        for (const lane of state.lanes) await writeLane(session, lane);
        for (const action of state.actions) await recordAction(session, await nextAction(session), action);
        await newIdentity(session, "moved");
      }),
    letIn: (id) => engine.patiently(() => removeMark(engine, id)),
    release: (id) =>
      inTransaction(async (session) => {
        const there = await lockMark(session, engine);
        if (there?.id !== id) return;
        // nobody else may have it
        if (there.kind !== "arriving") throw movedAway(placeOf(engine), there);
        if (there.before) await writeMark(session, there.before);
        else await removeMark(session, id);
      }),
  };
}

async function isInUse(session: Session): Promise<boolean> {
  const [row] = await session.rows<{ used: boolean }>(
    "SELECT EXISTS (SELECT 1 FROM reader WHERE generation IS NOT NULL) OR EXISTS (SELECT 1 FROM lane) AS used",
  );
  return row!.used;
}

async function writeJournal(
  session: Session,
  { standing, events, never }: MovingState,
  progress: (events: number) => void,
): Promise<void> {
  let count = 0;
  for await (const page of events()) {
    await insertEvents(
      session,
      page,
      page.map((event) => event.appended_at),
    );
    count += page.length;
    progress(count);
  }
  for (const { generation, first, last } of never) await insertNever(session, generation, first, last);
  if (!standing) return;
  await beginReader(session, standing.reader);
  const begun = await readStanding(session);
  await writeStanding(session, begun!, { ...begun!, ...standing });
}

async function writeLane(session: Session, moving: MovingLane): Promise<void> {
  const values = laneValues({ ...moving, owner: null, number: 0, version: 1 });
  const [row] = await session.rows<{ number: number }>(
    `INSERT INTO lane (id, epoch, version, ${WRITTEN.join(", ")})
     VALUES ($1, $2, 1, ${WRITTEN.map((_, index) => `$${index + 3}`).join(", ")}) RETURNING number`,
    [moving.id, moving.epoch, ...values],
  );
  const lane = row!.number;
  await session.rows(
    "INSERT INTO handed (lane, chunk, bits) SELECT $1, * FROM unnest($2::bigint[], $3::bytea[])",
    [lane, moving.handed.map(({ chunk }) => chunk), moving.handed.map(({ bits }) => Buffer.from(bits))],
  );
  await session.rows(
    "INSERT INTO done (lane, chunk, marks) SELECT $1, * FROM unnest($2::bigint[], $3::bytea[])",
    [lane, moving.done.map(({ number }) => number), moving.done.map(({ bytes }) => Buffer.from(bytes))],
  );
  await session.rows(
    `INSERT INTO outcome (lane, seq, kind, failure, print)
     SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[])`,
    [
      lane,
      moving.outcomes.map(({ seq }) => seq),
      moving.outcomes.map(({ kind }) => kind),
      moving.outcomes.map(({ failure }) => JSON.stringify(failure)),
      moving.outcomes.map(({ failure }) => fingerprint(moving.id, failure)),
    ],
  );
  await session.rows(
    "INSERT INTO lost (lane, first_id, last_id) SELECT $1, * FROM unnest($2::bigint[], $3::bigint[])",
    [lane, moving.lost.map(({ first }) => first), moving.lost.map(({ last }) => last)],
  );
  for (const { note, ...range } of moving.passed) await passOver(session, lane, range, note);
}
