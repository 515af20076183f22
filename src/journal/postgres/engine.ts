/** The database: a pool of connections, patience while it is away, and its notifications. */
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { CallsheetError } from "../../errors.ts";
import { Client } from "./client.ts";
import { isAway, translated } from "./trouble.ts";

export interface EngineOptions {
  /** `postgres://user:password@host:port/database`, with `?sslmode=verify-full` and the like. */
  url: string;
  /** Schema that everything is kept in. */
  schema: string;
  /** Longest time one statement may take, ms. */
  statementTimeoutMs: number;
  /** Longest time to make a connection, or to get one of those that are there, ms. */
  connectTimeoutMs: number;
  /** Connections at most. */
  connections: number;
  /** Longest time that a transaction may wait for its next statement, ms; then the server lets its locks go. Default: no limit. */
  idleInTransactionMs?: number | undefined;
}

export type Values = readonly unknown[];

/** Something that statements can be sent to: the pool, or the connection of a transaction. */
export interface Session {
  /**
   * @param name makes it a prepared statement
   * @param withinMs longest time to wait for the answer of a statement that is small
   */
  rows<T>(text: string, values?: Values, name?: string, withinMs?: number): Promise<T[]>;
}

const INT8 = 20;
const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"];
const PROTOCOLS = new Set(["postgres:", "postgresql:"]);
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

export class Engine implements Session {
  /** The address without user and password, for people. */
  readonly where: string;
  readonly schema: string;
  readonly #settings: pg.ClientConfig;
  readonly #pool: pg.Pool;
  readonly #closed = new AbortController();
  #awaySince: Date | null = null;

  /** Connects when it is first used. @throws CallsheetError CONFIG_INVALID for an address that is none */
  constructor(options: EngineOptions) {
    const { url, schema, statementTimeoutMs, connectTimeoutMs, connections, idleInTransactionMs } = options;
    this.where = whereOf(url);
    this.schema = schema;
    this.#settings = {
      connectionString: verifying(url),
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      // whoever stands still in the middle of one does not keep the others from going on
      ...(idleInTransactionMs && { idle_in_transaction_session_timeout: Math.ceil(idleInTransactionMs) }),
      // a server that vanished without a word is noticed
      query_timeout: statementTimeoutMs + connectTimeoutMs,
      keepAlive: true,
      application_name: "callsheet",
      options: `-c search_path=${schema}`,
      types: {
        getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
      },
    };
    clientOf(this.#settings);
    this.#pool = new pg.Pool({ ...this.#settings, max: connections, Client });
    // an idle connection that breaks is replaced when one is needed
    this.#pool.on("error", ignore);
    // and so is one that breaks between two who use it, when nobody listens for a moment
    this.#pool.on("connect", (client) => client.on("error", ignore));
  }

  /** Since when it has not answered; null while it does. */
  get awaySince(): Date | null {
    return this.#awaySince;
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  async rows<T>(text: string, values?: Values, name?: string, withinMs?: number): Promise<T[]> {
    const { rows } = await this.#pool.query(statement(text, values, name, withinMs));
    this.#here();
    return rows as T[];
  }

  /** Rolled back when `work` throws. */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const session: Session = {
      rows: async <R>(...asked: Parameters<Session["rows"]>) =>
        (await client.query(statement(...asked))).rows as R[],
    };
    try {
      await client.query("BEGIN");
      const result = await work(session);
      await client.query("COMMIT");
      this.#here();
      return result;
    } catch (error) {
      // a connection that may still be at it is not waited for
      if (isAway(error)) broken = error as Error;
      else
        await client.query("ROLLBACK").catch((failure: Error) => {
          broken = failure;
        });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /**
   * Asks until it is answered: for questions, which may be asked twice.
   * @throws what is no matter of patience; STATE_UNUSABLE once it is closed
   */
  async patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await ask();
      } catch (error) {
        if (!isAway(error) || this.closed.aborted) throw translated(error, this.where);
        await this.away(pause);
      }
    }
  }

  /** Notes that it is away, and waits a little. @throws STATE_UNUSABLE when it is closed meanwhile */
  async away(pauseMs: number): Promise<void> {
    this.noteAway();
    try {
      await wait(pauseMs, undefined, { signal: this.closed });
    } catch (cause) {
      throw new CallsheetError(
        "STATE_UNUSABLE",
        `The database at ${this.where} was left while it was away.`,
        { cause },
      );
    }
  }

  /** A connection beside the pool, for LISTEN. Ended by the caller. */
  async connection(): Promise<pg.Client> {
    const client = new Client(this.#settings);
    client.on("error", ignore);
    await client.connect();
    return client;
  }

  /** A question was not answered. */
  noteAway(): void {
    this.#awaySince ??= new Date();
  }

  #here(): void {
    this.#awaySince = null;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#pool.end();
  }
}

function ignore(): void {}

function statement(text: string, values: Values = [], name?: string, withinMs?: number) {
  return {
    text,
    values: [...values],
    ...(name === undefined ? {} : { name }),
    ...(withinMs === undefined ? {} : { query_timeout: withinMs }),
  };
}

function whereOf(url: string): string {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    throw noAddress("is not an address");
  }
  const { protocol, hostname, port, pathname, search, hash } = address;
  // without it what comes first is taken for the protocol, and the password for a path
  if (!PROTOCOLS.has(protocol)) throw noAddress("does not begin with postgres://");
  // a password with such characters in it ends where they are, and its rest stands elsewhere
  if (hash !== "" || [pathname, search].some((part) => part.includes("@")))
    throw noAddress("is not understood");
  const mode = address.searchParams.get("sslmode");
  if (mode !== null && !SSL_MODES.includes(mode))
    throw new CallsheetError("CONFIG_INVALID", `cluster.url has sslmode=${mode}, which is none.`, {
      hint: "Those there are: disable, and verify-full; prefer, require and verify-ca do as verify-full does.",
    });
  return `${hostname}:${port || 5432}${pathname}`;
}

/** The client takes each of these for verify-full, and prints a warning of its own for it. */
function verifying(url: string): string {
  const address = new URL(url);
  const mode = address.searchParams.get("sslmode") ?? "";
  if (!["require", "prefer", "verify-ca"].includes(mode)) return url;
  address.searchParams.set("sslmode", "verify-full");
  return address.href;
}

/** The client reads the certificates that the address names when it is made. */
function clientOf(settings: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client(settings);
  } catch (error) {
    if (!(error instanceof Error) || !("path" in error)) throw noAddress("is not understood");
    throw new CallsheetError(
      "CONFIG_INVALID",
      `cluster.url names the file ${error.path}, which cannot be read.`,
      {
        hint: "It is a certificate or a key: sslrootcert, sslcert or sslkey. It has to be on this machine, and readable for the daemon's user.",
        cause: error,
      },
    );
  }
}

/** The address stays out of it, and the error that quotes it: there is a password in it. */
function noAddress(why: string): CallsheetError {
  return new CallsheetError("CONFIG_INVALID", `cluster.url ${why}.`, {
    hint: 'It looks like "postgres://user:password@host:5432/database"; a character such as @ : / # ? of the password is written as %40 %3A %2F %23 %3F.',
  });
}
