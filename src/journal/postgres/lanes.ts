/** All lanes, for whoever asks; and the lease of one, for who takes it. */
import type { Engine, Session } from "./engine.ts";
import { type Lane, type LaneRow, laneOf } from "./lane-rows.ts";

export interface LaneToOpen {
  id: string;
  path: string;
  name: string;
  startSeq: number;
}

/** In the order in which they were made. */
export async function readLanes(session: Session): Promise<Lane[]> {
  const rows = await session.rows<LaneRow>("SELECT * FROM lane ORDER BY number", [], "lanes");
  return rows.map(laneOf);
}

/** The lane with its epoch raised, made when it is not there. */
export async function takeLane(engine: Engine, { id, path, name, startSeq }: LaneToOpen): Promise<Lane> {
  // raising it once more after a lost answer does no harm
  const [row] = await engine.patiently(() =>
    engine.rows<LaneRow>(
      `INSERT INTO lane (id, path, name, state, start_seq, epoch, version, cursor, begun, finished, callbacks, doubtful_to, inherited)
       VALUES ($1, $2, $3, 'active', $4, 1, 1, $4, false, '[]', '[]', 0, '[]')
       ON CONFLICT (id) DO UPDATE SET epoch = lane.epoch + 1, version = lane.version + 1, path = $2, name = $3
       RETURNING *`,
      [id, path, name, startSeq],
    ),
  );
  return laneOf(row!);
}
