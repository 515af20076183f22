/** Holds what the plugins wrote down against what the site showed and what the journal says. Rules 1, 2, 3, 8 and 9 of delivery. */
import { openJournalForReading } from "../../src/journal/sqlite/open-for-reading.ts";
import { numberOf, type Shown } from "./site.ts";
import { PLUGINS, type Studio } from "./studio.ts";

export interface Note {
  number: number;
  at: number;
  redelivered: boolean;
}

export interface PluginVerdict {
  plugin: string;
  delivered: number;
  /** Numbers of events that it should have got and did not. */
  lost: number[];
  repeats: number;
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
  /** Order and repeats are judged for events after this number: the state was damaged before. */
  damagedAfter: number;
}

export async function judge({ shown, studio, damagedAfter }: Case): Promise<PluginVerdict[]> {
  const places = await journalPlaces(studio.state);
  return Object.entries(PLUGINS).map(([plugin, { only }]) => {
    const notes = notesOf(studio, plugin);
    const firsts = firstOfEach(notes);
    const owed = [...shown].filter(
      ([, { type, forgotten }]) => !forgotten && (only === undefined || type === only),
    );
    const repeated = notes.filter((note) => firsts.get(note.number) !== note);
    return {
      plugin,
      delivered: firsts.size,
      lost: owed.map(([number]) => number).filter((number) => !firsts.has(number)),
      repeats: repeated.filter(({ number }) => number > damagedAfter).length,
      unmarked: repeated.filter(({ redelivered }) => !redelivered).map(({ number }) => number),
      disorder: disorderIn(
        [...firsts.keys()].filter((number) => number > damagedAfter),
        places,
      ),
      longestMs: Math.max(0, ...[...firsts].map(([number, { at }]) => at - shown.get(number)!.at)),
    };
  });
}

export function notesOf(studio: Studio, plugin: string): Note[] {
  const lines = studio.notes(plugin).split("\n").slice(0, -1);
  return lines.map((line) => {
    const [number, at, mark] = line.split(" ");
    return { number: Number(number), at: Number(at), redelivered: mark === "redelivered" };
  });
}

/** Rule 8, for two plugins that nothing stops: what the first has not had, the second does not get. */
export function strictViolations(studio: Studio, first: string, second: string): number[] {
  const had = firstOfEach(notesOf(studio, first));
  return [...firstOfEach(notesOf(studio, second))]
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

/** Where each event stands in the journal, by its number. */
async function journalPlaces(state: string): Promise<Map<number, number>> {
  const journal = await openJournalForReading(state);
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
