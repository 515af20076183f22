import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { asError, CallsheetError } from "../../errors.ts";
import { malformed } from "../fault.ts";
import { jsonHolds } from "./json.ts";

export type Cell = SQLOutputValue;
export type Param = SQLInputValue;

const STATEMENTS_KEPT = 500;

/** Told how a transaction ended, after it did. */
export interface Watcher {
  committed(): void;
  undone(): void;
}

/**
 * A SQLite database: prepared statements kept by their text, rows as arrays of cells. SQL may use `fold(text)`
 * (lower case of any script), `json_same(a, b)` and `json_holds(a, b)`.
 */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #watchers: Watcher[] = [];

  /**
   * @param location a file path, or ":memory:"
   * @throws CallsheetError USAGE, STATE_LOCKED, STATE_TOO_NEW for a file that cannot be used
   */
  constructor(location: string) {
    this.#db = openFile(location);
    this.#db.function("fold", { deterministic: true }, (text) =>
      typeof text === "string" ? text.toLowerCase() : text,
    );
    this.#db.function("site_viewer", () => this.viewer);
    for (const [name, compare] of Object.entries({ json_same: isDeepStrictEqual, json_holds: jsonHolds }))
      this.#db.function(name, { deterministic: true }, (one, other) =>
        typeof one === "string" && compare(JSON.parse(one), JSON.parse(String(other))) ? 1 : 0,
      );
  }

  /** What SQL reads as `site_viewer()`: on whose behalf it runs, such as `HumanUser 42`. */
  viewer = "";

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  all(sql: string, params: Param[] = []): Cell[][] {
    return this.#prepare(sql).all(...params) as unknown as Cell[][];
  }

  get(sql: string, params: Param[] = []): Cell[] | undefined {
    return this.#prepare(sql).get(...params) as unknown as Cell[] | undefined;
  }

  run(sql: string, params: Param[] = []): void {
    this.#prepare(sql).run(...params);
  }

  /** Runs `work` in a transaction; whatever it throws undoes all of it. */
  transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    let result: T;
    try {
      result = work();
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      for (const watcher of this.#watchers) watcher.undone();
      throw error;
    }
    for (const watcher of this.#watchers) watcher.committed();
    return result;
  }

  /** Watches all transactions from now on. */
  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #compile(sql: string): StatementSync {
    try {
      return this.#db.prepare(sql);
    } catch (error) {
      const { message } = asError(error);
      if (!TOO_LARGE.test(message)) throw error;
      throw malformed(
        `The sandbox cannot answer so large a query (${message}): use fewer conditions, dotted fields or sort keys.`,
      );
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement) return statement;
    statement = this.#compile(sql);
    statement.setReturnArrays(true);
    if (this.#statements.size >= STATEMENTS_KEPT)
      this.#statements.delete(this.#statements.keys().next().value!);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** What SQLite says of queries that are larger than it takes; everything else is a bug of ours. */
const TOO_LARGE = /^(too many|at most|expression tree|parser stack|statement too long)/i;

/** Kept in the file; counts the changes to how a site is stored. */
const STORAGE_VERSION = 1;

function openFile(location: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(location);
    // One process at a time: names and ids are also kept in its memory.
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    db.exec("BEGIN IMMEDIATE; COMMIT");
    const version = Number(Object.values(db.prepare("PRAGMA user_version").get()!)[0]);
    if (version > STORAGE_VERSION)
      throw new CallsheetError(
        "STATE_TOO_NEW",
        `${location} was written by a newer Callsheet (version ${version}).`,
      );
    db.exec(`PRAGMA user_version = ${STORAGE_VERSION}`);
    return db;
  } catch (error) {
    db?.close();
    throw error instanceof CallsheetError ? error : unusable(location, asError(error));
  }
}

function unusable(location: string, cause: Error): CallsheetError {
  if (cause.message.includes("locked"))
    return new CallsheetError("STATE_LOCKED", `Another sandbox is using ${location}.`, { cause });
  return new CallsheetError("USAGE", `The sandbox cannot keep its site in ${location}: ${cause.message}.`, {
    hint: "Give the path of a new file in an existing folder, or of a file that a sandbox made.",
    cause,
  });
}
