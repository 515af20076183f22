/** How plugins that run again get over what had waited for them: for the messages that say so. */
import type { CatchUp } from "../alerts/news.ts";
import type { Happening } from "./happenings.ts";

interface Under {
  events: number;
  beganAt: number;
  /** Caught up when it is done with this. */
  untilSeq: number;
  tookMs: number | null;
}

/** Before that the pace says little. */
const LEAST_MS = 500;

export class CatchUps {
  /** By name. */
  readonly #under = new Map<string, Under>();
  readonly #now: () => number;

  /** @param now monotonic milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** A listener of happenings. */
  hear(happening: Happening): void {
    if (happening.kind === "recovered") {
      const { events, untilSeq, doneSeq, forMs } = happening.again;
      const tookMs = doneSeq >= untilSeq ? forMs : null;
      this.#under.set(happening.plugin, { events, untilSeq, beganAt: this.#now() - forMs, tookMs });
    } else if (happening.kind === "delivered") {
      const under = this.#under.get(happening.plugin);
      if (under?.tookMs === null && happening.seq >= under.untilSeq)
        under.tookMs = this.#now() - under.beganAt;
    } else if (happening.kind === "failure" && happening.consequence === "stopped")
      this.#under.delete(happening.plugin);
  }

  /** null: it did not recover since the daemon started. */
  of(plugin: string, { doneSeq, backlog }: { doneSeq: number; backlog: number }): CatchUp | null {
    const under = this.#under.get(plugin);
    if (!under) return null;
    const passed = this.#now() - under.beganAt;
    // events that nobody wanted end no call
    if (doneSeq >= under.untilSeq) under.tookMs ??= passed;
    if (under.tookMs !== null) return { events: under.events, isDone: true, ms: under.tookMs };
    const done = under.events - (under.untilSeq - doneSeq);
    const ms = done > 0 && passed >= LEAST_MS ? (backlog / done) * passed : null;
    return { events: under.events, isDone: false, ms };
  }
}
