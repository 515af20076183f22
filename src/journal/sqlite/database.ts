/** One SQLite file of the state: opening, transactions, versioned migrations. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { CallsheetError } from "../../errors.ts";
import { corrupt, translated } from "./trouble.ts";

/** How long another program's lock (a backup, a look with the sqlite3 command) is waited for, in ms. */
const BUSY_TIMEOUT = 2000;

export interface DatabaseOptions {
  file: string;
  /** Whether it may be a new, empty file; otherwise one without tables is damaged. */
  create: boolean;
  /** Page size of a new file, bytes. */
  pageSize: number;
  /** The write-ahead log is folded into the file when it has this many pages. */
  checkpointPages: number;
  /** Migration n brings version n to n + 1. */
  migrations: readonly string[];
  /** FULL: each commit is fsynced. NORMAL: a commit outlives the process, and the machine only after the next checkpoint. */
  synchronous: "FULL" | "NORMAL";
  /** Nothing is written, and a file of an older version is refused. Default false. */
  readOnly?: boolean;
}

export class Database {
  readonly file: string;
  readonly #database: DatabaseSync;

  /** @throws STATE_CORRUPT, STATE_TOO_NEW, STATE_UNUSABLE, STATE_FULL */
  constructor(options: DatabaseOptions) {
    const { file, migrations, readOnly = false } = options;
    this.file = file;
    this.#database = this.run(() => new DatabaseSync(file, { timeout: BUSY_TIMEOUT, readOnly }));
    try {
      this.exec("PRAGMA cell_size_check = ON");
      if (readOnly) this.#checkForReading(migrations);
      else this.#prepare(options);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Runs `work`, translating what SQLite throws. */
  run<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translated(error, this.file);
    }
  }

  prepare(sql: string): StatementSync {
    return this.run(() => this.#database.prepare(sql));
  }

  exec(sql: string): void {
    this.run(() => this.#database.exec(sql));
  }

  /** The first column of the first row. */
  value(sql: string): unknown {
    const row = this.run(() => this.#database.prepare(sql).get());
    return row && Object.values(row)[0];
  }

  synchronous(level: "FULL" | "NORMAL"): void {
    this.exec(`PRAGMA synchronous = ${level}`);
  }

  /** All of `work` or nothing. Not to be nested. */
  transaction<T>(work: () => T): T {
    return this.run(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  close(): void {
    if (this.#database.isOpen) this.run(() => this.#database.close());
  }

  #prepare({ create, pageSize, checkpointPages, migrations, synchronous }: DatabaseOptions): void {
    const version = this.#checkedVersion(create, migrations);
    if (version === 0) this.exec(`PRAGMA page_size = ${pageSize}; PRAGMA auto_vacuum = INCREMENTAL`);
    this.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = ${checkpointPages}`);
    this.synchronous(synchronous);
    this.#migrate(version, migrations);
    this.#checkTables(migrations);
  }

  #checkForReading(migrations: readonly string[]): void {
    if (this.#checkedVersion(false, migrations) < migrations.length) {
      throw new CallsheetError("STATE_UNUSABLE", `The state file ${this.file} is of an older version.`, {
        hint: "Start the daemon once: it brings the state up to date.",
      });
    }
    this.#checkTables(migrations);
  }

  #checkedVersion(create: boolean, migrations: readonly string[]): number {
    const version = Number(this.value("PRAGMA user_version"));
    const known = migrations.length;
    if (version < (create ? 0 : 1)) throw corrupt(this.file, "its header does not say which version it has");
    if (version <= known) return version;
    // each step changes the tables: a newer Callsheet would have others
    if (this.#hasTablesOf(migrations)) {
      throw corrupt(
        this.file,
        `its header says version ${version}, but its tables are those of version ${known}`,
      );
    }
    throw new CallsheetError(
      "STATE_TOO_NEW",
      `The state file ${this.file} has version ${version}; this Callsheet knows versions up to ${known}.`,
      { hint: "Install the newer Callsheet that wrote it, or name another folder as `state`." },
    );
  }

  #migrate(version: number, migrations: readonly string[]): void {
    for (const [index, sql] of migrations.entries()) {
      if (index < version) continue;
      this.transaction(() => {
        this.#database.exec(sql);
        this.#database.exec(`PRAGMA user_version = ${index + 1}`);
      });
    }
  }

  /** Damage to the description of the tables would change what every statement means. */
  #checkTables(migrations: readonly string[]): void {
    if (this.#hasTablesOf(migrations)) return;
    throw corrupt(this.file, "its tables are not those that were made");
  }

  #hasTablesOf(migrations: readonly string[]): boolean {
    const made = new DatabaseSync(":memory:");
    for (const sql of migrations) made.exec(sql);
    const tables = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name";
    const expected = JSON.stringify(made.prepare(tables).all());
    made.close();
    const found = this.run(() => this.#database.prepare(tables).all());
    return JSON.stringify(found) === expected;
  }
}
