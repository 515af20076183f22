/** Plugins that another daemon fed before: each goes on after the last event that it had. */
import { join } from "node:path";
import { expect, test } from "vitest";
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
