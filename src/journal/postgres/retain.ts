/**
 * Retention: removes the oldest events, in steps. What a lane still needs is kept, unless the journal is larger than allowed, or the
 * lane's file has been absent for longer than events are kept at all. Only the owner of the reader's lease removes.
 */
import type { Log } from "../../log/log.ts";
import { doneChunkOf } from "../done-times.ts";
import type { RetentionPolicy, RetentionReport } from "../journal.ts";
import type { Engine, Session } from "./engine.ts";
import { chunkOf } from "./handed.ts";
import type { Lane } from "./lane-rows.ts";
import { readLanes } from "./lanes.ts";
import type { ReaderLease } from "./reader-lease.ts";
import type { JournalSize } from "./size.ts";
import { readStanding, type Standing, writeStanding } from "./standing.ts";

const STEP_EVENTS = 2000;
const MOST_LOST_ROWS = 1000;

interface OldEvent {
  seq: number;
  id: number;
  appended_at: number;
}

export interface RetainParts {
  engine: Engine;
  reader: ReaderLease;
  size: JournalSize;
  log: Log | null;
}

export interface RetainedStep {
  standing: Standing;
  removed: number;
  lost: RetentionReport["lost"];
}

/** @throws STATE_LOCKED when another daemon reads the site */
export async function retain(
  { engine, reader, size, log }: RetainParts,
  policy: RetentionPolicy,
  now: Date,
): Promise<RetentionReport> {
  const losses = new Map<string, RetentionReport["lost"][number]>();
  let removed = 0;
  for (;;) {
    const step = await reader.inTurn(async (before) => {
      const written = await engine.patiently(() =>
        engine.transaction((session) =>
          retainStep(session, (found) => reader.isStillOurs(before, found), { ...policy, size }, now),
        ),
      );
      if (written) reader.replaced(written.standing);
      return written;
    });
    if (!step || step.removed === 0) break;
    removed += step.removed;
    for (const loss of step.lost) {
      const known = losses.get(loss.lane);
      losses.set(loss.lane, known ? { ...known, lastSeq: loss.lastSeq } : loss);
    }
  }
  const lost = [...losses.values()];
  for (const { lane, firstSeq, lastSeq } of lost)
    log?.at("error", `${lastSeq - firstSeq + 1} events that ${lane} had not had were removed`, {
      code: "JOURNAL_DROPPED",
      lane,
      first_seq: firstSeq,
      last_seq: lastSeq,
    });
  return { removed, lost };
}

/**
 * One step, to be called in a transaction. null: the reader's lease is another's.
 * @param isOurs whether it is not. @throws STATE_RESTORED
 */
async function retainStep(
  session: Session,
  isOurs: (found: Standing | null) => boolean,
  { maxAgeMs, maxBytes, size }: RetentionPolicy & { size: JournalSize },
  now: Date,
): Promise<RetainedStep | null> {
  const standing = await readStanding(session);
  if (!standing || !isOurs(standing)) return null;
  const lanes = await readLanes(session);
  const cutoff = now.getTime() - maxAgeMs;
  const oldest = await session.rows<OldEvent>(
    "SELECT seq, id, appended_at FROM event ORDER BY seq LIMIT $1",
    [STEP_EVENTS],
  );
  const forced = size.excess(standing, maxBytes);
  const needed = neededFrom(lanes, cutoff);
  const kept = oldest.findIndex(
    (event, index) => index >= forced && (event.appended_at >= cutoff || event.seq >= needed),
  );
  const going = kept < 0 ? oldest : oldest.slice(0, kept);
  if (going.length === 0) return { standing, removed: 0, lost: [] };
  const upTo = going.at(-1)!.seq;
  const after = { ...standing, removedSeq: upTo, version: standing.version + 1 };
  if (!(await writeStanding(session, standing, after))) return null;
  const lost = await tellLosses(session, lanes, going);
  await removeTraces(session, upTo);
  return { standing: after, removed: going.length, lost };
}

function neededFrom(lanes: readonly Lane[], cutoff: number): number {
  const waiting = lanes.filter(
    ({ state, absentSince }) => !(state === "absent" && absentSince !== null && absentSince < cutoff),
  );
  return Math.min(...waiting.map(({ cursor }) => cursor + 1));
}

async function tellLosses(
  session: Session,
  lanes: readonly Lane[],
  going: readonly OldEvent[],
): Promise<RetentionReport["lost"]> {
  const lost: RetentionReport["lost"] = [];
  for (const { number, id, cursor } of lanes) {
    const missed = going.filter(({ seq }) => seq > cursor);
    if (missed.length === 0) continue;
    const ids = missed.map((event) => event.id);
    await session.rows("INSERT INTO lost (lane, first_id, last_id) VALUES ($1, $2, $3)", [
      number,
      Math.min(...ids),
      Math.max(...ids),
    ]);
    lost.push({ lane: id, firstSeq: missed[0]!.seq, lastSeq: missed.at(-1)!.seq });
  }
  return lost;
}

async function removeTraces(session: Session, upTo: number): Promise<void> {
  await session.rows("DELETE FROM event WHERE seq <= $1", [upTo]);
  await session.rows("DELETE FROM outcome WHERE seq <= $1", [upTo]);
  await session.rows("DELETE FROM passed WHERE last_seq <= $1", [upTo]);
  await session.rows("DELETE FROM handed WHERE chunk < $1", [chunkOf(upTo)]);
  await session.rows("DELETE FROM done WHERE chunk < $1", [doneChunkOf(upTo)]);
  await session.rows("DELETE FROM lost WHERE number <= (SELECT max(number) FROM lost) - $1", [
    MOST_LOST_ROWS,
  ]);
  await session.rows(
    `DELETE FROM never USING (SELECT min(generation) AS generation FROM event) AS oldest
     WHERE never.generation < oldest.generation OR (never.generation = oldest.generation AND
       never.last < (SELECT min(id) FROM event WHERE event.generation = oldest.generation))`,
  );
}
