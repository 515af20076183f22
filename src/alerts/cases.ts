/**
 * The book of cases: one for each fingerprint, what it has come to and what was told of it. Pure: time is an argument.
 *
 * A case speaks at once when it is new and when it is mended after people were told that it broke. In between it waits
 * out the pauses, one after the other, and then says how often it happened meanwhile. A case that breaks and mends all the
 * time is held to the pauses too: at most two messages a pause.
 */
import { KINDS, type Kind, wordsOf } from "./kinds.ts";
import type { Break, Emails, Facts, Mend } from "./news.ts";

/** Times are milliseconds since 1970. */
export interface Case {
  fingerprint: string;
  kind: Kind;
  plugin: string | null;
  emails: Emails;
  /** Of the first break since the last telling. */
  facts: Facts;
  /** Broken at present. Always false for what does not last. */
  open: boolean;
  /** When the present or last spell began. */
  since: number;
  lastBreakAt: number;
  lastMendAt: number;
  note: string | null;
  /** Breaks and mends that nobody was told of yet; `untoldSince`: of the first of them. */
  breaks: number;
  mends: number;
  untoldSince: number;
  /** Breaks since the case was opened. */
  total: number;
  told: "nothing" | "broken" | "well";
  toldAt: number;
  /** Index of the pause after the last telling. */
  rung: number;
}

/** What there is to say of a case. */
export interface Item {
  fingerprint: string;
  kind: Kind;
  plugin: string | null;
  facts: Facts;
  open: boolean;
  /** Nobody was told of this case before. */
  first: boolean;
  /** It was told to be well. */
  again: boolean;
  breaks: number;
  mends: number;
  total: number;
  since: number;
  lastBreakAt: number;
  lastMendAt: number;
  note: string | null;
}

export interface CasePolicy {
  /** What breaks together is told together: a new case waits so long for company. */
  gatherMs: number;
  /** Pauses before the next telling; the last one repeats. */
  pausesMs: readonly number[];
  /** Takes secrets out of what is kept. */
  clean?: (facts: Facts) => Facts;
}

/** new: a case of its own. fresh: the first since the last telling. counted: one more of what is to be told anyway. */
export type Standing = "new" | "fresh" | "counted";

/** Troubles of one plugin beyond this are counted as one: messages that never repeat must not fill the memory. */
const MOST_CASES_A_PLUGIN = 50;

export class Cases {
  readonly #policy: CasePolicy;
  readonly #cases: Map<string, Case>;
  readonly #countOf = new Map<string, number>();

  constructor(policy: CasePolicy, stored: readonly Case[] = []) {
    this.#policy = policy;
    // a kind that this version does not know has nothing to say
    const known = stored.filter(({ kind }) => Object.hasOwn(KINDS, kind));
    this.#cases = new Map(known.map((one) => [one.fingerprint, one]));
    for (const { plugin } of known) this.#count(plugin, 1);
  }

  broke(news: Break, now: number): Standing {
    const fingerprint = this.#placeFor(news);
    const known = this.#cases.get(fingerprint);
    const current = known ?? newCase({ ...news, fingerprint }, now);
    if (!known) {
      this.#cases.set(fingerprint, current);
      this.#count(current.plugin, 1);
    }
    const wasOpen = current.open;
    const isFirst = current.breaks === 0;
    if (isFirst) {
      // of thousands that break alike one is looked at
      current.facts = this.#policy.clean?.(news.facts) ?? news.facts;
      if (current.mends === 0) current.untoldSince = now;
    }
    const { lasting } = wordsOf(current.kind);
    if (!current.open && (lasting || current.breaks === 0)) current.since = now;
    current.emails = news.emails;
    current.open = lasting;
    current.lastBreakAt = now;
    current.breaks += 1;
    current.total += 1;
    if (!known) return "new";
    return isFirst || wasOpen !== lasting ? "fresh" : "counted";
  }

  /** True when something was open. */
  mended({ kind, plugin, note = "" }: Mend, now: number): boolean {
    const open = [...this.#cases.values()].filter(
      (known) => known.open && known.kind === kind && known.plugin === plugin,
    );
    for (const known of open) {
      known.open = false;
      known.lastMendAt = now;
      known.note = note || null;
      if (known.breaks === 0 && known.mends === 0) known.untoldSince = now;
      known.mends += 1;
    }
    return open.length > 0;
  }

  /** What is to be said now; it counts as told from here on. */
  due(now: number): { item: Item; emails: Emails }[] {
    const due: { item: Item; emails: Emails }[] = [];
    for (const known of this.#cases.values()) {
      const at = this.#dueAt(known);
      if (at !== null && at <= now) due.push({ item: tell(known, now), emails: known.emails });
      else if (this.#isOver(known, now)) this.#forget(known);
    }
    return due;
  }

  /** When something is to be said next; null = nothing is waiting. */
  nextDueAt(): number | null {
    let next: number | null = null;
    for (const known of this.#cases.values()) {
      const at = this.#dueAt(known);
      if (at !== null && (next === null || at < next)) next = at;
    }
    return next;
  }

  /** All of them, as they are stored. */
  all(): Case[] {
    return [...this.#cases.values()];
  }

  #dueAt(known: Case): number | null {
    const { gatherMs, pausesMs } = this.#policy;
    if (known.told === "nothing") return known.untoldSince + gatherMs;
    const nextTelling = known.toldAt + pausesMs[Math.min(known.rung, pausesMs.length - 1)]!;
    const lastPause = pausesMs.at(-1)!;
    if (!wordsOf(known.kind).lasting) return known.breaks > 0 ? nextTelling : null;
    if (!known.open) {
      const digest = known.breaks > 0 ? nextTelling : Number.POSITIVE_INFINITY;
      if (known.told === "broken") return Math.min(known.lastMendAt + gatherMs, digest);
      return known.breaks > 0 ? digest : null;
    }
    if (known.told === "broken") return known.breaks > 0 ? nextTelling : known.toldAt + lastPause;
    // told to be well, and broken again: what stays broken is not left to a pause of a day
    const soon = known.toldAt + Math.min(nextTelling - known.toldAt, pausesMs[1] ?? pausesMs[0]!);
    return Math.min(nextTelling, Math.max(known.since + Math.min(pausesMs[0]!, lastPause), soon));
  }

  /** Well, told so, and quiet for the longest pause: the next time it is news again. */
  #isOver(known: Case, now: number): boolean {
    if (known.told === "nothing" || known.open || known.breaks > 0 || known.mends > 0) return false;
    return now - Math.max(known.toldAt, known.lastBreakAt) >= this.#policy.pausesMs.at(-1)!;
  }

  #forget(known: Case): void {
    this.#cases.delete(known.fingerprint);
    this.#count(known.plugin, -1);
  }

  #placeFor({ fingerprint, kind, plugin }: Break): string {
    if (this.#cases.has(fingerprint) || plugin === null) return fingerprint;
    const full = (this.#countOf.get(plugin) ?? 0) >= MOST_CASES_A_PLUGIN;
    return full ? `${kind} of ${plugin}, others` : fingerprint;
  }

  #count(plugin: string | null, by: number): void {
    if (plugin !== null) this.#countOf.set(plugin, (this.#countOf.get(plugin) ?? 0) + by);
  }
}

function newCase({ fingerprint, kind, plugin, emails, facts }: Break, now: number): Case {
  return {
    fingerprint,
    kind,
    plugin,
    emails,
    facts,
    open: false,
    since: now,
    lastBreakAt: now,
    lastMendAt: 0,
    note: null,
    breaks: 0,
    mends: 0,
    untoldSince: now,
    total: 0,
    told: "nothing",
    toldAt: 0,
    rung: 0,
  };
}

function tell(known: Case, now: number): Item {
  const {
    fingerprint,
    kind,
    plugin,
    facts,
    open,
    breaks,
    mends,
    total,
    since,
    lastBreakAt,
    lastMendAt,
    note,
  } = known;
  const first = known.told === "nothing";
  const again = known.told === "well";
  if (!first && breaks > 0) known.rung += 1;
  known.told = wordsOf(kind).lasting && !open ? "well" : "broken";
  known.toldAt = now;
  known.breaks = 0;
  known.mends = 0;
  return {
    fingerprint,
    kind,
    plugin,
    facts,
    open,
    first,
    again,
    breaks,
    mends,
    total,
    since,
    lastBreakAt,
    lastMendAt,
    note,
  };
}
