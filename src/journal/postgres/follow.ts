/**
 * Learns that the journal has grown: by a notification at once, and by asking from time to time in case one was missed. A connection
 * that only listens does not notice that nobody is there any more, so that is asked, too.
 */
import type pg from "pg";
import type { Engine } from "./engine.ts";
import { Patience } from "./patience.ts";

const POLL_MS = 1000;
/** How often it is asked whether the server still hears the connection that listens, and the longest wait for that, ms. */
const HEARING = { everyMs: 3000, withinMs: 3000 };

/** What a notification on a channel brings about; "look": it is seen how far the journal is. */
export type Channels = Readonly<Record<string, "look" | ((payload: string) => void)>>;

export class Follower {
  readonly #engine: Engine;
  readonly #look: (withinMs: number) => Promise<void>;
  readonly #patience = new Patience();
  readonly #channels: Channels;
  readonly #timer: NodeJS.Timeout;
  readonly #hearing: typeof HEARING;
  #listening: Promise<pg.Client | null> | null;
  #heardAt = performance.now();
  #looking: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  /**
   * @param look sees how far the journal is now, and is told how long it is to wait for each answer, ms; called once at a time: all that is
   *   new waits while an answer does not come
   */
  constructor(
    engine: Engine,
    look: (withinMs: number) => Promise<void>,
    channels: Channels,
    hearing = HEARING,
  ) {
    this.#engine = engine;
    this.#hearing = hearing;
    this.#look = look;
    this.#channels = channels;
    this.#timer = setInterval(() => this.#poll(), Math.min(POLL_MS, hearing.everyMs)).unref();
    this.#listening = this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    const listener = await this.#listening;
    await listener?.end().catch(() => {});
    await this.#looking;
  }

  #poll(): void {
    this.#poke();
    if (this.#stopped || performance.now() - this.#heardAt < this.#hearing.everyMs) return;
    this.#heardAt = performance.now();
    void this.#listening?.then((client) => client && this.#hear(client));
  }

  /** It is ended when it does not answer; the next poll makes another. */
  async #hear(client: pg.Client): Promise<void> {
    const question = { text: "SELECT 1", query_timeout: this.#hearing.withinMs };
    await client.query(question).catch(() => client.end().catch(() => {}));
  }

  #poke(): void {
    if (this.#stopped) return;
    this.#listening ??= this.#listen();
    if (this.#looking) this.#again = true;
    else this.#looking = this.#lookOn();
  }

  async #lookOn(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#look(this.#patience.next());
        this.#patience.answered();
      } catch {
        // it is looked again soon; whoever needs an answer learns of the trouble itself
      }
    } while (this.#again && !this.#stopped);
    this.#looking = null;
  }

  /** null when that failed, or is over; the next poll tries again. */
  async #listen(): Promise<pg.Client | null> {
    let client: pg.Client | null = null;
    try {
      client = await this.#engine.connection();
      client.on("notification", ({ channel, payload = "" }) => {
        const told = this.#channels[channel];
        if (told === "look") this.#poke();
        else told?.(payload);
      });
      client.once("end", () => {
        this.#listening = null;
      });
      for (const channel of Object.keys(this.#channels)) await client.query(`LISTEN ${channel}`);
      this.#heardAt = performance.now();
      // what was told meanwhile
      this.#poke();
      return client;
    } catch {
      client?.end().catch(() => {});
      this.#listening = null;
      return null;
    }
  }
}
