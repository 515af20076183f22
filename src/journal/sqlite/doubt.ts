/** What a loss of power leaves unknown, as the lanes keep it. */
import type { Database } from "./database.ts";
import { HandedEvents } from "./hand-over.ts";
import { laneWriter, readLanes } from "./lane-rows.ts";

/**
 * What was handed over and does not count as done may have been begun: progress may be lost. Durable when it returns, so that whoever
 * opens the state next, after whatever end, knows it too.
 * @throws STATE_CORRUPT, STATE_FULL
 */
export function doubtProgress(lanes: Database): void {
  const handed = new HandedEvents(lanes);
  const write = laneWriter(lanes);
  lanes.synchronous("FULL");
  lanes.transaction(() => {
    for (const lane of readLanes(lanes).values()) {
      const last = handed.last(lane.number);
      if (last <= Math.max(lane.doubtfulTo, lane.cursor)) continue;
      lane.doubtfulTo = last;
      write(lane);
    }
  });
  lanes.synchronous("NORMAL");
}
