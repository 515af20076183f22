import { expect, it } from "vitest";
import { type Note, owedOf, verdictOf } from "./oracle.ts";
import type { Shown } from "./site.ts";

const FOREVER = Number.POSITIVE_INFINITY;

/** `3@40` is event 3 at 40 ms; `3@40!` is marked as coming again. */
function notes(text: string): Note[] {
  return text.split(" ").map((word) => {
    const [, number, at, mark] = /^(\d+)@(\d+)(!?)$/.exec(word)!;
    return {
      number: Number(number),
      at: Number(at),
      redelivered: mark === "!",
      host: undefined,
      moment: undefined,
    };
  });
}

/** Event n stands at the place that the list says. */
function placed(...numbers: number[]): Map<number, number> {
  return new Map(numbers.map((number, i) => [number, i + 1]));
}

function shown(...numbers: number[]): Map<number, Shown> {
  return new Map(numbers.map((number) => [number, { id: number, type: "any", at: 0, forgotten: false }]));
}

function judged(text: string, chapters = [{ until: FOREVER, places: placed(1, 2, 3, 4) }]) {
  const called = notes(text);
  return verdictOf({ plugin: "any", owed: shown(1, 2, 3, 4), called, done: called, chapters });
}

it("nothing is wrong with what came once and in order", () => {
  expect(judged("1@10 2@20 3@30 4@40")).toMatchObject({
    delivered: 4,
    lost: [],
    repeats: 0,
    unmarked: [],
    ordered: 3,
    disorder: [],
    unplaced: [],
  });
});

it("sees what is lost, out of order, and not in the journal", () => {
  expect(judged("1@10 3@20 2@30 9@40")).toMatchObject({
    lost: [4],
    ordered: 2,
    disorder: [[3, 2]],
    unplaced: [9],
  });
});

it("sees a repeat that is not marked, and counts those that are", () => {
  expect(judged("1@10 1@20! 2@30 2@40")).toMatchObject({ repeats: 2, repeatedAt: [20, 40], unmarked: [2] });
});

const damagedAt25 = (before: number[], after: number[]) => [
  { until: 25, places: placed(...before) },
  { until: FOREVER, places: placed(...after) },
];

it("between two damages order is judged by the journal as it was", () => {
  // the repair gave 1 another place
  const chapters = damagedAt25([1, 2], [2, 3, 4, 1]);
  expect(judged("1@10 2@20 3@30 4@40 1@50!", chapters)).toMatchObject({ disorder: [], ordered: 3, lost: [] });
  expect(judged("2@10 1@20 3@30 4@40", chapters).disorder).toEqual([[2, 1]]);
  expect(judged("1@10 2@20 4@30 3@40", chapters).disorder).toEqual([[4, 3]]);
  // what comes again after the damage comes in the journal's order too
  expect(judged("1@10 2@20 1@30! 2@40!", chapters).disorder).toEqual([[1, 2]]);
});

it("damage explains a repeat of what came before it, and of nothing else; a mark is owed in any case", () => {
  const chapters = damagedAt25([1, 2], [1, 2, 3, 4]);
  expect(judged("1@10 2@20 1@30! 2@40! 3@50 4@60", chapters).repeats).toBe(0);
  expect(judged("1@10 1@20! 3@30 4@40", chapters).repeatedAt).toEqual([20]);
  expect(judged("3@30 3@40! 4@50", chapters).repeatedAt).toEqual([40]);
  expect(judged("1@10 1@30! 1@40!", chapters).repeatedAt).toEqual([40]);
  expect(judged("1@10 1@30", chapters)).toMatchObject({ repeats: 0, unmarked: [1] });
});

it("an event that the site forgot is owed while the journal has it", () => {
  const site = shown(1, 2, 3);
  site.get(1)!.forgotten = true;
  site.get(2)!.forgotten = true;
  expect([...owedOf(site, undefined).keys()]).toEqual([3]);
  expect([...owedOf(site, undefined, placed(2, 3)).keys()]).toEqual([2, 3]);
  expect([...owedOf(site, "another", placed(2, 3)).keys()]).toEqual([]);
});
