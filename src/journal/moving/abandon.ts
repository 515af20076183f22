/** Gives up a move that has not finished. The source is used again before the target can be, as it was before the move. */
import { CallsheetError } from "../../errors.ts";
import { hasArrived, type MoveMark, movedAway, otherOf } from "./mark.ts";
import { type MoveTarget, refuseOtherMove } from "./move.ts";

/** What a state would have been moved out of. */
export interface StayingSource {
  readonly where: string;
  mark(): Promise<MoveMark | null>;
  /** Takes the mark `leaving` of this move away: daemons may use it again. @throws STATE_MOVED when it has left meanwhile */
  stay(id: string): Promise<void>;
}

export interface AbandonReport {
  from: string;
  to: string;
  /** The state is used from where it was; false: only the target was marked, by a move that was begun here or elsewhere. */
  stays: boolean;
}

/**
 * @param target which another machine may have claimed: its move is given up then
 * @throws STATE_MOVED when the state has arrived, or it is another move; USAGE when there is none; to be repeated when it is broken off
 */
export async function abandonMove(
  source: StayingSource,
  target: Pick<MoveTarget, "where" | "mark" | "release">,
): Promise<AbandonReport> {
  const going = await source.mark();
  refuseOtherMove(source.where, going, target.where);
  const there = await target.mark();
  if (going) {
    if (going.kind === "left") throw movedAway(source.where, going);
    if (there?.kind === "arrived" && there.id === going.id) throw hasArrived(target.where, there);
    await source.stay(going.id);
    await target.release(going.id);
    return { from: source.where, to: target.where, stays: true };
  }
  if (!there || there.kind === "left") throw nothingBegun(source.where, target.where);
  if (there.kind === "leaving") throw movedAway(target.where, there);
  await target.release(there.id);
  return { from: otherOf(there), to: target.where, stays: false };
}

function nothingBegun(from: string, to: string): CallsheetError {
  return new CallsheetError("USAGE", `No move of the state in ${from} to ${to} has begun.`, {
    hint: "There is nothing to give up.",
  });
}
