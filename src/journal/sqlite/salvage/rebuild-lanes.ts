/** A fresh `lanes.sqlite` from what can be read of a damaged one. */
import type { Database } from "../database.ts";
import { LANES_PAGE } from "../databases.ts";
import { type Lane, laneWriter } from "../lane-rows.ts";
import {
  asAction,
  asDone,
  asHanded,
  asInherited,
  asLane,
  asLost,
  asMark,
  asOutcome,
  asPassed,
  asPaused,
} from "./lanes-rows.ts";
import { salvagedRows } from "./rows.ts";

/** Fills `target`, which is new. */
export function rebuildLanes(damaged: string, target: Database): void {
  target.transaction(() => {
    const lanes = new Map<number, Lane>();
    const insert = inserters(target);
    for (const row of salvagedRows(damaged, LANES_PAGE)) {
      const lane = asLane(row);
      if (lane) keepNewest(lanes, lane);
      else insert(row);
    }
    const write = laneWriter(target);
    for (const lane of withoutTwins(lanes.values())) write(lane);
  });
}

function keepNewest(lanes: Map<number, Lane>, lane: Lane): void {
  const known = lanes.get(lane.number);
  if (!known || known.version < lane.version) lanes.set(lane.number, lane);
}

/** By id too: a number may have been given out twice when a transaction was taken back. */
function withoutTwins(lanes: Iterable<Lane>): Iterable<Lane> {
  const byId = new Map<string, Lane>();
  for (const lane of lanes) {
    const twin = byId.get(lane.id);
    if (!twin || twin.version < lane.version) byId.set(lane.id, lane);
  }
  return byId.values();
}

/** The newest version of a row comes first, so later ones are left out. */
function inserters(target: Database): (row: Parameters<typeof asMark>[0]) => void {
  const mark = target.prepare("INSERT OR IGNORE INTO mark (seq, reader, checksum) VALUES (?, ?, ?)");
  const inherited = target.prepare(
    "INSERT OR IGNORE INTO inherited (lane, id, list, checksum) VALUES (?, ?, ?, ?)",
  );
  const handed = target.prepare("INSERT OR IGNORE INTO handed (place, bits, checksum) VALUES (?, ?, ?)");
  const outcome = target.prepare(
    "INSERT OR IGNORE INTO outcome (number, lane, seq, kind, failure, checksum, print) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const lost = target.prepare(
    `INSERT OR IGNORE INTO lost (number, lane, generation, first_seq, last_seq, first_id, last_id, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const paused = target.prepare("INSERT OR IGNORE INTO paused (lane, note, checksum) VALUES (?, ?, ?)");
  const passed = target.prepare(
    "INSERT OR IGNORE INTO passed (number, lane, first_seq, last_seq, note, checksum) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const action = target.prepare(
    "INSERT OR IGNORE INTO action (number, at, action, checksum) VALUES (?, ?, ?, ?)",
  );
  const times = target.prepare("INSERT OR IGNORE INTO done (place, marks, checksum) VALUES (?, ?, ?)");
  return (row) => {
    const bits = asHanded(row);
    if (bits) return handed.run(bits.place, bits.bits, bits.checksum);
    const marks = asDone(row);
    if (marks) return times.run(marks.place, marks.marks, marks.checksum);
    if (asMark(row)) return mark.run(row.rowid, row.columns[1] as string, row.columns[2] as number);
    const had = asInherited(row);
    if (had) return inherited.run(had.lane, had.id, had.list, had.checksum);
    const recorded = asOutcome(row);
    if (recorded) return outcome.run(recorded.number, ...recorded.columns);
    const gone = asLost(row);
    if (gone) return lost.run(row.rowid, ...gone);
    const pause = asPaused(row);
    if (pause) return paused.run(row.rowid, ...pause);
    const range = asPassed(row);
    if (range) return passed.run(row.rowid, ...range);
    const done = asAction(row);
    if (done) return action.run(row.rowid, ...done);
  };
}
