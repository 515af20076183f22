/** Turns what PostgreSQL and its client throw into the sentences of `errors.ts`. */
import { CallsheetError } from "../../errors.ts";
import { type Refusal, refusalOf, silenceOf } from "./refusals.ts";

/** SQLSTATE codes and classes (PostgreSQL manual, appendix A). */
const CONNECTION_CLASS = "08";
const OPERATOR_INTERVENTION = "57P";
/** Its time was up (`statement_timeout`): a server that is overloaded, or waits for a lock. */
const CANCELLED = "57014";
/** A transaction waited too long for its next statement: this process stood still. */
const IDLE_IN_TRANSACTION = "25P03";
const INSUFFICIENT_RESOURCES = "53";
const DISK_FULL = "53100";
/** Another had it for longer than was waited. */
const LOCKED = "55P03";
/** One of two that waited for each other was rolled back. */
const DEADLOCK = "40P01";
/** The tables are gone. */
const NO_SUCH_TABLE = "42P01";
const READ_ONLY = "25006";

/** Errors of the network below PostgreSQL's own. */
const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "ENOTFOUND",
]);
/** The client's own words for a connection that is gone (it gives no codes). */
const GONE =
  /Connection terminated|connection timeout|timeout exceeded|timeout expired|Query read timeout|Client has encountered a connection error|not queryable/;

/** What the client says when no connection became free in time. */
const CROWDED = "timeout exceeded when trying to connect";

/** Whether the database may have done it or not, could not be asked, or takes nothing for now: worth asking again. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof CallsheetError) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return GONE.test(error.message);
  return (
    NETWORK.has(code) ||
    code.startsWith(CONNECTION_CLASS) ||
    code.startsWith(OPERATOR_INTERVENTION) ||
    code === CANCELLED ||
    code === IDLE_IN_TRANSACTION ||
    code === DEADLOCK ||
    // a full disk is told of to whoever wants something stored
    (code.startsWith(INSUFFICIENT_RESOURCES) && code !== DISK_FULL) ||
    code === READ_ONLY
  );
}

/** Whether it answers, but takes nothing: a standby, one that was demoted a moment ago, or one that is set so. Nothing was done. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === READ_ONLY;
}

/** Whether its time was up while the server was at it. */
export function isTooLong(error: unknown): boolean {
  return codeOf(error) === CANCELLED;
}

/** Whether its disk is full. Nothing was done. */
export function isFull(error: unknown): boolean {
  return codeOf(error) === DISK_FULL;
}

/** Whether all connections of this daemon were in use for too long. */
export function isCrowded(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === undefined && error.message === CROWDED;
}

/** Whether it did not get a lock that it needs, and was rolled back for it. */
export function isLocked(error: unknown): boolean {
  const code = codeOf(error);
  return code === LOCKED || code === DEADLOCK;
}

function codeOf(error: unknown): string | undefined {
  return ((error ?? {}) as NodeJS.ErrnoException).code;
}

/** `error` as a CallsheetError about the database at `where`; a CallsheetError stays as it is. */
export function translated(error: unknown, where: string): unknown {
  if (error instanceof CallsheetError || !(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === DISK_FULL) {
    return new CallsheetError("STATE_FULL", `The disk of the database at ${where} is full.`, {
      hint: "Free some space there; nothing that was stored is lost.",
      cause: error,
    });
  }
  if (code === NO_SUCH_TABLE) return emptied(where, error);
  const refusal = refusalOf(error) ?? (isAway(error) ? silenceOf(error) : null);
  return refusal ? unusable(where, refusal, error) : error;
}

/** What is stored is not what was written. `what` completes "The state in … is damaged: ". */
export function corrupt(where: string, what: string): CallsheetError {
  return new CallsheetError("STATE_CORRUPT", `The state in the database at ${where} is damaged: ${what}.`, {
    hint: "Stop all daemons, and restore the database from its backup.",
  });
}

function emptied(where: string, cause: unknown): CallsheetError {
  return new CallsheetError("STATE_RESTORED", `The tables in the database at ${where} are gone.`, {
    hint: "Stop all daemons; restore the database from its backup if there is one, and give callsheet repair --cluster.",
    cause,
  });
}

function unusable(where: string, { why, hint }: Refusal, cause: unknown): CallsheetError {
  return new CallsheetError("STATE_UNUSABLE", `The database at ${where} cannot be used: ${why}.`, {
    hint,
    cause,
  });
}
