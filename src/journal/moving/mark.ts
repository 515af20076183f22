/** What stands in a state that is being moved, or was: while it does, no daemon opens that state. */
import { CallsheetError } from "../../errors.ts";

/**
 * arriving: it is to be written, or is being written. leaving: the other place is marked as arriving, or has it. arrived: all of it is
 * here, and the other place does not know that yet. left: the other place has it.
 */
export type MoveKind = "leaving" | "left" | "arriving" | "arrived";

export interface MoveMark {
  kind: MoveKind;
  /** Of the move. */
  id: string;
  /** The other place, as `MoveSource` and `MoveTarget` name it: the move goes on to this one alone. */
  other: string;
  /** Of the other place, where that is a folder: the name of its machine. null: it is a database. Absent: it was not written down. */
  machine?: string | null;
  /** Where a state arrives: the mark that stood there, and stands there again when the move is given up. Absent or null: none. */
  before?: MoveMark | null;
  /** When it was written, ISO 8601. */
  at: string;
}

/**
 * A mark as it is to be written over the one that is there: of two moves that meet in a place one goes on, and the other is refused.
 * @throws STATE_MOVED when it may not follow
 */
export function following(where: string, there: MoveMark | null, mark: MoveMark): MoveMark {
  if (!mayFollow(there, mark)) throw there ? movedAway(where, there) : givenUp(where, mark);
  if (mark.kind === "leaving" || mark.kind === "left") return mark;
  return { ...mark, before: there?.kind === "left" ? there : (there?.before ?? null) };
}

function mayFollow(there: MoveMark | null, { kind, id }: MoveMark): boolean {
  const has = (...kinds: readonly MoveKind[]) => there?.id === id && kinds.includes(there.kind);
  switch (kind) {
    case "arriving":
      return there === null || there.kind === "left" || has("arriving");
    case "leaving":
      return there === null || has("leaving");
    case "arrived":
      return has("arriving");
    case "left":
      // once more, when whoever wrote it did not come to tell the other place
      return has("leaving", "left");
  }
}

/** The refusal of a state that has such a mark. */
export function movedAway(where: string, mark: MoveMark): CallsheetError {
  const { kind, at } = mark;
  if (kind === "left")
    return new CallsheetError(
      "STATE_MOVED",
      `The state in ${where} was moved to ${otherOf(mark)} on ${at}.`,
      {
        hint: "Start the daemon with a configuration that names that one, or bring it back with callsheet import-state.",
      },
    );
  const [from, to] = kind === "leaving" ? [where, otherOf(mark)] : [otherOf(mark), where];
  return new CallsheetError("STATE_MOVED", `The move of the state in ${from} to ${to} has not finished.`, {
    hint: "Give the same callsheet import-state command again where it was given, with the configuration that names these two: it goes on where it stopped. With --abandon it is given up, and the state is used from where it was.",
  });
}

/** What is to be given up has arrived. */
export function hasArrived(where: string, mark: MoveMark): CallsheetError {
  return new CallsheetError("STATE_MOVED", `All of the state in ${otherOf(mark)} has arrived in ${where}.`, {
    hint: "Give the command without --abandon, which lets daemons use it there; then it can be moved back.",
  });
}

/** A mark of this move has to be there, and is not. */
function givenUp(where: string, mark: MoveMark): CallsheetError {
  const [from, to] = mark.kind === "left" ? [where, otherOf(mark)] : [otherOf(mark), where];
  const hint =
    mark.kind === "left"
      ? `The state is used from where it was. The same command with --abandon puts aside what has arrived in ${to}.`
      : "Give the same command again to begin anew; or with --abandon, and the state is used from where it was.";
  return new CallsheetError(
    "STATE_MOVED",
    `The move of the state in ${from} to ${to} was given up meanwhile.`,
    {
      hint,
    },
  );
}

/** For people. */
export function otherOf({ other, machine }: MoveMark): string {
  return machine ? `${other} of the machine ${machine}` : other;
}
