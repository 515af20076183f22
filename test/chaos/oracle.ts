/** Holds what the plugins wrote down against what the site showed and what the journal says. Rules 1, 2, 3, 8 and 9 of delivery. */
import type { Journal } from "../../src/journal/journal.ts";
import { repeatsIn } from "./repeats.ts";
import { numberOf, type Shown } from "./site.ts";
import type { Studio } from "./studio.ts";

export interface Note {
  number: number;
  at: number;
  redelivered: boolean;
  /** In a cluster: where it ran. */
  host: string | undefined;
  /** In a cluster: whether the call began, or ended well. */
  moment: "called" | "done" | undefined;
}

/** A stretch of the run in which the state was not damaged: until then each event kept its place in the journal. */
export interface Chapter {
  /** The machine's monotonic clock, ms. */
  until: number;
  /** Where each event that was called stood in the journal at its end, by its number. */
  places: ReadonlyMap<number, number>;
}

export interface PluginVerdict {
  plugin: string;
  delivered: number;
  /** Numbers of events that it should have got and did not. */
  lost: number[];
  /** Beside those that damage to the state explains. */
  repeats: number;
  /** When each of these was called, ms. */
  repeatedAt: number[];
  /** Repeats that were not marked, whatever explains them. */
  unmarked: number[];
  /** How many came after one that stood before them in the journal, or should have. */
  ordered: number;
  /** Pairs that came in another order than the journal's. */
  disorder: [number, number][];
  /** Numbers of events that it got and that the journal did not have. */
  unplaced: number[];
  /** Longest time from an event's becoming visible to its delivery, ms. */
  longestMs: number;
}

export interface Heard {
  plugin: string;
  owed: ReadonlyMap<number, Shown>;
  /** A note for each call, in the order of their coming. */
  called: readonly Note[];
  /** A note for each call that ended well. */
  done: readonly Note[];
  /** In their order; the last has no end. */
  chapters: readonly Chapter[];
}

export function verdictOf({ plugin, owed, called, done, chapters }: Heard): PluginVerdict {
  const had = firstOfEach(done);
  const damages = chapters.map(({ until }) => until);
  const { all, judged } = repeatsIn(called, damages);
  return {
    plugin,
    delivered: had.size,
    lost: [...owed.keys()].filter((number) => !had.has(number)),
    repeats: judged.length,
    repeatedAt: judged.map(({ at }) => at),
    unmarked: all.filter(({ redelivered }) => !redelivered).map(({ number }) => number),
    ...orderOf(called, chapters),
    longestMs: Math.max(0, ...[...had].map(([number, { at }]) => at - (owed.get(number)?.at ?? at))),
  };
}

/**
 * What a plugin is to get of what the site showed, all or those of one type: whatever the site has still, and what the journal has though
 * the site was restored to before it.
 */
export function owedOf(
  shown: ReadonlyMap<number, Shown>,
  only: string | undefined,
  places: ReadonlyMap<number, number> = new Map(),
): Map<number, Shown> {
  return new Map(
    [...shown].filter(
      ([number, { type, forgotten }]) =>
        (!forgotten || places.has(number)) && (only === undefined || type === only),
    ),
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

/** Each chapter for itself: what came in it, the first time in it, against the journal as it was then. */
function orderOf(
  called: readonly Note[],
  chapters: readonly Chapter[],
): Pick<PluginVerdict, "ordered" | "disorder" | "unplaced"> {
  const order = { ordered: 0, disorder: [] as [number, number][], unplaced: [] as number[] };
  let from = Number.NEGATIVE_INFINITY;
  for (const { until, places } of chapters) {
    const firsts = firstOfEach(called.filter(({ at }) => from <= at && at < until));
    const numbers = [...firsts.keys()];
    const placed = numbers.filter((number) => places.has(number));
    order.unplaced.push(...numbers.filter((number) => !places.has(number)));
    order.disorder.push(...disorderIn(placed, places));
    order.ordered += Math.max(0, placed.length - 1);
    from = until;
  }
  return order;
}

/** @param numbers of events that have a place */
function disorderIn(numbers: readonly number[], places: ReadonlyMap<number, number>): [number, number][] {
  return numbers.slice(1).flatMap((number, i): [number, number][] => {
    const before = numbers[i]!;
    return places.get(before)! > places.get(number)! ? [[before, number]] : [];
  });
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
