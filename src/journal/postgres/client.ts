/** A connection to the database that is closed when it could not be made: pg leaves it to the server, which may wait for an answer. */
import pg from "pg";

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

export class Client extends pg.Client {
  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    if (!callback)
      return super.connect().catch((error: Error) => {
        this.#close();
        throw error;
      });
    super.connect(((error: Error | null, client: pg.Client) => {
      if (error) this.#close();
      (callback as (error: Error | null, client: pg.Client) => void)(error, client);
    }) as Connected);
    return undefined;
  }

  #close(): void {
    this.end().catch(() => {});
  }
}
