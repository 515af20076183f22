/** Cases and outboxes together: who is to be told what, and when. Pure: time is an argument, and nothing is sent here. */
import { type Case, type CasePolicy, Cases, type Item, type Standing } from "./cases.ts";
import type { Break, Emails, Mend } from "./news.ts";
import { Outbox, type OutboxPolicy, type OutboxState, type Receiver } from "./outbox.ts";

export type DeskPolicy = CasePolicy & OutboxPolicy;

/** All that must outlive the process, so that nothing is told twice and nothing is left untold. */
export interface DeskState {
  cases: Case[];
  outboxes: OutboxState[];
}

export interface OpenCase {
  plugin: string;
  kind: Case["kind"];
  /** The place in the journal that the plugin must be past. */
  seq: number | null;
}

export class Desk {
  readonly #policy: DeskPolicy;
  readonly #cases: Cases;
  readonly #outboxes = new Map<string, Outbox>();
  /** Receivers of everything. */
  readonly #everything: readonly Receiver[];
  /** Who is mailed by default; null: there is no mail. */
  readonly #mailTo: readonly string[] | null;

  constructor(
    policy: DeskPolicy,
    receivers: { everything: readonly Receiver[]; mailTo: readonly string[] | null },
    stored: DeskState = { cases: [], outboxes: [] },
  ) {
    this.#policy = policy;
    this.#everything = receivers.everything;
    this.#mailTo = receivers.mailTo;
    this.#cases = new Cases(policy, stored.cases);
    for (const state of stored.outboxes) {
      const receiver = this.#today(state.receiver);
      if (receiver) this.#outboxes.set(receiver.key, new Outbox(policy, receiver, state));
    }
    for (const receiver of receivers.everything) this.#outbox(receiver);
  }

  broke(news: Break, now: number): Standing {
    return this.#cases.broke(news, now);
  }

  /** True when something was open. */
  mended(mend: Mend, now: number): boolean {
    return this.#cases.mended(mend, now);
  }

  /** Moves what is due to the outboxes, and makes letters where one may go. True when something changed. */
  turn(now: number): boolean {
    const due = this.#cases.due(now);
    for (const { item, emails } of due) this.#route(item, emails);
    let changed = due.length > 0;
    for (const outbox of this.#outboxes.values()) changed = outbox.seal(now) || changed;
    if (due.length > 0) this.#tidy();
    return changed;
  }

  /** When `turn` is to be called next; null = not before something happens. */
  nextTurnAt(now: number): number | null {
    const times = [
      this.#cases.nextDueAt(),
      ...Array.from(this.#outboxes.values(), (box) => box.nextSealAt(now)),
    ];
    const next = times.filter((time) => time !== null);
    return next.length > 0 ? Math.min(...next) : null;
  }

  get outboxes(): readonly Outbox[] {
    return [...this.#outboxes.values()];
  }

  openPlugins(): OpenCase[] {
    return this.#cases
      .all()
      .flatMap(({ open, plugin, kind, facts }) =>
        open && plugin !== null ? [{ plugin, kind, seq: facts.seq ?? null }] : [],
      );
  }

  snapshot(): DeskState {
    return { cases: this.#cases.all(), outboxes: this.outboxes.map(({ state }) => state) };
  }

  /** As the configuration has it now; null: it was taken out, and is told no more. */
  #today(stored: Receiver): Receiver | null {
    if (stored.sink !== "mail") return this.#everything.find(({ key }) => key === stored.key) ?? null;
    if (this.#mailTo === null) return null;
    return stored.key === DEFAULT_KEY ? defaultReceiver(this.#mailTo) : stored;
  }

  #route(item: Item, emails: Emails): void {
    for (const receiver of this.#everything) this.#outbox(receiver).put(item);
    if (this.#mailTo === null || emails === false) return;
    const own = emails === true ? null : mailReceiver(emails);
    const common = defaultReceiver(this.#mailTo);
    if (own?.to.length === 0) return;
    this.#outbox(own === null || own.to.join() === common.to.join() ? common : own).put(item);
  }

  #outbox(receiver: Receiver): Outbox {
    const known = this.#outboxes.get(receiver.key);
    if (known) return known;
    const outbox = new Outbox(this.#policy, receiver);
    this.#outboxes.set(receiver.key, outbox);
    return outbox;
  }

  #tidy(): void {
    const fingerprints = new Set(this.#cases.all().map(({ fingerprint }) => fingerprint));
    for (const [key, outbox] of this.#outboxes) {
      outbox.keepThreads(fingerprints);
      if (outbox.isIdle && outbox.state.receiver.sink === "mail") this.#outboxes.delete(key);
    }
  }
}

const DEFAULT_KEY = "mail";

/** Who is mailed by default: the same receiver when the addresses in the configuration change. */
export function defaultReceiver(addresses: readonly string[]): Receiver {
  return { ...mailReceiver(addresses), key: DEFAULT_KEY };
}

/** Addresses that a plugin has set. */
export function mailReceiver(addresses: readonly string[]): Receiver {
  const to = [...new Set(addresses)].sort();
  return { key: `mail ${to.join(", ")}`, sink: "mail", to };
}
