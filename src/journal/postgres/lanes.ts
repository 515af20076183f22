/** All lanes, for whoever asks; and the lease of one, for who takes it. */
import { CallsheetError } from "../../errors.ts";
import type { LaneToOpen, LeaseSeen } from "../journal.ts";
import type { Engine, Session } from "./engine.ts";
import { LANE_COLUMNS, type Lane, type LaneRow, laneOf } from "./lane-rows.ts";
import { epochAfter, takeOnce } from "./once.ts";
import { UNDER_LEASE_OF_ALL } from "./together.ts";

/** In the order in which they were made. */
export async function readLanes(session: Session): Promise<Lane[]> {
  const rows = await session.rows<LaneRow>(`SELECT ${LANE_COLUMNS} FROM lane ORDER BY number`, [], "lanes");
  return rows.map(laneOf);
}

const NEW = `
  INSERT INTO lane (id, path, name, state, start_seq, owner, epoch, version, cursor, begun, finished, callbacks, doubtful_to, inherited)
  SELECT $1, $2::text, $3::text, 'active', $4::bigint, $5::text, 1, 1, $4::bigint, false, '[]', '[]', 0, '[]'
  WHERE NOT EXISTS (SELECT 1 FROM move) AND ($6::bigint IS NULL OR EXISTS (${UNDER_LEASE_OF_ALL("$5", "$6")}))
  ON CONFLICT (id)`;
const TAKEN =
  "DO UPDATE SET owner = $5, epoch = lane.epoch + 1, version = lane.version + 1, path = $2, name = $3";

/**
 * The lane with its epoch raised, made when it is not there.
 * @param under epoch of the lease of all lanes, which has to be held for this one; null: it need not be
 * @param seen only if it is still this, or with null: only if it is not there; undefined: in any case
 * @throws STATE_LOCKED when it is not as it was seen, or the whole state was moved away
 */
export async function takeLane(
  engine: Engine,
  { id, path, name, startSeq }: LaneToOpen,
  { owner, under }: { owner: string | null; under: number | null },
  seen: LeaseSeen | null | undefined,
): Promise<Lane> {
  const values = [id, path, name, startSeq, owner, under];
  const take = async (what: string, more: readonly number[] = [], withinMs?: number) => {
    const text = `${NEW} ${what} RETURNING *`;
    return (await engine.rows<LaneRow>(text, [...values, ...more], undefined, withinMs))[0] ?? null;
  };
  const asSeen = (withinMs: number) =>
    seen
      ? take(`${TAKEN} WHERE lane.epoch = $7 AND lane.version = $8`, [seen.epoch, seen.version], withinMs)
      : take("DO NOTHING", [], withinMs);
  const row =
    seen === undefined
      ? // more than once does no harm, as long as none comes late: the server ends it before it is tried again
        await engine.patiently(() => take(TAKEN))
      : await takeOnce(engine, asSeen, (withinMs) => takenLane(engine, { id, owner, seen, withinMs }));
  if (row) return laneOf(row);
  throw new CallsheetError("STATE_LOCKED", `The plugin ${name} was taken by another daemon of the cluster.`);
}

async function takenLane(
  session: Session,
  {
    id,
    owner,
    seen,
    withinMs,
  }: { id: string; owner: string | null; seen: LeaseSeen | null; withinMs: number },
): Promise<LaneRow | null> {
  const text = `SELECT ${LANE_COLUMNS} FROM lane WHERE id = $1 AND owner = $2 AND epoch = $3`;
  const [row] = await session.rows<LaneRow>(text, [id, owner, epochAfter(seen)], undefined, withinMs);
  return row ?? null;
}

/** A lane that nobody has, unless it is there already, or the whole state was moved away. */
export async function makeLane(engine: Engine, { id, path, name, startSeq }: LaneToOpen): Promise<void> {
  await engine.patiently(() => engine.rows(`${NEW} DO NOTHING`, [id, path, name, startSeq, null, null]));
}
