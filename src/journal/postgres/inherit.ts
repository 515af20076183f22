/** Going on where another daemon stopped, as stored: one transaction. */
import { type InheritStep, type InheritView, planInheritance, readerBeginning } from "../inheritance.ts";
import type { Estate, Inheritance } from "../journal.ts";
import type { Engine, Session } from "./engine.ts";
import type { Lane } from "./lane-rows.ts";
import { readLanes } from "./lanes.ts";
import { refuseMark } from "./moving/mark.ts";
import { idBounds } from "./read.ts";
import { beginReader, readStanding, type Standing } from "./standing.ts";

/**
 * Waits for a database that is away. An attempt whose answer was lost is looked for: done once more it would tell of what it finds.
 * @throws STATE_MOVED
 */
export function inherit(engine: Engine, estate: Estate): Promise<Inheritance[]> {
  let before: InheritStep[] = [];
  return engine.patiently(async () => {
    const steps = await engine.transaction(async (session) => {
      // an attempt that is still under way is waited for
      await session.rows("LOCK TABLE lane IN SHARE ROW EXCLUSIVE MODE");
      // the mark of a move is written while nobody has this lock
      await refuseMark(session, engine);
      const known = new Map((await readLanes(session)).map((lane) => [lane.id, lane]));
      if (areStored(before, known)) return before;
      before = await plan(session, estate, known);
      for (const step of before) await store(session, step);
      if (!begunOf(await readStanding(session))) await beginReader(session, readerBeginning(estate.reader));
      return before;
    });
    return steps.map(({ inheritance }) => inheritance);
  });
}

async function plan(session: Session, { lanes }: Estate, known: Known): Promise<InheritStep[]> {
  const standing = begunOf(await readStanding(session));
  const ids = await boundsOf(session, standing, [...known.values()]);
  return planInheritance(lanes, { standing, ids, lane: (id) => known.get(id) });
}

/** All or none were: they are one transaction. */
function areStored(steps: readonly InheritStep[], known: Known): boolean {
  const step = steps.find(({ inherited }) => inherited !== null);
  const lane = step && known.get(step.heir.id);
  return lane !== undefined && JSON.stringify(lane.inherited) === JSON.stringify(step!.inherited);
}

async function store(session: Session, { heir, startSeq, inherited }: InheritStep): Promise<void> {
  if (!inherited) return;
  const text = JSON.stringify(inherited);
  const { id, path, name } = heir;
  if (startSeq === null) {
    // a run that is under way is fenced off: it does not know of this
    await session.rows(
      "UPDATE lane SET inherited = $2, owner = NULL, epoch = epoch + 1, version = version + 1 WHERE id = $1",
      [id, text],
    );
    return;
  }
  await session.rows(
    `INSERT INTO lane (id, path, name, state, start_seq, epoch, version, cursor, begun, finished, callbacks, doubtful_to, inherited)
     VALUES ($1, $2, $3, 'active', $4, 0, 1, $4, false, '[]', '[]', 0, $5)`,
    [id, path, name, startSeq, text],
  );
}

type Known = ReadonlyMap<string, Lane>;
type Begun = NonNullable<InheritView["standing"]>;

/** null before anybody has begun to read. */
function begunOf(standing: Standing | null): Begun | null {
  return standing?.reader ? { ...standing, reader: standing.reader } : null;
}

/** Every question that may come, asked before. */
async function boundsOf(session: Session, standing: Begun | null, lanes: readonly Lane[]) {
  const generation = standing?.reader.generation ?? 1;
  const seqs = new Set([standing?.lastSeq ?? 0, ...lanes.map(({ cursor }) => cursor)]);
  const known = new Map<number, Awaited<ReturnType<typeof idBounds>>>();
  for (const seq of seqs) known.set(seq, await idBounds(session, generation, seq));
  return (_generation: number, seq: number) => known.get(seq) ?? null;
}
