/**
 * Moves a state from one engine to the other so that no event is lost or repeated. Each side keeps a mark of the move, with its id, so that
 * at no moment a daemon could open both; a move that was broken off, wherever, is finished by the same command. The marks are written in
 * this order: the target is `arriving`, so that nobody begins anew in it; the source `leaving`; then all of it is in the target, which is
 * `arrived` by the same step; the source `left`; and the target's is taken away. The one of the two that is a folder knows the id, so
 * that the move goes on there and on no other machine, whatever that is called by then.
 */
import { CallsheetError } from "../../errors.ts";
import { type MoveKind, type MoveMark, movedAway } from "./mark.ts";
import type { MovingState } from "./state.ts";

interface Place {
  /** For people, and for the marks: one place has one name, and no other on the same machine has it. */
  readonly where: string;
  /** Of a folder the name of its machine, for people; null: it is a database. */
  readonly machine: string | null;
  /** Of the move that this folder is in, or else of a new one; null: it is a database. */
  readonly id: string | null;
  mark(): Promise<MoveMark | null>;
}

export interface MoveSource extends Place {
  /** From now on `id` is the same whenever it is opened, until it is not moved any more. Daemons may use it still. */
  keepId(): Promise<void>;
  /** @param mark `leaving` or `left` @throws STATE_MOVED when it may not follow the one that is there: see `following` */
  setMark(mark: MoveMark): Promise<void>;
  /** To be called when it is marked: nothing changes it any more. */
  state(): Promise<MovingState>;
}

export interface MoveTarget extends Place {
  /**
   * Keeps daemons from beginning in it.
   * @param mark `arriving`
   * @throws USAGE when there is something that was not moved away, STATE_MOVED as `setMark`
   */
  claim(mark: MoveMark): Promise<void>;
  /**
   * All of it, with the mark `arrived`, or nothing that a daemon would open. What was moved away from here before is replaced.
   * @throws STATE_MOVED when it is not the one that has claimed it
   */
  receive(state: MovingState, mark: MoveMark, progress: (events: number) => void): Promise<void>;
  /** Lets daemons in. */
  letIn(id: string): Promise<void>;
  /** What the move has brought is gone, and the mark from before its claim is there again. Nothing, when another has it. */
  release(id: string): Promise<void>;
}

export interface MoveReport {
  from: string;
  to: string;
  /** It had arrived before, and was let in now. */
  resumed: boolean;
  /** What was moved now; 0 for one that had arrived. */
  events: number;
  plugins: number;
}

type Progress = (events: number, of: number) => void;

/** @throws STATE_MOVED, USAGE, and what the engines throw; to be repeated then */
export async function moveState(
  source: MoveSource,
  target: MoveTarget,
  progress: Progress = () => {},
): Promise<MoveReport> {
  const going = await source.mark();
  refuseOtherMove(source.where, going, target.where);
  const id = (source.id ?? target.id)!;
  const there = await target.mark();
  const arrived = there?.kind === "arrived" && there.id === id;
  if (!arrived && going && (going.kind === "left" || going.id !== id)) throw movedAway(source.where, going);
  const moved = arrived ? { events: 0, plugins: 0 } : await bring(source, target, id, progress);
  await source.setMark(markOf("left", id, target));
  await target.letIn(id);
  return { from: source.where, to: target.where, resumed: arrived, ...moved };
}

async function bring(
  source: MoveSource,
  target: MoveTarget,
  id: string,
  progress: Progress,
): Promise<{ events: number; plugins: number }> {
  await source.keepId();
  await target.claim(markOf("arriving", id, source));
  await source.setMark(markOf("leaving", id, target)).catch(async (error) => {
    // another has begun to move it; where it is not known, the claim stays for who comes again
    if (error instanceof CallsheetError && error.code === "STATE_MOVED") await target.release(id);
    throw error;
  });
  const state = await source.state();
  const arrived = markOf("arrived", id, source);
  await target.receive(state, arrived, (events) => progress(events, state.eventCount));
  return { events: state.eventCount, plugins: state.lanes.length };
}

function markOf(kind: MoveKind, id: string, { where: other, machine }: Place): MoveMark {
  return { kind, id, other, machine, at: new Date().toISOString() };
}

/** The source may be on its way already, but only to this target. @throws STATE_MOVED */
export function refuseOtherMove(where: string, going: MoveMark | null, target: string): void {
  if (!going) return;
  if (going.kind === "arriving" || going.kind === "arrived" || going.other !== target)
    throw movedAway(where, going);
}

/** The refusal of a target. */
export function alreadyUsed(where: string): CallsheetError {
  return new CallsheetError("USAGE", `There is a state in ${where} already.`, {
    hint: "Nothing was moved. A state is moved only to where none is, or to where it came from.",
  });
}
