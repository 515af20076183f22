/** The state of a cluster that is moved away. */
import type { LaneFailure, OperatorAction, OperatorNote } from "../../journal.ts";
import type { StayingSource } from "../../moving/abandon.ts";
import { movedAway } from "../../moving/mark.ts";
import type { MoveSource } from "../../moving/move.ts";
import type { MovingEvent, MovingLane, MovingState } from "../../moving/state.ts";
import type { Engine, Session } from "../engine.ts";
import type { Lane } from "../lane-rows.ts";
import { readLanes } from "../lanes.ts";
import { COLUMNS } from "../read.ts";
import { readStanding } from "../standing.ts";
import { translated } from "../trouble.ts";
import { changeMark, lockMark, placeOf, readMark, removeMark } from "./mark.ts";
import { standStill } from "./stand-still.ts";

const PAGE_EVENTS = 2000;

export function postgresSource(engine: Engine): MoveSource & StayingSource {
  const translating = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error) => {
      throw translated(error, engine.where);
    });
  return {
    where: placeOf(engine),
    machine: null,
    id: null,
    keepId: async () => {},
    mark: () => engine.patiently(() => readMark(engine)),
    setMark: (mark) =>
      translating(
        engine.transaction(async (session) => {
          const there = await lockMark(session, engine);
          await standStill(session);
          await changeMark(session, engine, there, mark);
        }),
      ),
    stay: (id) =>
      translating(
        engine.transaction(async (session) => {
          const there = await lockMark(session, engine);
          if (there && (there.id !== id || there.kind !== "leaving")) throw movedAway(placeOf(engine), there);
          await removeMark(session, id);
        }),
      ),
    state: () => translating(stateOf(engine)),
  };
}

async function stateOf(engine: Engine): Promise<MovingState> {
  const [count] = await engine.rows<{ count: number }>("SELECT count(*) FROM event");
  const actions = await engine.rows<{ action: string }>("SELECT action FROM action ORDER BY number");
  const lanes: MovingLane[] = [];
  for (const lane of await readLanes(engine)) lanes.push(await movingLane(engine, lane));
  return {
    standing: await standingOf(engine),
    eventCount: count!.count,
    events: () => eventsOf(engine),
    never: await engine.rows("SELECT generation, first, last FROM never ORDER BY number"),
    lanes,
    actions: actions.map(({ action }) => JSON.parse(action) as OperatorAction),
  };
}

async function standingOf(engine: Engine): Promise<MovingState["standing"]> {
  const standing = await readStanding(engine);
  return standing?.reader ? { ...standing, reader: standing.reader } : null;
}

async function* eventsOf(engine: Engine): AsyncGenerator<MovingEvent[]> {
  for (let after = 0; ; ) {
    const page = await engine.patiently(() =>
      engine.rows<MovingEvent>(
        `SELECT ${COLUMNS}, appended_at FROM event WHERE seq > $1 ORDER BY seq LIMIT ${PAGE_EVENTS}`,
        [after],
      ),
    );
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)!.seq;
  }
}

async function movingLane(session: Session, lane: Lane): Promise<MovingLane> {
  const { number, version: _version, owner: _owner, ...kept } = lane;
  const outcomes = await session.rows<{ seq: number; kind: "failed" | "skipped"; failure: string }>(
    "SELECT seq, kind, failure FROM outcome WHERE lane = $1 ORDER BY number",
    [number],
  );
  const passed = await session.rows<{ first: number; last: number; note: string }>(
    "SELECT first_seq AS first, last_seq AS last, note FROM passed WHERE lane = $1 ORDER BY number",
    [number],
  );
  return {
    ...kept,
    handed: await session.rows("SELECT chunk, bits FROM handed WHERE lane = $1 ORDER BY chunk", [number]),
    done: await session.rows(
      "SELECT chunk AS number, marks AS bytes FROM done WHERE lane = $1 ORDER BY chunk",
      [number],
    ),
    outcomes: outcomes.map((row) => ({ ...row, failure: JSON.parse(row.failure) as LaneFailure })),
    passed: passed.map((row) => ({ ...row, note: JSON.parse(row.note) as OperatorNote })),
    lost: await session.rows(
      "SELECT first_id AS first, last_id AS last FROM lost WHERE lane = $1 ORDER BY number",
      [number],
    ),
  };
}
