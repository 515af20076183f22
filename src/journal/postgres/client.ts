/**
 * A connection to the database. It is closed when it could not be made: pg leaves it to the server, which may wait for an answer. What
 * is committed on it is on a disk by then.
 */
import pg from "pg";

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** How many disks are waited for is the operator's choice; to wait for none is not. */
const DURABLE =
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

export class Client extends pg.Client {
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
      await this.query(DURABLE);
      return this;
    } catch (error) {
      this.end().catch(() => {});
      throw error;
    }
  }
}

function ignore(): void {}
