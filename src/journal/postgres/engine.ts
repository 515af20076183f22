/** The database: its connections, and patience while it is away or takes nothing. */
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { CallsheetError } from "../../errors.ts";
import { forClient, refuseUnreadable, whereOf } from "./address.ts";
import { Client, type ClientSettings } from "./client.ts";
import { Connections, type Session, type Values } from "./connections.ts";
import { Patience } from "./patience.ts";
import { isAway, isCrowded, isFull, isReadOnly, isTooLong, translated } from "./trouble.ts";

export type { Session } from "./connections.ts";

export interface EngineOptions {
  /** `postgres://user:password@host:port/database`, with `?sslmode=verify-full` and the like. */
  url: string;
  /** Schema that everything is kept in. */
  schema: string;
  /** Longest time one statement may take, ms. */
  statementTimeoutMs: number;
  /** Longest time to make a connection, or to get one of those that are there, ms. */
  connectTimeoutMs: number;
  /** Connections at most, beside those of `aside`. */
  connections: number;
  /** Longest time that a transaction may wait for its next statement, ms; then the server lets its locks go. Default: no limit. */
  idleInTransactionMs?: number | undefined;
}

const INT8 = 20;
/** Connections at most for what may take long. */
const ASIDE = 2;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

export class Engine implements Session {
  /** The address without user and password, for people. */
  readonly where: string;
  readonly schema: string;
  /** Longest time to make a connection, ms. */
  readonly connectTimeoutMs: number;
  /**
   * Connections of their own for what may take long, however much that is: nothing that a lease depends on waits for it. What takes too
   * long is refused, with STATE_UNUSABLE; it says nothing of the database.
   */
  readonly aside: Session;
  readonly #settings: ClientSettings;
  readonly #connections: Connections;
  readonly #aside: Connections;
  readonly #closed = new AbortController();
  /** Who waits for it to take something, and since when. */
  readonly #refused = new Map<object, Date>();
  #awaySince: Date | null = null;

  /** Connects when it is first used. @throws CallsheetError CONFIG_INVALID for an address that is none */
  constructor(options: EngineOptions) {
    const { url, schema, statementTimeoutMs, connectTimeoutMs, connections, idleInTransactionMs } = options;
    this.where = whereOf(url);
    this.schema = schema;
    this.connectTimeoutMs = connectTimeoutMs;
    this.#settings = {
      ...forClient(url),
      session: {
        search_path: schema,
        statement_timeout: String(Math.ceil(statementTimeoutMs)),
        // whoever stands still in the middle of one does not keep the others from going on
        ...(idleInTransactionMs && {
          idle_in_transaction_session_timeout: String(Math.ceil(idleInTransactionMs)),
        }),
      },
      connectionTimeoutMillis: connectTimeoutMs,
      // a server that vanished without a word is noticed
      query_timeout: statementTimeoutMs + connectTimeoutMs,
      keepAlive: true,
      application_name: "callsheet",
      types: {
        getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
      },
    };
    refuseUnreadable(this.#settings);
    const here = () => {
      this.#awaySince = null;
    };
    this.#connections = new Connections(this.#settings, connections, here);
    this.#aside = new Connections(this.#settings, ASIDE, here);
    this.aside = {
      rows: <T>(...asked: Parameters<Session["rows"]>) =>
        this.#aside.rows<T>(...asked).catch((error) => this.#refuseTooLong(error)),
    };
  }

  /** Since when it has not answered; null while it does. */
  get awaySince(): Date | null {
    return this.#awaySince;
  }

  /** Since when it answers, but takes nothing; null while it does, or nothing was given to it. */
  get readOnlySince(): Date | null {
    return this.#refused.values().next().value ?? null;
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  rows<T>(text: string, values?: Values, name?: string, withinMs?: number): Promise<T[]> {
    return this.#connections.rows(text, values, name, withinMs);
  }

  /** Rolled back when `work` throws. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#connections.transaction(work);
  }

  /**
   * Asks until it is answered: for questions, which may be asked twice.
   * @param ask told how long it is to wait for an answer, ms: an answer that is lost is not waited for as long as a slow one may take
   * @throws what is no matter of patience; STATE_UNUSABLE once it is closed
   */
  async patiently<T>(ask: (withinMs: number) => Promise<T>): Promise<T> {
    const who = {};
    const patience = new Patience();
    try {
      for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        try {
          return await ask(patience.next());
        } catch (error) {
          if (!isAway(error) || this.closed.aborted) throw translated(error, this.where);
          await this.away(error, pause, who);
        }
      }
    } finally {
      this.taken(who);
    }
  }

  /**
   * Notes why it did not do something, and waits a little.
   * @param who waits for that, until `taken`
   * @throws STATE_UNUSABLE when it is closed meanwhile
   */
  async away(error: unknown, pauseMs: number, who: object): Promise<void> {
    this.noteAway(error, who);
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

  /** A question was not answered, or what `who` gave was not taken. */
  noteAway(error: unknown, who: object): void {
    if (isReadOnly(error)) {
      if (!this.#refused.has(who)) this.#refused.set(who, new Date());
    }
    // one that waited for the others of this daemon says nothing of the database
    else if (!isCrowded(error) && !isFull(error)) this.#awaySince ??= new Date();
  }

  /** It has taken what `who` gave, or nobody gives that any more. */
  taken(who: object): void {
    this.#refused.delete(who);
  }

  /** A connection beside the others, for LISTEN. Ended by the caller. */
  connection(): Promise<pg.Client> {
    return connected(this.#settings);
  }

  /** One on which nothing is set. Ended by the caller. */
  bareConnection(): Promise<pg.Client> {
    return connected({ ...this.#settings, session: null });
  }

  #refuseTooLong(error: unknown): never {
    if (!isTooLong(error)) throw error;
    throw new CallsheetError(
      "STATE_UNUSABLE",
      `The database at ${this.where} took too long to find what was asked for, and was told to stop.`,
      { hint: "Ask for less, or again when it has less to do.", cause: error },
    );
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all([this.#connections.end(), this.#aside.end()]);
  }
}

async function connected(settings: ClientSettings): Promise<pg.Client> {
  const client = new Client(settings);
  client.on("error", () => {});
  await client.connect();
  return client;
}
