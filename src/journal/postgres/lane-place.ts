/** Where a lane stands: how its record changes as events are done with, and when an operator moves it. */
import type { Lane } from "./lane-rows.ts";

export function moveTo(lane: Lane, seq: number): void {
  Object.assign(lane, standingAt(seq));
}

/** The greater place; at the same event, what was finished before and what is finished now. */
export function progress(lane: Lane, cursor: number, begun: boolean, finished: readonly string[]): void {
  if (cursor < lane.cursor) return;
  const had = lane.begun && cursor === lane.cursor;
  const known = had ? lane.finished : [];
  lane.cursor = cursor;
  lane.begun = begun || had;
  lane.finished = [...new Set([...known, ...finished])];
}

/** What is another when it is moved to `seq`. Going back, events come again and what was done once is marked. */
export function movedTo(lane: Readonly<Lane>, seq: number): Partial<Lane> {
  const { cursor, begun, state, doubtfulTo, startSeq, inherited } = lane;
  return {
    ...standingAt(seq),
    failure: null,
    state: state === "failed" ? "active" : state,
    ...(seq < cursor && {
      doubtfulTo: Math.max(doubtfulTo, begun ? cursor + 1 : cursor),
      startSeq: Math.min(startSeq, seq),
      inherited: inherited.map((one) => ({ ...one, afterSeq: Math.max(one.afterSeq, cursor) })),
    }),
  };
}

function standingAt(seq: number): Pick<Lane, "cursor" | "begun" | "finished"> {
  return { cursor: seq, begun: false, finished: [] };
}
