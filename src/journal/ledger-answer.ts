/** What became of one event for one lane, from what is stored of both. */
import { covers, hadBefore } from "./inherited.ts";
import type { Cursor, Inherited, LaneState } from "./journal.ts";
import type { LaneFailure, LedgerAnswer, OperatorNote, Outcome } from "./ledger.ts";

/** A lane, as far as the ledger asks. */
export interface LedgerLane {
  id: string;
  name: string;
  state: LaneState;
  startSeq: number;
  failure: LaneFailure | null;
  inherited: readonly Inherited[];
}

/** What is stored of one event and one lane. */
export interface Traces {
  /** Whether the lane's host got it. */
  handed(): boolean;
  /** Outcomes that were recorded, in their order. */
  recorded(): { kind: "failed" | "skipped"; failure: LaneFailure }[];
  /** The operator who moved the lane past it, or null. */
  passedBy(): OperatorNote | null;
}

/** For an event that stands in the journal. */
export function answerFor(
  lane: LedgerLane,
  cursor: Cursor,
  event: { seq: number; generation: number; id: number },
  traces: Traces,
): LedgerAnswer {
  const had = hadBefore(lane.inherited, event);
  if (had && !traces.handed()) return answer(lane, had.as);
  if (event.seq <= lane.startSeq) return answer(lane, "before_start");
  const recorded = traces.recorded();
  const failures = recorded.map(({ failure }) => failure);
  if (event.seq > cursor.seq) {
    const stoppedHere = lane.failure?.seq === event.seq && lane.state === "failed";
    return stoppedHere
      ? answer(lane, "failed", [...failures, lane.failure!])
      : answer(lane, "waiting", failures);
  }
  const operator = traces.passedBy();
  if (operator) return { ...answer(lane, "skipped", failures), operator };
  if (recorded.some(({ kind }) => kind === "failed")) return answer(lane, "failed", failures);
  if (recorded.length > 0) return answer(lane, "skipped", failures);
  return answer(lane, traces.handed() ? "delivered" : "filtered");
}

/** For an id that the journal does not have. @param lost whether retention took events of such ids from the lane */
export function answerWithout(lane: LedgerLane, eventId: number, lost: boolean): LedgerAnswer[] {
  const had = lane.inherited.findLast((inherited) => covers(inherited, eventId));
  if (had) return [answer(lane, had.as)];
  return lost ? [answer(lane, "dropped")] : [];
}

export function answerNever(lane: LedgerLane): LedgerAnswer {
  return answer(lane, "never_happened");
}

function answer({ id, name }: LedgerLane, outcome: Outcome, failures: LaneFailure[] = []): LedgerAnswer {
  return { lane: id, name, outcome, failures, operator: null };
}
