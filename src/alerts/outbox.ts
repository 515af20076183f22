/**
 * What one receiver is yet to be told. Items wait here, one for each case, until a letter may go; a letter keeps its
 * Message-ID until it is accepted, so that one which is sent twice after a crash can be known. Pure: time is an argument.
 */
import { createHash } from "node:crypto";
import type { Item } from "./cases.ts";

export interface Receiver {
  /** Names it in the state; holds no secret. */
  key: string;
  sink: string;
  /** Addresses, for mail. */
  to: readonly string[];
}

export interface Letter {
  /** Message-ID without its angle brackets. */
  id: string;
  /** Id of the letter that told of this case first. */
  inReplyTo: string | null;
  items: Item[];
  /** What there was no room for. */
  leftOut: LeftOut;
  sealedAt: number;
}

export interface LeftOut {
  /** Cases, and how often they broke. */
  cases: number;
  breaks: number;
}

export interface OutboxState {
  receiver: Receiver;
  pending: Item[];
  leftOut: LeftOut;
  /** Sealed, oldest first. */
  letters: Letter[];
  /** Dispatches of the last hour. */
  sentAt: number[];
  /** By fingerprint: the letter that told of the case first. */
  threads: Record<string, string>;
  serial: number;
}

export interface OutboxPolicy {
  /** Letters an hour. */
  mostAnHour: number;
  /** The shortest time between two dispatches; it doubles with each one of the last hour. */
  gatherMs: number;
  /** For Message-IDs. */
  host: string;
}

const HOUR_MS = 3_600_000;
/** Cases that wait for one receiver; what is beyond is counted. */
const MOST_PENDING = 500;
const MOST_THREADS = 1000;
/** More subjects at once than this come in one letter. */
const MOST_APART = 3;

export class Outbox {
  readonly state: OutboxState;
  readonly #policy: OutboxPolicy;

  constructor(policy: OutboxPolicy, receiver: Receiver, stored?: OutboxState) {
    this.#policy = policy;
    this.state = stored
      ? { ...stored, receiver }
      : {
          receiver,
          pending: [],
          leftOut: { cases: 0, breaks: 0 },
          letters: [],
          sentAt: [],
          threads: {},
          serial: 0,
        };
  }

  put(item: Item): void {
    const { pending, leftOut } = this.state;
    const at = pending.findIndex(({ fingerprint }) => fingerprint === item.fingerprint);
    if (at >= 0) pending[at] = merged(pending[at]!, item);
    else if (pending.length < MOST_PENDING) pending.push(item);
    else {
      leftOut.cases += 1;
      leftOut.breaks += item.breaks;
    }
  }

  /** Makes letters of what is pending, if it is time and none is waiting. True when it did. */
  seal(now: number): boolean {
    const at = this.nextSealAt(now);
    if (at === null || at > now) return false;
    const { state } = this;
    const groups = [...Map.groupBy(state.pending, ({ plugin, kind }) => plugin ?? kind).values()];
    const apart = groups.length <= Math.min(MOST_APART, this.#room(now)) ? groups : [state.pending];
    state.letters = apart.map((items) => this.#letter(items, now));
    state.letters[0]!.leftOut = state.leftOut;
    state.sentAt.push(...apart.map(() => now));
    state.pending = [];
    state.leftOut = { cases: 0, breaks: 0 };
    return true;
  }

  /** When the next letter may be made; null when there is nothing to make it of, or one is waiting. */
  nextSealAt(now: number): number | null {
    const { state } = this;
    if (state.pending.length === 0 || state.letters.length > 0) return null;
    state.sentAt = state.sentAt.filter((at) => now - at < HOUR_MS);
    const { sentAt } = state;
    if (sentAt.length === 0) return now;
    if (sentAt.length >= this.#policy.mostAnHour) return sentAt.at(-this.#policy.mostAnHour)! + HOUR_MS;
    const { gatherMs, mostAnHour } = this.#policy;
    const dispatches = new Set(sentAt).size;
    return sentAt.at(-1)! + Math.min(gatherMs * 2 ** dispatches, (2 * HOUR_MS) / mostAnHour);
  }

  /** The oldest letter was accepted. */
  accepted(): void {
    this.state.letters.shift();
  }

  get isIdle(): boolean {
    const { pending, letters, threads, sentAt } = this.state;
    return (
      pending.length === 0 && letters.length === 0 && sentAt.length === 0 && Object.keys(threads).length === 0
    );
  }

  /** Threads of cases that are over are not needed. */
  keepThreads(fingerprints: ReadonlySet<string>): void {
    for (const known of Object.keys(this.state.threads)) {
      if (!fingerprints.has(known)) delete this.state.threads[known];
    }
  }

  #room(now: number): number {
    const { sentAt } = this.state;
    return this.#policy.mostAnHour - sentAt.filter((at) => now - at < HOUR_MS).length;
  }

  #letter(items: Item[], now: number): Letter {
    const { state } = this;
    state.serial += 1;
    const ofReceiver = createHash("sha256").update(state.receiver.key).digest("hex").slice(0, 8);
    const id = `callsheet.${now.toString(36)}.${state.serial}.${ofReceiver}@${this.#policy.host}`;
    const inReplyTo = items.length > 0 ? (state.threads[items[0]!.fingerprint] ?? null) : null;
    for (const { fingerprint } of items) {
      if (Object.keys(state.threads).length < MOST_THREADS) state.threads[fingerprint] ??= id;
    }
    return { id, inReplyTo, items, leftOut: { cases: 0, breaks: 0 }, sealedAt: now };
  }
}

/** Both at once: nothing that the older one had to say is lost. */
function merged(older: Item, newer: Item): Item {
  return {
    ...newer,
    facts: older.breaks > 0 ? older.facts : newer.facts,
    first: older.first,
    again: older.again,
    breaks: older.breaks + newer.breaks,
    mends: older.mends + newer.mends,
  };
}
