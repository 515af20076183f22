/**
 * A connection to the database, with its settings. It is closed when it could not be made: pg leaves it to the server, which may wait for an
 * answer. What is committed on it is on a disk by then.
 */
import pg from "pg";

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

export interface ClientSettings extends pg.ClientConfig {
  /** What is set on it first, by name; null: nothing at all. */
  session: Readonly<Record<string, string>> | null;
}

/**
 * Not as parameters of the start, which a pooler refuses, or forgets without a word. How many disks are waited for is the operator's choice;
 * to wait for none is not.
 */
const SET = `
  SELECT set_config(name, value, false) FROM (
    SELECT * FROM json_each_text($1)
    UNION ALL SELECT 'synchronous_commit', 'on' WHERE current_setting('synchronous_commit') = 'off'
  ) AS setting (name, value)`;

export class Client extends pg.Client {
  readonly #session: ClientSettings["session"];

  /** @param settings left out only in the eyes of the pool's types */
  constructor(settings?: ClientSettings) {
    super(settings);
    this.#session = settings?.session ?? null;
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    const connecting = this.#connect();
    if (!callback) return connecting;
    const told = callback as (error: Error | null, client?: pg.Client) => void;
    // what it throws is no trouble of the connection's
    connecting.then(
      () => process.nextTick(told, null, this),
      (error: Error) => process.nextTick(told, error),
    );
    return undefined;
  }

  async #connect(): Promise<pg.Client> {
    // it may break while it is asked, when nobody else listens yet
    this.on("error", ignore);
    try {
      await super.connect();
      if (this.#session) await this.query(SET, [JSON.stringify(this.#session)]);
      return this;
    } catch (error) {
      this.end().catch(() => {});
      throw error;
    }
  }
}

function ignore(): void {}
