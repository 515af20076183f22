/** Calls of the stand-in, made in a real python process over the daemon's real transport. */
import { readFileSync } from "node:fs";
import { openHttpTransport } from "../../../src/client/http.ts";
import type { Host } from "../../../src/daemon/host.ts";
import { event, type Heard, runOf } from "../../plugins/room.ts";
import { PythonRoom } from "../room.ts";

export interface StandInCall {
  construct: { args: unknown[]; kwargs: Record<string, unknown> };
  method: string;
  args?: unknown[];
  kwargs?: Record<string, unknown>;
  /** Set on `sg.config`. */
  config?: Record<string, unknown>;
  /** Methods called first, with their arguments. */
  before?: [string, unknown[]][];
  env?: Record<string, string>;
  /** Default Asia/Kolkata, as in the recordings. */
  zone?: string;
  part_bytes?: number;
}

export interface StandInOutcome {
  value?: unknown;
  exception?: { class: string; bases: string[]; message: string; attrs: Record<string, unknown> };
  /** Seconds that it would have slept. */
  pauses: number[];
}

export class StandIn {
  readonly #room: PythonRoom;
  readonly #host: Host;
  readonly #heard: Heard;
  readonly #close: () => Promise<void>;
  #seq = 0;

  /** @param caCerts as in the daemon's configuration */
  static async open(caCerts?: string): Promise<StandIn> {
    const transport = openHttpTransport({ busyHoldMs: 0, caCerts });
    const site = { url: "http://site.example", timeoutMs: 10_000, httpProxy: null, caCerts: null };
    const room = await PythonRoom.open({ transport, site });
    const source = readFileSync(new URL("./driver.py", import.meta.url), "utf8");
    const { host, heard } = await room.load("driver.py", source);
    return new StandIn(room, host, heard, () => transport.close());
  }

  private constructor(room: PythonRoom, host: Host, heard: Heard, close: () => Promise<void>) {
    this.#room = room;
    this.#host = host;
    this.#heard = heard;
    this.#close = close;
  }

  get folder(): string {
    return this.#room.folder;
  }

  /** Adds a file to the folder. */
  write(name: string, content: string | Buffer): Promise<string> {
    return this.#room.write(name, content as string);
  }

  async call(call: StandInCall): Promise<StandInOutcome> {
    const seq = ++this.#seq;
    const meta = { case: JSON.stringify(call) };
    this.#host.hand(runOf([{ seq, event: event(seq, { meta }) }]));
    await this.#heard.until(({ doneSeq, failures }) => doneSeq >= seq || failures.length > 0);
    const [failure] = this.#heard.failures;
    if (failure) throw new Error(failure.error.stack ?? failure.error.message);
    return JSON.parse(this.#heard.messages.at(-1)!) as StandInOutcome;
  }

  async close(): Promise<void> {
    await this.#room.close();
    await this.#close();
  }
}
