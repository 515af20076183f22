/** Turns what SQLite and the file system throw into the sentences of `errors.ts`. */
import { dirname } from "node:path";
import { CallsheetError } from "../../errors.ts";

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const ERROR = 1;
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const CONSTRAINT = 19;
const NOTADB = 26;
const IOERR_SHORT_READ = 522;
const IOERR_CORRUPTFS = 8458;

const NO_ACCESS = new Set(["EACCES", "EPERM"]);
const NO_SPACE = new Set(["ENOSPC", "EDQUOT"]);

/** `error` as a CallsheetError about `file`; a CallsheetError stays as it is. */
export function translated(error: unknown, file: string): unknown {
  if (error instanceof CallsheetError || !(error instanceof Error)) return error;
  const { code, errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  if (code === "ERR_SQLITE_ERROR" && errcode !== undefined) return fromSqlite(error, errcode, file);
  if (code === "ERR_INVALID_STATE") return closed(file, error);
  if (code && NO_SPACE.has(code)) return full(file, error);
  if (code === "EROFS") return unusable(file, "its file system is mounted read-only", error);
  if (code && NO_ACCESS.has(code))
    return unusable(file, "there is no permission to read and write it", error);
  if (error && "syscall" in error) return unusable(file, error.message, error);
  return error;
}

function fromSqlite(error: Error, errcode: number, file: string): unknown {
  const primary = errcode & 0xff;
  if (primary === CORRUPT || primary === NOTADB || primary === CONSTRAINT)
    return corrupt(file, error.message, error);
  // the statements are fixed: when one does not fit, the tables are not those that were made
  if (primary === ERROR)
    return corrupt(file, `its tables are not as they should be (${error.message})`, error);
  if (errcode === IOERR_SHORT_READ || errcode === IOERR_CORRUPTFS)
    return corrupt(file, "it ends too early", error);
  if (primary === FULL) return full(file, error);
  if (primary === BUSY || primary === LOCKED) {
    return new CallsheetError("STATE_LOCKED", `Another program holds a lock on ${file}.`, {
      hint: "Close the program that has it open, then start again.",
      cause: error,
    });
  }
  if (primary === READONLY || primary === CANTOPEN) {
    return unusable(file, "it cannot be opened for writing", error);
  }
  if (primary === IOERR) return unusable(file, `the disk reported an error (${error.message})`, error);
  return error;
}

/** A state file is damaged. `what` completes "The state file … is damaged: ". */
export function corrupt(file: string, what: string, cause?: unknown): CallsheetError {
  return new CallsheetError("STATE_CORRUPT", `The state file ${file} is damaged: ${what}.`, {
    hint: `Run \`callsheet repair --state ${stateOf(file)}\`: it keeps the damaged file and recovers what can be read.`,
    cause,
  });
}

function full(file: string, cause: unknown): CallsheetError {
  return new CallsheetError("STATE_FULL", `The disk under ${file} is full.`, {
    hint: "Free some space, or move the state folder to another disk; nothing that was stored is lost.",
    cause,
  });
}

function unusable(file: string, why: string, cause: unknown): CallsheetError {
  return new CallsheetError("STATE_UNUSABLE", `The state at ${file} cannot be used: ${why}.`, {
    hint: "Check the path and its permissions, or name another folder as `state`.",
    cause,
  });
}

function closed(file: string, cause: unknown): CallsheetError {
  return new CallsheetError("INTERNAL", `The journal at ${file} was used after it had been closed.`, {
    cause,
  });
}

function stateOf(file: string): string {
  const folder = dirname(file);
  return file.endsWith(".slot") ? dirname(folder) : folder;
}
