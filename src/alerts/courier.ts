/**
 * Carries one sink's letters, one at a time, for as long as the place takes them. A place that is down is tried again, less
 * and less often; one receiver that is refused does not hold up the others.
 */
import { asError, CallsheetError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Outbox } from "./outbox.ts";
import type { SendError, Sink } from "./sink.ts";
import type { View } from "./view.ts";

export interface CourierParts {
  sink: Sink;
  log: Log;
  /** Puts the oldest letter of an outbox in words. */
  write(outbox: Outbox): Promise<View>;
  /** Before a letter is sent for the first time, and after it was accepted. Never rejects. */
  store(): Promise<void>;
  /** A letter went: there may be more to make. */
  onSent(outbox: Outbox): void;
  now(): number;
  retry: RetryPace;
  /** A letter that is refused for so long is given up, milliseconds. */
  giveUpMs: number;
}

/** Milliseconds. */
export interface RetryPace {
  first: number;
  most: number;
  /** After a letter was refused. */
  mostRefused: number;
}

export interface SinkStatus {
  name: string;
  place: string;
  state: "ok" | "failing";
  /** ISO 8601 UTC. */
  failingSince: string | null;
  lastError: string | null;
  /** Cases that its receivers are yet to be told of. */
  waiting: number;
  /** Letters accepted since the start. */
  sent: number;
  /** Alerts in them, by kind. */
  sentByKind: Record<string, number>;
}

interface Held {
  failures: number;
  until: number;
}

const FREE: Held = { failures: 0, until: 0 };

export class Courier {
  readonly #parts: CourierParts;
  /** Of the whole place, and of single receivers. */
  #held: Held = FREE;
  readonly #heldReceivers = new Map<string, Held>();
  #running: Promise<void> | null = null;
  #again = false;
  #closed = false;
  #failingSince: number | null = null;
  #lastError: string | null = null;
  #sent = 0;
  readonly #sentByKind = new Map<string, number>();
  /** Ids of letters that are stored. */
  readonly #tried = new Set<string>();

  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  get sink(): Sink {
    return this.#parts.sink;
  }

  /** Sends what can be sent now. Never rejects; a call during another one makes that one look again. */
  carry(outboxes: () => readonly Outbox[]): Promise<void> {
    if (this.#running) this.#again = true;
    else {
      this.#running = this.#carry(outboxes).finally(() => {
        this.#running = null;
      });
    }
    return this.#running;
  }

  /** When something is to be tried again; null when nothing waits for that. */
  nextTryAt(outboxes: readonly Outbox[]): number | null {
    const times = outboxes
      .filter(({ state }) => state.letters.length > 0)
      .map(({ state }) => Math.max(this.#held.until, this.#heldOf(state.receiver.key).until));
    return times.length > 0 && !this.#running ? Math.min(...times) : null;
  }

  close(): void {
    this.#closed = true;
  }

  status(outboxes: readonly Outbox[]): SinkStatus {
    const waiting = new Set(
      outboxes.flatMap(({ state }) =>
        [...state.pending, ...state.letters.flatMap(({ items }) => items)].map(
          ({ fingerprint }) => fingerprint,
        ),
      ),
    );
    return {
      name: this.sink.name,
      place: this.sink.place,
      state: this.#failingSince === null ? "ok" : "failing",
      failingSince: this.#failingSince === null ? null : new Date(this.#failingSince).toISOString(),
      lastError: this.#lastError,
      waiting: waiting.size,
      sent: this.#sent,
      sentByKind: Object.fromEntries(this.#sentByKind),
    };
  }

  async #carry(outboxes: () => readonly Outbox[]): Promise<void> {
    do {
      this.#again = false;
      for (const outbox of outboxes()) {
        while (!this.#closed && this.#isFree(outbox)) await this.#send(outbox);
      }
    } while (this.#again && !this.#closed);
  }

  #isFree({ state: { letters, receiver } }: Outbox): boolean {
    const now = this.#parts.now();
    return letters.length > 0 && this.#held.until <= now && this.#heldOf(receiver.key).until <= now;
  }

  async #send(outbox: Outbox): Promise<void> {
    const { receiver, letters } = outbox.state;
    const { id, items } = letters[0]!;
    try {
      const view = await this.#parts.write(outbox);
      // stored before the first try: should the process die now, the same letter goes again under the same id
      if (!this.#tried.has(id)) await this.#parts.store();
      this.#tried.add(id);
      const complaint = await this.sink.send(view, receiver);
      if (complaint) this.#parts.log.warn(`an alert did not reach everybody: ${complaint}`);
    } catch (error) {
      // the end of the daemon ends what is under way
      if (!this.#closed) this.#failed(error, outbox);
      return;
    }
    this.#tried.delete(id);
    outbox.accepted();
    this.#sent += 1;
    for (const { kind } of items) this.#sentByKind.set(kind, (this.#sentByKind.get(kind) ?? 0) + 1);
    this.#recovered(receiver.key);
    await this.#parts.store();
    this.#parts.onSent(outbox);
  }

  #failed(thrown: unknown, outbox: Outbox): void {
    const receiver = outbox.state.receiver.key;
    const error = asError(thrown) as Partial<SendError> & Error;
    const { retry } = this.#parts;
    const refused = error.refused === true;
    const failures = (refused ? this.#heldOf(receiver) : this.#held).failures + 1;
    const most = refused ? retry.mostRefused : retry.most;
    const wait = Math.max(
      Math.min(retry.first * 2 ** (failures - 1), most),
      Math.min(error.retryAfterMs ?? 0, 3_600_000),
    );
    const held = { failures, until: this.#parts.now() + wait };
    if (refused) this.#heldReceivers.set(receiver, held);
    else this.#held = held;
    this.#failingSince ??= this.#parts.now();
    this.#lastError = error.message;
    if (refused && this.#givenUp(outbox, error.message)) return;
    // the first failure, then one in ten: an outage of a day must not fill the disk
    if (failures !== 1 && failures % 10 !== 0) return;
    const hint = error instanceof CallsheetError && error.hint ? ` ${error.hint}` : "";
    const code = error instanceof CallsheetError ? error.code : "INTERNAL";
    this.#parts.log.error(`an alert could not be sent: ${error.message}${hint} It is kept and tried again.`, {
      code,
      ...(code === "INTERNAL" && error.stack ? { stack: error.stack } : {}),
    });
  }

  /** A receiver that takes nothing for days will not; others are told that it does not. */
  #givenUp(outbox: Outbox, why: string): boolean {
    const { letters, receiver } = outbox.state;
    const { sealedAt, items } = letters[0]!;
    if (this.#parts.now() - sealedAt < this.#parts.giveUpMs) return false;
    outbox.accepted();
    const what = items.map(({ plugin, kind }) => plugin ?? kind).join(", ");
    this.#parts.log.error(
      `an alert is given up: ${receiver.to.join(", ") || this.sink.name} was not told of ${what}: ${why}`,
      { code: "ALERT_NOT_SENT" },
    );
    void this.#parts.store();
    return true;
  }

  #recovered(receiver: string): void {
    this.#held = FREE;
    this.#heldReceivers.delete(receiver);
    if (this.#failingSince !== null && this.#heldReceivers.size === 0) {
      this.#parts.log.warn(`alerts go out again by ${this.sink.name}`);
      this.#failingSince = null;
      this.#lastError = null;
    }
  }

  #heldOf(receiver: string): Held {
    return this.#heldReceivers.get(receiver) ?? FREE;
  }
}
