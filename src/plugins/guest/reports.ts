/** What a host reports of its progress: how far it is, and how long the calls since the last report took. */
import { CallTimes } from "../../call-times.ts";
import type { Link } from "../messages.ts";

/** How often a long run reports. */
const EVERY_MS = 250;

// Plugins may replace the globals by fakes.
const { now } = Date;

export class Reports {
  readonly #link: Link;
  readonly #times = new CallTimes();
  #calls = 0;
  #busyMs = 0;
  #sentAt = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  /** There is something to do, as of now. */
  begin(): void {
    this.#sentAt = performance.now();
  }

  /** A call has ended. @param at as `performance.now()` has it */
  add(seq: number, callback: number, ms: number, at: number): void {
    this.#calls += 1;
    this.#busyMs += ms;
    this.#times.add(seq, callback, ms, at);
  }

  get due(): boolean {
    return performance.now() - this.#sentAt > EVERY_MS;
  }

  /** @param seq everything that it was handed up to there is done with; before the first event of its own, all that lies before that */
  send(seq: number): void {
    this.#sentAt = performance.now();
    if (seq === 0 && this.#calls === 0) return;
    const at = now();
    this.#link.send({
      type: "progress",
      seq,
      at,
      calls: this.#calls,
      busyMs: this.#busyMs,
      times: this.#times.take(at - this.#sentAt),
    });
    this.#calls = 0;
    this.#busyMs = 0;
  }
}
