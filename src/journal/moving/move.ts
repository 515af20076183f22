/**
 * Moves a state from one engine to the other so that no event is lost or repeated. Each side keeps a mark of the move, with its id,
 * so that at no moment a daemon could open both; a move that was broken off, wherever, is finished by the same command.
 */
import { randomUUID } from "node:crypto";
import { CallsheetError } from "../../errors.ts";
import { type MoveMark, movedAway } from "./mark.ts";
import type { MovingState } from "./state.ts";

interface Place {
  /** For people, and for the marks: one place has one name, and no other has the same. */
  readonly where: string;
  /** Of a folder the name of its machine, for people; null: it is a database. */
  readonly machine: string | null;
}

export interface MoveSource extends Place {
  mark(): Promise<MoveMark | null>;
  setMark(mark: MoveMark): Promise<void>;
  /** To be called when it is marked: nothing changes it any more. */
  state(): Promise<MovingState>;
}

export interface MoveTarget extends Place {
  mark(): Promise<MoveMark | null>;
  /** Whether there is something that was not moved away. */
  inUse(): Promise<boolean>;
  /** All of it, with the mark `arrived`, or nothing that a daemon would open. What was moved away from here before is replaced. */
  receive(state: MovingState, mark: MoveMark, progress: (events: number) => void): Promise<void>;
  /** Lets daemons in. */
  clearMark(): Promise<void>;
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

/** @throws STATE_MOVED, USAGE, and what the engines throw; to be repeated then */
export async function moveState(
  source: MoveSource,
  target: MoveTarget,
  progress: (events: number, of: number) => void = () => {},
): Promise<MoveReport> {
  const going = await source.mark();
  refuseOtherMove(source.where, going, target.where);
  const id = going?.id ?? randomUUID();
  const mark = (kind: MoveMark["kind"], other: Place): MoveMark => ({
    kind,
    id,
    other: other.where,
    machine: other.machine,
    at: new Date().toISOString(),
  });
  const there = await target.mark();
  const arrived = there?.kind === "arrived" && there.id === id;
  let moved = { events: 0, plugins: 0 };
  if (!arrived) {
    if (going?.kind === "left") throw movedAway(source.where, going);
    await refuseUnfit(target, there, id);
    await source.setMark(mark("leaving", target));
    const state = await source.state();
    await target.receive(state, mark("arrived", source), (events) => progress(events, state.eventCount));
    moved = { events: state.eventCount, plugins: state.lanes.length };
  }
  await source.setMark(mark("left", target));
  await target.clearMark();
  return { from: source.where, to: target.where, resumed: arrived, ...moved };
}

/** The source may be on its way already, but only to this target. */
function refuseOtherMove(where: string, going: MoveMark | null, target: string): void {
  if (!going) return;
  if (going.kind === "arriving" || going.kind === "arrived" || going.other !== target)
    throw movedAway(where, going);
}

async function refuseUnfit(target: MoveTarget, there: MoveMark | null, id: string): Promise<void> {
  if (there && there.kind !== "left" && there.id !== id) throw movedAway(target.where, there);
  if (there || !(await target.inUse())) return;
  throw new CallsheetError("USAGE", `There is a state in ${target.where} already.`, {
    hint: "Nothing was moved. A state is moved only to where none is, or to where it came from.",
  });
}
