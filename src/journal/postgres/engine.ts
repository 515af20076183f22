/** The database: a pool of connections, patience while it is away, and its notifications. */
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { CallsheetError } from "../../errors.ts";
import { isAway, translated } from "./trouble.ts";

export interface EngineOptions {
  /** `postgres://user:password@host:port/database`, with `?sslmode=verify-full` and the like. */
  url: string;
  /** Schema that everything is kept in. */
  schema: string;
  /** Longest time one statement may take, ms. */
  statementTimeoutMs: number;
  /** Connections at most. */
  connections: number;
}

export type Values = readonly unknown[];

/** Something that statements can be sent to: the pool, or the connection of a transaction. */
export interface Session {
  /** @param name makes it a prepared statement */
  rows<T>(text: string, values?: Values, name?: string): Promise<T[]>;
}

const INT8 = 20;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
const CONNECT_TIMEOUT_MS = 5000;

export class Engine implements Session {
  /** The address without user and password, for people. */
  readonly where: string;
  readonly schema: string;
  readonly #settings: pg.ClientConfig;
  readonly #pool: pg.Pool;
  readonly #closed = new AbortController();
  #awaySince: number | null = null;

  /** Connects when it is first used. @throws CallsheetError CONFIG_INVALID for an address that is none */
  constructor({ url, schema, statementTimeoutMs, connections }: EngineOptions) {
    this.where = whereOf(url);
    this.schema = schema;
    this.#settings = {
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: statementTimeoutMs,
      // a server that vanished without a word is noticed
      query_timeout: statementTimeoutMs + CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: "callsheet",
      options: `-c search_path=${schema}`,
      types: {
        getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
      },
    };
    this.#pool = new pg.Pool({ ...this.#settings, max: connections });
    // an idle connection that breaks is replaced when one is needed
    this.#pool.on("error", ignore);
  }

  /** Since when it has not answered, on the monotonic clock (ms); null while it does. */
  get awaySince(): number | null {
    return this.#awaySince;
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  async rows<T>(text: string, values: Values = [], name?: string): Promise<T[]> {
    const query = { text, values: [...values], ...(name === undefined ? {} : { name }) };
    const { rows } = await this.#pool.query(query);
    this.#awaySince = null;
    return rows as T[];
  }

  /** Rolled back when `work` throws. */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // a connection that breaks between two statements fails the next one; this must not end the process
    client.on("error", ignore);
    let broken: Error | undefined;
    const session: Session = {
      rows: async <R>(text: string, values: Values = [], name?: string) =>
        (await client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) }))
          .rows as R[],
    };
    try {
      await client.query("BEGIN");
      const result = await work(session);
      await client.query("COMMIT");
      this.#awaySince = null;
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off("error", ignore);
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
    this.#awaySince ??= performance.now();
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
    const client = new pg.Client(this.#settings);
    client.on("error", ignore);
    await client.connect();
    return client;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#pool.end();
  }
}

function ignore(): void {}

function whereOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port || 5432}${pathname}`;
  } catch (cause) {
    throw new CallsheetError("CONFIG_INVALID", "cluster.url is not an address.", {
      hint: 'It looks like "postgres://user:password@host:5432/database".',
      cause,
    });
  }
}
