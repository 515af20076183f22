/** The desk in a made-up world: time is what the test says, and places take what they are given. */
import type { Item } from "../../src/alerts/cases.ts";
import { Desk, type DeskPolicy, type DeskState } from "../../src/alerts/desk.ts";
import type { Kind } from "../../src/alerts/kinds.ts";
import type { Break } from "../../src/alerts/news.ts";
import type { Letter } from "../../src/alerts/outbox.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const POLICY: DeskPolicy = {
  gatherMs: 3 * SECOND,
  pausesMs: [10 * MINUTE, HOUR, DAY],
  mostAnHour: 20,
  host: "render01",
};
export const CHAT = { key: "slack 1", sink: "slack 1", to: [] };
export const START = Date.UTC(2026, 10, 27);

export interface Sent {
  at: number;
  receiver: string;
  letter: Letter;
}

/** A desk whose letters are taken at once by every place that is up. */
export class World {
  now = START;
  readonly sent: Sent[] = [];
  readonly down = new Set<string>();
  readonly #policy: DeskPolicy;
  #desk: Desk;

  constructor(policy: DeskPolicy = POLICY) {
    this.#policy = policy;
    this.#desk = this.#open();
  }

  broke(kind: Kind, plugin: string | null, more: Partial<Break> = {}): void {
    const fingerprint = `${kind}/${plugin}`;
    const facts = { message: `${kind} of ${plugin}` };
    this.#desk.broke({ kind, plugin, fingerprint, emails: true, facts, ...more }, this.now);
    this.#settle();
  }

  mended(kind: Kind, plugin: string | null): void {
    this.#desk.mended({ kind, plugin }, this.now);
    this.#settle();
  }

  /** Lets time pass, stopping where the desk wants to be woken. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.#desk.nextTurnAt(this.now);
      if (next === null || next > end) break;
      this.now = Math.max(this.now, next);
      if (!this.#settle()) break;
    }
    this.now = end;
    this.#settle();
  }

  restart(): void {
    this.#desk = this.#open(JSON.parse(JSON.stringify(this.#desk.snapshot())) as DeskState);
  }

  up(sink: string): void {
    this.down.delete(sink);
    this.#settle();
  }

  /** Items told to a receiver, oldest first. */
  items(receiver = CHAT.key): Item[] {
    return this.sent.filter((sent) => sent.receiver === receiver).flatMap(({ letter }) => letter.items);
  }

  letters(receiver = CHAT.key): Letter[] {
    return this.sent.filter((sent) => sent.receiver === receiver).map(({ letter }) => letter);
  }

  #open(stored?: DeskState): Desk {
    return new Desk(this.#policy, { everything: [CHAT], mailTo: ["a@studio.com"] }, stored);
  }

  /** False when nothing moved: waking again at the same moment would be for ever. */
  #settle(): boolean {
    let moved = false;
    while (this.#desk.turn(this.now) || this.#carry()) moved = true;
    return moved;
  }

  #carry(): boolean {
    let moved = false;
    for (const outbox of this.#desk.outboxes) {
      const { letters, receiver } = outbox.state;
      if (this.down.has(receiver.sink)) continue;
      while (letters.length > 0) {
        this.sent.push({ at: this.now, receiver: receiver.key, letter: letters[0]! });
        outbox.accepted();
        moved = true;
      }
    }
    return moved;
  }
}
