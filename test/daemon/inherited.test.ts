/** Plugins that another daemon fed before: each goes on after the last event that it had. */
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { merged } from "../../src/id-ranges.ts";
import type { Heir } from "../../src/journal/journal.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { openTestSandbox, studio, TestLog, until } from "./rig.ts";
import { CHANGE, ids, notes, recorder, start, untilFollowing } from "./whole.ts";

test("each plugin's first event is the one after the last it had, and late ones come alone", async () => {
  const sandbox = await openTestSandbox();
  const { events } = sandbox.site;
  const { last: base } = events.add(Array(10).fill(CHANGE));
  const late = events.reserve(2);
  events.add(Array(8).fill(CHANGE));
  const names = ["behind", "level", "ahead"];
  const sources = Object.fromEntries(names.map((name) => [`${name}.ts`, recorder(name)]));
  const { folder, config } = await studio(sandbox, sources);
  const journal = await openSqliteJournal({ folder: config.state });
  const pending = [{ first: late.first, last: late.last }];
  const heir = (name: string, lastId: number): Heir => ({
    id: name,
    path: join(folder, "plugins", `${name}.ts`),
    name,
    had: { lastId, pending: lastId > late.last ? pending : [], as: "had_before" },
  });
  await journal.inherit({
    reader: { position: base - 2, gaps: [] },
    lanes: [heir("behind", base - 2), heir("level", base), heir("ahead", base + 7)],
  });
  await journal.close();

  const daemon = await start(config, new TestLog());
  await untilFollowing(daemon);
  await until(() => ids(folder, "behind").length === 10 && ids(folder, "ahead").length === 3);
  late.commit([CHANGE, CHANGE]);
  events.add([CHANGE]);
  await until(() =>
    names.every((name) => ids(folder, name).includes(base + 11) && ids(folder, name).includes(late.last)),
  );
  await daemon.stop();

  const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const sorted = (name: string) => ids(folder, name).toSorted((a, b) => a - b);
  expect(sorted("behind")).toEqual(from(base - 1, base + 11));
  expect(sorted("level")).toEqual(from(base + 1, base + 11));
  expect(sorted("ahead")).toEqual([late.first, late.last, ...from(base + 8, base + 11)]);
  expect(notes(folder, "ahead").some(({ redelivered }) => redelivered)).toBe(false);

  const again = await openSqliteJournal({ folder: config.state });
  const outcomes = async (id: number) =>
    Object.fromEntries((await again.ledger(id)).map(({ name, outcome }) => [name, outcome]));
  expect(await outcomes(base)).toEqual({ behind: "delivered", level: "had_before", ahead: "had_before" });
  expect(await outcomes(late.first)).toEqual({ behind: "delivered", level: "delivered", ahead: "delivered" });
  await again.close();
});

const RUNS = Number(process.env.MODEL_RUNS ?? 3);
const NAMES = ["one", "two", "three"] as const;
/** Events that are there, and ids whose events come late or never. */
const block = fc.record({ events: fc.nat(6), late: fc.nat(2) });
/** How much of the log a plugin has had, and of which late ids up to there it still waits. */
const place = fc.record({
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  waits: fc.infiniteStream(fc.boolean()),
});

test("whatever each had: what is left comes once, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(block, { minLength: 2, maxLength: 6 }),
      fc.tuple(place, place, place),
      fc.infiniteStream(fc.boolean()),
      async (blocks, places, commits) => {
        const sandbox = await openTestSandbox();
        const { events } = sandbox.site;
        const visible: number[] = [];
        const add = (count: number) => {
          if (count === 0) return;
          const { first } = events.add(Array(count).fill(CHANGE));
          for (let id = first; id < first + count; id += 1) visible.push(id);
        };
        const late = blocks.flatMap((one) => {
          add(one.events);
          return Array.from({ length: one.late }, () => events.reserve(1));
        });
        add(1);
        const had = places.map(({ part, waits }) => {
          const lastId = Math.round(part * visible.at(-1)!);
          const ids = late.map(({ first }) => first).filter((id) => id <= lastId && waits.next().value);
          return {
            lastId,
            pending: merged(ids.map((id) => ({ first: id, last: id }))),
            as: "had_before" as const,
          };
        });
        const position = Math.min(...had.map(({ lastId }) => lastId));
        const { folder, config } = await studio(
          sandbox,
          Object.fromEntries(NAMES.map((name) => [`${name}.ts`, recorder(name)])),
        );
        const journal = await openSqliteJournal({ folder: config.state });
        const gaps = merged(had.flatMap(({ pending }) => pending)).filter(({ first }) => first <= position);
        await journal.inherit({
          reader: {
            position,
            gaps: gaps.map(({ first, last }) => ({ first, last: Math.min(last, position) })),
          },
          lanes: NAMES.map((name, at) => ({
            id: name,
            path: join(folder, "plugins", `${name}.ts`),
            name,
            had: had[at]!,
          })),
        });
        await journal.close();

        const first = await start(config, new TestLog());
        await untilFollowing(first);
        const committed = late.filter((transaction) => {
          const commit = commits.next().value;
          if (commit) transaction.commit([CHANGE]);
          else transaction.abandon();
          return commit;
        });
        await first.stop();
        add(1);
        const second = await start(config, new TestLog());
        const expected = had.map(({ lastId, pending }) => {
          const waits = (id: number) =>
            id > lastId || pending.some((range) => range.first <= id && id <= range.last);
          return [...visible, ...committed.map(({ first: id }) => id)].filter(waits).sort((a, b) => a - b);
        });
        const got = () => NAMES.map((name) => ids(folder, name).toSorted((a, b) => a - b));
        await until(
          () => got().every((list, at) => list.length >= expected[at]!.length),
          () => JSON.stringify({ expected, got: got() }),
        );
        await second.stop();
        expect(got()).toEqual(expected);
      },
    ),
    { numRuns: RUNS },
  );
}, 120_000);
