import { CallsheetError } from "../../errors.ts";

/** Whether it says that the database does not answer. */
export function isAway(error: unknown): boolean {
  return error instanceof CallsheetError && error.code === "STATE_UNUSABLE";
}

/** Whether it says that the disk of the database is full. */
export function isFull(error: unknown): error is CallsheetError {
  return error instanceof CallsheetError && error.code === "STATE_FULL";
}

/** Whether it says that another daemon has what this one wanted, or had. */
export function isLocked(error: unknown): boolean {
  return error instanceof CallsheetError && error.code === "STATE_LOCKED";
}
