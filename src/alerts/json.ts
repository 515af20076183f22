/** A letter as JSON, for webhooks. `docs/alerts.md` describes it. */
import type { WireEvent } from "../event.ts";
import type { Item } from "./cases.ts";
import { wordsOf } from "./kinds.ts";
import { type Background, storyOf, type View } from "./view.ts";

export interface AlertLetter {
  version: 1;
  /** The same when a letter is posted twice. */
  id: string;
  sentAt: string;
  subject: string;
  alerts: AlertEntry[];
  /** Cases that there was no room for, and how often they broke. */
  leftOut: { cases: number; breaks: number };
}

export interface AlertEntry {
  fingerprint: string;
  kind: string;
  /** "broken" until it is "mended"; "happened" for what does not last. */
  state: "broken" | "mended" | "happened";
  /** The first time that this is told. */
  first: boolean;
  /** Since the last letter about it, and since the first. */
  breaks: number;
  mends: number;
  total: number;
  since: string;
  mendedAt: string | null;
  plugin: string | null;
  callback: string | null;
  summary: string;
  message: string;
  code: string | null;
  stack: string | null;
  attempts: number | null;
  backlog: number | null;
  event: WireEvent | { id: number } | null;
  commands: string[];
}

export function jsonOf({ letter, subject, background }: View): AlertLetter {
  const { id, sealedAt, leftOut, items } = letter;
  const alerts = items.map((item) => entryOf(item, background));
  return { version: 1, id, sentAt: new Date(sealedAt).toISOString(), subject, alerts, leftOut };
}

function entryOf(item: Item, background: Background): AlertEntry {
  const { fingerprint, kind, plugin, first, breaks, mends, total, facts } = item;
  const { headline, commands } = storyOf(item, background);
  const { lasting } = wordsOf(kind);
  const mended = lasting && !item.open;
  return {
    fingerprint,
    kind,
    state: mended ? "mended" : lasting ? "broken" : "happened",
    first,
    breaks,
    mends,
    total,
    since: new Date(item.since).toISOString(),
    mendedAt: mended ? new Date(item.lastMendAt).toISOString() : null,
    plugin,
    callback: facts.callback ?? null,
    summary: headline,
    message: facts.message,
    code: facts.code ?? null,
    stack: facts.stack ?? null,
    attempts: facts.attempts ?? null,
    backlog: plugin === null ? null : (background.plugins.get(plugin)?.backlog ?? null),
    event: facts.eventId ? (background.events.get(facts.eventId) ?? { id: facts.eventId }) : null,
    commands,
  };
}
