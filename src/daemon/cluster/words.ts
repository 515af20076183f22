/** What the daemons of a cluster tell one another: how each plugin does that they run. Another may be of another version. */
import { ACTIVITIES } from "../activities.ts";
import type { LaneStatus } from "../lane-status.ts";
import type { Reading } from "../status.ts";

/** Of a host. */
export interface HostWords {
  /** ISO 8601 UTC. */
  startedAt: string;
  takeOvers: number;
  fenced: number;
}

export interface Words extends HostWords {
  /** null: it does not read. */
  reading: Reading | null;
  lanes: readonly LaneStatus[];
}

export interface Heard {
  host: HostWords;
  reading: Reading | null;
  /** By lane id; what another version does not tell is left out. */
  lanes: ReadonlyMap<string, Partial<LaneStatus>>;
}

export function inWords(words: Words): string {
  return JSON.stringify(words);
}

/** null: it is not understood. */
export function heard(text: string): Heard | null {
  try {
    const { startedAt, takeOvers, fenced, reading, lanes } = JSON.parse(text) as Words;
    return {
      host: { startedAt: String(startedAt), takeOvers: Number(takeOvers), fenced: Number(fenced) },
      reading: reading ?? null,
      lanes: new Map(lanes.map((lane) => [lane.id, known(lane)])),
    };
  } catch {
    return null;
  }
}

function known(lane: LaneStatus): Partial<LaneStatus> {
  return ACTIVITIES.includes(lane.activity) ? lane : { ...lane, activity: "elsewhere" };
}
