/** Some connections to the database, that are shared: statements and transactions get one each, in turn. */
import pg from "pg";
import { Client, type ClientSettings } from "./client.ts";
import { isAway, isReadOnly } from "./trouble.ts";

export type Values = readonly unknown[];

/** Something that statements can be sent to: connections, or the one of a transaction. */
export interface Session {
  /**
   * @param name makes it a prepared statement
   * @param withinMs longest time to wait for the answer of a statement that is small
   */
  rows<T>(text: string, values?: Values, name?: string, withinMs?: number): Promise<T[]>;
}

/** Errors that came before anything was sent. */
const unsent = new WeakSet<object>();

/** Whether what failed of it may have been done all the same. */
export function maybeDone(error: unknown): boolean {
  return isAway(error) && !isReadOnly(error) && !unsent.has(error as object);
}

export class Connections implements Session {
  readonly #pool: pg.Pool;
  readonly #answered: () => void;

  /** Connects when it is first used. @param answered told whenever the database has done what it was asked */
  constructor(settings: ClientSettings, most: number, answered: () => void) {
    this.#answered = answered;
    this.#pool = new pg.Pool({ ...settings, max: most, Client });
    // an idle connection that breaks is replaced when one is needed
    this.#pool.on("error", ignore);
    // and so is one that breaks between two who use it, when nobody listens for a moment
    this.#pool.on("connect", (client) => client.on("error", ignore));
  }

  async rows<T>(text: string, values?: Values, name?: string, withinMs?: number): Promise<T[]> {
    const client = await this.#connect();
    let broken: Error | undefined;
    try {
      const { rows } = await client.query(statement(text, values, name, withinMs));
      this.#answered();
      return rows as T[];
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Rolled back when `work` throws. */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let broken: Error | undefined;
    const session: Session = {
      rows: async <R>(...asked: Parameters<Session["rows"]>) =>
        (await client.query(statement(...asked))).rows as R[],
    };
    try {
      await client.query("BEGIN");
      const result = await work(session);
      await client.query("COMMIT");
      this.#answered();
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

  end(): Promise<void> {
    return this.#pool.end();
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      if (isAway(error)) unsent.add(error as object);
      throw error;
    }
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
