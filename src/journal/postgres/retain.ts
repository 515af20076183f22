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
import { type JournalSize, measure, ROW_BYTES } from "./size.ts";
import { readStanding, type Standing, writeStanding } from "./standing.ts";

const STEP_EVENTS = 2000;
const MOST_LOST_ROWS = 1000;

interface OldEvent {
  seq: number;
  id: number;
  appended_at: number;
  bytes: number;
}

export interface RetainParts {
  engine: Engine;
  reader: ReaderLease;
  size: JournalSize;
  log: Log | null;
}

interface Loss {
  lane: string;
  firstSeq: number;
  lastSeq: number;
  /** Of the row that tells it, which no other attempt has. */
  row: number;
}

interface Removal {
  standing: Standing;
  lost: Loss[];
}

/** @throws STATE_LOCKED when another daemon reads the site; not once something is gone, which is told first */
export async function retain(
  parts: RetainParts,
  policy: RetentionPolicy,
  now: Date,
): Promise<RetentionReport> {
  const losses = new Map<string, RetentionReport["lost"][number]>();
  let removed = 0;
  try {
    for (;;) {
      const going = await removable(parts, policy, now);
      if (going.length === 0) break;
      for (const { lane, firstSeq, lastSeq } of await removeOnce(parts, going))
        losses.set(lane, { lane, firstSeq: losses.get(lane)?.firstSeq ?? firstSeq, lastSeq });
      removed += going.length;
    }
  } catch (error) {
    // whoever writes next meets it
    if (removed === 0) throw error;
  }
  const lost = [...losses.values()];
  for (const { lane, firstSeq, lastSeq } of lost)
    parts.log?.at("error", `${lastSeq - firstSeq + 1} events that ${lane} had not had were removed`, {
      code: "JOURNAL_DROPPED",
      lane,
      first_seq: firstSeq,
      last_seq: lastSeq,
    });
  return { removed, lost };
}

/** The next few events to go, oldest first. */
async function removable(
  { engine, size }: RetainParts,
  { maxAgeMs, maxBytes }: RetentionPolicy,
  now: Date,
): Promise<OldEvent[]> {
  const standing = await engine.patiently(() => readStanding(engine));
  if (!standing) return [];
  size.removedTo(standing.removedSeq);
  if (size.bytes > maxBytes) await measure(engine, size);
  return engine.patiently(async () => {
    const oldest = await engine.rows<OldEvent>(
      `SELECT seq, id, appended_at, octet_length(json) + ${ROW_BYTES} AS bytes FROM event ORDER BY seq LIMIT $1`,
      [STEP_EVENTS],
    );
    const cutoff = now.getTime() - maxAgeMs;
    const needed = neededFrom(await readLanes(engine), cutoff);
    // nothing goes by force for what is only reckoned
    let over = size.reckoned(1) ? 0 : size.bytes - maxBytes;
    const kept = oldest.findIndex(({ seq, appended_at, bytes }) => {
      const forced = over > 0;
      over -= bytes;
      return !forced && (appended_at >= cutoff || seq >= needed);
    });
    return kept < 0 ? oldest : oldest.slice(0, kept);
  });
}

/** @returns what lanes lost by it, also when it is not known at first whether it was stored */
async function removeOnce({ engine, reader }: RetainParts, going: readonly OldEvent[]): Promise<Loss[]> {
  // one that finds the standing changed had another before it
  const attempts: Removal[] = [];
  const lost = () => attempts.at(-1)?.lost ?? [];
  try {
    await reader.write(
      async (session, before) => {
        const removal = await remove(session, before, going);
        if (removal) attempts.push(removal);
        return removal;
      },
      (standing) => ({ standing }),
    );
  } catch (error) {
    // the next reader knows nothing of what an attempt had removed whose answer was lost
    if (!(await areTold(engine, lost()))) throw error;
  }
  return lost();
}

/** To be called in a transaction. null: the standing is another by now. */
async function remove(
  session: Session,
  before: Standing,
  going: readonly OldEvent[],
): Promise<Removal | null> {
  const upTo = going.at(-1)!.seq;
  const standing = { ...before, removedSeq: upTo, version: before.version + 1 };
  if (!(await writeStanding(session, before, standing))) return null;
  const lost = await tellLosses(session, await readLanes(session), going);
  await removeTraces(session, upTo);
  return { standing, lost };
}

async function areTold(engine: Engine, lost: readonly Loss[]): Promise<boolean> {
  if (lost.length === 0) return false;
  const numbers = lost.map(({ row }) => row);
  const rows = await engine.patiently(() =>
    engine.rows("SELECT number FROM lost WHERE number = ANY ($1::bigint[])", [numbers]),
  );
  return rows.length > 0;
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
): Promise<Loss[]> {
  const lost: Loss[] = [];
  for (const { number, id, cursor } of lanes) {
    const missed = going.filter(({ seq }) => seq > cursor);
    if (missed.length === 0) continue;
    const ids = missed.map((event) => event.id);
    const [told] = await session.rows<{ row: number }>(
      "INSERT INTO lost (lane, first_id, last_id) VALUES ($1, $2, $3) RETURNING number AS row",
      [number, Math.min(...ids), Math.max(...ids)],
    );
    lost.push({ lane: id, firstSeq: missed[0]!.seq, lastSeq: missed.at(-1)!.seq, row: told!.row });
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
