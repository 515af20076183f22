/** A letter in words, the same for every sink: what stands in mails, chats and JSON is made of this. */
import type { WireEvent } from "../event.ts";
import type { Item } from "./cases.ts";
import { eventFacts } from "./event-facts.ts";
import { wordsOf } from "./kinds.ts";
import type { KnownPlugin } from "./news.ts";
import type { LeftOut, Letter } from "./outbox.ts";
import { duration, moment, number, shortened, times } from "./wording.ts";

export interface View {
  letter: Letter;
  background: Background;
  /** Without the prefix of the configuration. */
  subject: string;
  /** One line for each case, when there are several. */
  lines: string[];
  /** Told at length: the first few. */
  stories: Story[];
  /** What else there is to say: what was left out. */
  note: string | null;
  /** Who writes, for which site, with which state folder. */
  sender: string[];
}

export interface Story {
  tone: "bad" | "good" | "note";
  /** One sentence. */
  headline: string;
  /** The error, or what else is known. */
  message: string | null;
  facts: Fact[];
  stack: string | null;
  cure: string;
  commands: string[];
}

export interface Fact {
  name: string;
  value: string;
  href?: string;
}

/** What is looked up for a letter. */
export interface Background {
  host: string;
  siteUrl: string;
  state: string;
  events: ReadonlyMap<number, WireEvent>;
  plugins: ReadonlyMap<string, KnownPlugin>;
}

/** A letter is read by a person: so many cases in a line, and the first of them at length. */
const MOST_STORIES = 3;
const MOST_LINES = 100;
const LONGEST_STACK_LINES = 20;
const LONGEST_SUBJECT = 80;
const LONGEST_LINE = 120;

export function viewOf(letter: Letter, background: Background): View {
  const items = letter.items.toSorted((a, b) => weight(a) - weight(b));
  const { host, siteUrl, state } = background;
  return {
    letter,
    background,
    subject: subjectOf(letter, items),
    lines: items.length === 1 ? [] : items.slice(0, MOST_LINES).map((item) => lineOf(item, background)),
    stories: items.slice(0, MOST_STORIES).map((item) => storyOf(item, background)),
    note: noteOf(letter.leftOut, items.slice(MOST_LINES)),
    sender: [`Callsheet on ${host}`, `Site: ${siteUrl}`, `State: ${state}`],
  };
}

function lineOf(item: Item, background: Background): string {
  const { headline, tone } = storyOf(item, background);
  if (tone === "good") return headline;
  const topic = wordsOf(item.kind).topic(aboutOf(item)).split("\n")[0]!;
  return `${shortened(topic, LONGEST_LINE)}${item.breaks > 1 ? ` (${times(item.breaks)})` : ""}`;
}

function aboutOf({ plugin, facts }: Item) {
  return { plugin: plugin ?? "the daemon", facts };
}

/** What is broken first, what is mended last. */
function weight({ open, kind }: Item): number {
  if (open) return 0;
  return wordsOf(kind).lasting ? 2 : 1;
}

function subjectOf(letter: Letter, items: readonly Item[]): string {
  const subjects = new Set(items.map(({ plugin, kind }) => plugin ?? kind));
  if (subjects.size > 1) return manySubject(items, subjects.size);
  const [item] = items as [Item];
  const { topic, well } = wordsOf(item.kind);
  const about = aboutOf(item);
  const words = shortened(topic(about).replace(/\s+/g, " "), LONGEST_SUBJECT);
  const reply = letter.inReplyTo === null ? "" : "Re: ";
  const state = stateOf(item, well);
  // mail clients leave out what stands in brackets when they sort by subject (RFC 5256)
  return `${reply}${state === "" ? "" : `[${state}] `}${words}`;
}

function stateOf({ open, first, again, breaks, mends, kind }: Item, well: string): string {
  if (wordsOf(kind).lasting && !open) return well;
  if (first) return breaks > 1 && mends === 0 ? `${number(breaks)} times` : "";
  if (again) return "broken again";
  return breaks > 0 ? `${number(breaks)} more` : "still broken";
}

function manySubject(items: readonly Item[], count: number): string {
  const broken = items.filter((item) => weight(item) < 2);
  const plugins = new Set(broken.map(({ plugin }) => plugin).filter((plugin) => plugin !== null));
  const mended = new Set(items.filter((item) => weight(item) === 2).map(({ plugin, kind }) => plugin ?? kind))
    .size;
  if (broken.length === 0) return `${number(count)} things are mended`;
  const what =
    plugins.size > 0 && plugins.size === new Set(broken.map(({ plugin, kind }) => plugin ?? kind)).size
      ? `${number(plugins.size)} plugins have trouble`
      : `trouble with ${number(count - mended)} things`;
  return mended === 0 ? what : `${what}, ${number(mended)} mended`;
}

export function storyOf(item: Item, background: Background): Story {
  const words = wordsOf(item.kind);
  const about = aboutOf(item);
  const isMended = words.lasting && !item.open;
  const plugin = item.plugin === null ? undefined : background.plugins.get(item.plugin);
  const cause = isMended ? [] : causeFacts(item, background);
  const facts = [...pluginFacts(item, plugin), ...cause, ...countFacts(item)];
  const base = { facts };
  if (isMended) {
    return {
      ...base,
      tone: "good",
      headline: mendedSentence(item, words.mended(about), plugin),
      message: item.breaks > 0 || item.first ? item.facts.message : `It was: ${item.facts.message}`,
      stack: null,
      cure: "",
      commands: [],
    };
  }
  return {
    ...base,
    tone: words.lasting ? "bad" : "note",
    headline: prefixed(item, words.broken(about)),
    message: item.facts.message,
    stack: stackOf(item.facts),
    cure: words.cure,
    commands: words.commands(about),
  };
}

function mendedSentence(item: Item, sentence: string, plugin?: KnownPlugin): string {
  if (item.note) return `${item.plugin ?? "It"} ${item.note}; nothing is broken any more.`;
  return `${sentence.slice(0, -1)}${plugin ? catchUpText(plugin) : ""}.`;
}

/** How far behind it is, or how it caught up. */
function catchUpText({ backlog, catchUp }: KnownPlugin): string {
  if (catchUp?.isDone && catchUp.events > 0) {
    const took = catchUp.ms !== null && catchUp.ms >= 1000 ? ` in ${duration(catchUp.ms)}` : "";
    return ` and has caught up: ${events(catchUp.events)}${took}`;
  }
  if (backlog === 0) return "";
  const left =
    catchUp?.ms != null ? `; it will have caught up in about ${duration(Math.max(1000, catchUp.ms))}` : "";
  return `, ${events(backlog)} behind${left}`;
}

function prefixed({ first, again, breaks }: Item, sentence: string): string {
  if (first) return sentence;
  if (again) return `Again: ${sentence}`;
  if (breaks === 0) return `Still: ${sentence}`;
  return `${breaks === 1 ? "Once more" : `${number(breaks)} more times`}: ${sentence}`;
}

function pluginFacts({ plugin, facts }: Item, known?: KnownPlugin): Fact[] {
  if (plugin === null) return [];
  const path = known ? ` (${known.path})` : "";
  const callback = facts.callback ? [{ name: "callback", value: facts.callback }] : [];
  const waiting = known ? [{ name: "waiting", value: events(known.backlog) }] : [];
  return [{ name: "plugin", value: `${plugin}${path}` }, ...callback, ...waiting];
}

function events(count: number): string {
  return count === 1 ? "1 event" : `${number(count)} events`;
}

function causeFacts({ facts }: Item, { events, siteUrl }: Background): Fact[] {
  const code = facts.code ? [{ name: "code", value: facts.code }] : [];
  const attempt =
    facts.attempts && facts.attempts > 1 ? [{ name: "attempts", value: String(facts.attempts) }] : [];
  if (!facts.eventId) return [...code, ...attempt];
  return [...eventFacts(facts.eventId, events.get(facts.eventId) ?? null, siteUrl), ...attempt, ...code];
}

function countFacts(item: Item): Fact[] {
  const { breaks, mends, total, since, lastBreakAt, lastMendAt, kind } = item;
  const { lasting } = wordsOf(kind);
  const facts: Fact[] = [{ name: "since", value: moment(since) }];
  const group = item.facts.groupedBy;
  if (lasting && !item.open)
    facts.push({ name: "mended", value: `${moment(lastMendAt)}, ${after(lastMendAt - since)}` });
  if (lastBreakAt > since && !lasting) facts.push({ name: "last", value: moment(lastBreakAt) });
  if (total > 1 || breaks > 1) {
    const ofThem = mends > 0 ? `, mended ${times(mends)}` : "";
    const fresh = breaks === total || breaks === 0 ? "" : ` (${times(breaks)} since the last message)`;
    facts.push({ name: "happened", value: `${times(total)}${fresh}${ofThem}` });
  }
  if (group) facts.push({ name: "grouped by", value: shortened(group, LONGEST_LINE) });
  return facts;
}

function after(ms: number): string {
  return ms < 1000 ? "at once" : `after ${duration(ms)}`;
}

/** Without the message, which stands above it. */
function stackOf({ stack, message }: Item["facts"]): string | null {
  const frames = stack?.startsWith(`${message}\n`) ? stack.slice(message.length + 1) : stack;
  if (!frames || frames === message) return null;
  const lines = outdented(frames.split("\n"));
  if (lines.length <= LONGEST_STACK_LINES) return lines.join("\n");
  return [
    ...lines.slice(0, LONGEST_STACK_LINES),
    `… ${lines.length - LONGEST_STACK_LINES} more lines in the log`,
  ].join("\n");
}

function outdented(lines: string[]): string[] {
  const indent = Math.min(...lines.filter(Boolean).map((line) => line.search(/\S|$/)));
  return lines.map((line) => line.slice(indent));
}

function noteOf({ cases, breaks }: LeftOut, beyond: readonly Item[]): string | null {
  const [allCases, allBreaks] = [
    cases + beyond.length,
    breaks + beyond.reduce((sum, item) => sum + item.breaks, 0),
  ];
  if (allCases === 0) return null;
  return `And ${number(allCases)} more, which broke ${times(allBreaks)} in all and for which there is no room here: callsheet failures shows them.`;
}
