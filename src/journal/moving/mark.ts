/** What stands in a state that is being moved, or was: while it does, no daemon opens that state. */
import { CallsheetError } from "../../errors.ts";

/**
 * leaving: its move was begun. left: the other place has it. arriving: it is being written. arrived: all of it is here, and the
 * other place does not know that yet.
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
  /** When it was written, ISO 8601. */
  at: string;
}

/** The refusal of a state that has such a mark. */
export function movedAway(where: string, { kind, other: place, machine, at }: MoveMark): CallsheetError {
  const other = machine ? `${place} of the machine ${machine}` : place;
  if (kind === "left")
    return new CallsheetError("STATE_MOVED", `The state in ${where} was moved to ${other} on ${at}.`, {
      hint: "Start the daemon with a configuration that names that one, or bring it back with callsheet import-state.",
    });
  const [from, to] = kind === "leaving" ? [where, other] : [other, where];
  return new CallsheetError("STATE_MOVED", `The move of the state in ${from} to ${to} has not finished.`, {
    hint: "Give the same callsheet import-state command again, with the configuration that names these two: it goes on where it stopped.",
  });
}
