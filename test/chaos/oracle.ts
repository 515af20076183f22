/** Holds what the plugins wrote down against what the site showed and what the journal says. Rules 1, 2, 3, 8 and 9 of delivery. */
import type { Journal } from "../../src/journal/journal.ts";
import { numberOf, type Shown } from "./site.ts";
import { PLUGINS, type Studio } from "./studio.ts";

export interface Note {
  number: number;
  at: number;
  redelivered: boolean;
  /** In a cluster: where it ran. */
  host: string | undefined;
  /** In a cluster: whether the call began, or ended well. */
  moment: "called" | "done" | undefined;
}

export interface PluginVerdict {
  plugin: string;
  delivered: number;
  /** Numbers of events that it should have got and did not. */
  lost: number[];
  repeats: number;
  /** When each repeat was called, ms. */
  repeatedAt: number[];
  /** Repeats that were not marked. */
  unmarked: number[];
  /** Pairs that came in another order than the journal's. */
  disorder: [number, number][];
  /** Longest time from an event's becoming visible to its delivery, ms. */
  longestMs: number;
}

export interface Case {
  shown: ReadonlyMap<number, Shown>;
  studio: Studio;
  /** Where each event stands in the journal, by its number. */
  places: ReadonlyMap<number, number>;
  /** Order and repeats are judged for events after this number: the state was damaged before. */
  damagedAfter: number;
}

export function judge({ shown, studio, places, damagedAfter }: Case): PluginVerdict[] {
  return Object.entries(PLUGINS).map(([plugin, { only }]) => {
    const notes = notesOf(studio, plugin);
    return verdictOf({ plugin, owed: owedOf(shown, only), called: notes, done: notes, places, damagedAfter });
  });
}

export interface Heard {
  plugin: string;
  owed: ReadonlyMap<number, Shown>;
  /** A note for each call, in the order of their coming. */
  called: readonly Note[];
  /** A note for each call that ended well. */
  done: readonly Note[];
  places: ReadonlyMap<number, number>;
  damagedAfter: number;
}

export function verdictOf({ plugin, owed, called, done, places, damagedAfter }: Heard): PluginVerdict {
  const firsts = firstOfEach(called);
  const had = firstOfEach(done);
  const repeated = called.filter((note) => firsts.get(note.number) !== note);
  const counted = repeated.filter(({ number }) => number > damagedAfter);
  return {
    plugin,
    delivered: had.size,
    lost: [...owed.keys()].filter((number) => !had.has(number)),
    repeats: counted.length,
    repeatedAt: counted.map(({ at }) => at),
    unmarked: repeated.filter(({ redelivered }) => !redelivered).map(({ number }) => number),
    disorder: disorderIn(
      [...firsts.keys()].filter((number) => number > damagedAfter),
      places,
    ),
    longestMs: Math.max(0, ...[...had].map(([number, { at }]) => at - (owed.get(number)?.at ?? at))),
  };
}

/** What a plugin is to get of what the site showed: all, or those of one type. */
export function owedOf(shown: ReadonlyMap<number, Shown>, only: string | undefined): Map<number, Shown> {
  return new Map(
    [...shown].filter(([, { type, forgotten }]) => !forgotten && (only === undefined || type === only)),
  );
}

export function notesOf(studio: Pick<Studio, "notes">, plugin: string): Note[] {
  const lines = studio.notes(plugin).split("\n").slice(0, -1);
  return lines.map((line) => {
    const [number, at, mark, host, moment] = line.split(" ");
    return {
      number: Number(number),
      at: Number(at),
      redelivered: mark === "redelivered",
      host,
      moment: moment as Note["moment"],
    };
  });
}

/** Rule 8, for two plugins that nothing stops: what the first has not had, the second does not get. */
export function strictViolations(first: readonly Note[], second: readonly Note[]): number[] {
  const had = firstOfEach(first);
  return [...firstOfEach(second)]
    .filter(([number, { at }]) => (had.get(number)?.at ?? Number.POSITIVE_INFINITY) > at)
    .map(([number]) => number);
}

function firstOfEach(notes: readonly Note[]): Map<number, Note> {
  const firsts = new Map<number, Note>();
  for (const note of notes) if (!firsts.has(note.number)) firsts.set(note.number, note);
  return firsts;
}

function disorderIn(numbers: readonly number[], places: ReadonlyMap<number, number>): [number, number][] {
  const pairs: [number, number][] = [];
  for (const [i, number] of numbers.entries()) {
    const before = numbers[i - 1];
    if (before !== undefined && places.get(before)! > places.get(number)!) pairs.push([before, number]);
  }
  return pairs;
}

/** Where each event stands in the journal, by its number. Closes it. */
export async function journalPlaces(journal: Pick<Journal, "read" | "close">): Promise<Map<number, number>> {
  const places = new Map<number, number>();
  try {
    for (let seq = 0; ; ) {
      const { entries, bytes } = await journal.read(seq, 1000);
      if (entries.length === 0) return places;
      for (const entry of entries) {
        const text = Buffer.from(bytes.subarray(entry.start, entry.end)).toString();
        places.set(numberOf((JSON.parse(text) as { session_uuid: string }).session_uuid), entry.seq);
        seq = entry.seq;
      }
    }
  } finally {
    await journal.close();
  }
}
