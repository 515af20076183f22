/** The store of replays: places, what is told of events, and what a damaged file costs. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { checkState } from "../../src/daemon/check-state.ts";
import type { LaneFailure } from "../../src/journal/journal.ts";
import type { ReplayOrder, ReplayStore } from "../../src/journal/replays.ts";
import { SlotWriter } from "../../src/journal/slot.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { openReplays, openReplaysForReading, replaysDamage } from "../../src/journal/sqlite/replays/open.ts";
import { TestLog, temporaryFolder } from "../daemon/rig.ts";

const ORDER: ReplayOrder = {
  plugin: "notify",
  lane: "notify-1",
  first: 10,
  last: 20,
  dryRun: false,
  keepGoing: true,
  operator: { by: "zoe", why: "a test", at: "2026-11-01T08:00:00.000Z" },
};

let state: string;
let log: TestLog;
let store: ReplayStore;

beforeEach(() => {
  state = temporaryFolder();
  log = new TestLog();
  store = reopened();
});

/** As after a kill: nothing was closed. */
function reopened(): ReplayStore {
  const opened = openReplays({ state, log });
  onTestFinished(() => opened.close());
  return opened;
}

function failureAt(eventId: number, message = "no"): LaneFailure {
  const at = ORDER.operator.at;
  return {
    seq: eventId,
    eventId,
    callback: "b",
    code: "CALLBACK_FAILED",
    message,
    stack: null,
    attempts: 1,
    at,
  };
}

test("a place is what the row or the slot says, whichever is further, also after a kill", async () => {
  const { id } = await store.begin(ORDER);
  const journal = await store.open(id);
  expect(await journal.cursor()).toEqual({ seq: 9, begun: null });
  await journal.register(["a", "b"]);
  await journal.handOver([10, 13, 15].map((eventId, i) => ({ eventId, seen: 2 * i + 1 })));
  const slot = new SlotWriter(journal.slot.file, journal.slot.epoch);
  slot.done(10);
  expect(await journal.cursor()).toEqual({ seq: 10, begun: null });
  await journal.advance({ eventId: 12, seen: 2 });
  expect(await journal.cursor()).toEqual({ seq: 12, begun: null });
  expect(await journal.counts()).toMatchObject({ events: 2, matched: 1 });
  slot.begun(13, 1);
  const killed = reopened();
  expect(await killed.get(id)).toMatchObject({
    state: "interrupted",
    doneId: 12,
    counts: { events: 2, matched: 1 },
  });
  const next = await killed.open(id);
  expect(await next.cursor()).toEqual({ seq: 12, begun: { seq: 13, finished: ["a"] } });
  // the host before has its own file still open
  slot.done(15);
  slot.close();
  expect(await next.cursor()).toEqual({ seq: 12, begun: { seq: 13, finished: ["a"] } });
  expect(readdirSync(join(state, "replays"))).toEqual(["1-2.slot"]);
});

test("a dry run begins the event in hand anew, and forgets what it caught there", async () => {
  const { id } = await store.begin({ ...ORDER, dryRun: true });
  const journal = await store.open(id);
  await journal.register(["a", "b"]);
  await journal.handOver([10, 11].map((eventId, i) => ({ eventId, seen: i + 1 })));
  await journal.keepWrite(10, { value: 1 });
  await journal.keepWrite(11, { value: 2n ** 60n });
  expect(await store.writes(id, { after: 0, limit: 9 })).toEqual([
    { number: 1, eventId: 10, write: { value: 1 } },
    { number: 2, eventId: 11, write: { value: 2n ** 60n } },
  ]);
  const slot = new SlotWriter(journal.slot.file, journal.slot.epoch);
  slot.begun(11, 1);
  slot.close();
  const next = await store.open(id);
  expect(await next.cursor()).toEqual({ seq: 10, begun: { seq: 11, finished: [] } });
  expect(await store.writes(id, { after: 0, limit: 9 })).toMatchObject([{ eventId: 10 }]);
  expect(await next.counts()).toMatchObject({ writes: 1 });
});

test("tells what became of an event in each replay, and nothing of one that was only handed over", async () => {
  for (const outcome of ["failed", "skipped", null] as const) {
    const { id } = await store.begin(ORDER);
    const journal = await store.open(id);
    await journal.handOver([10, 11].map((eventId, i) => ({ eventId, seen: i + 1 })));
    if (outcome) await journal.record({ kind: outcome, failure: failureAt(10) });
    await journal.advance({ eventId: 10, seen: 1 });
    await store.setState(id, "stopped", null);
  }
  const problem = {
    code: "CALLBACK_FAILED",
    message: "no",
    hint: null,
    stack: null,
    eventId: 11,
    callback: "b",
  };
  await store.setState(3, "failed", problem);
  const of = await store.ofEvents([10, 11, 12]);
  expect(of.get(10)!.map(({ replay, outcome }) => [replay, outcome])).toEqual([
    [3, "delivered"],
    [2, "skipped"],
    [1, "failed"],
  ]);
  expect(of.get(11)).toMatchObject([
    { replay: 3, outcome: "failed", plugin: "notify", operator: ORDER.operator },
  ]);
  expect(of.get(12)).toEqual([]);
  expect(await store.failures(1, 9)).toEqual([{ kind: "failed", failure: failureAt(10) }]);
  expect(await store.list({ lane: "other", limit: 9 })).toEqual([]);
  expect((await store.list({ limit: 2 })).map(({ id }) => id)).toEqual([3, 2]);
});

test("a damaged file is set aside, and costs nothing but the history", async () => {
  await store.begin(ORDER);
  await store.close();
  for (const ending of ["-wal", "-shm"])
    expect(existsSync(join(state, `replays.sqlite${ending}`))).toBe(false);
  writeFileSync(
    join(state, "replays.sqlite"),
    "no database at all, and long enough to be looked at as one".repeat(99),
  );
  const fresh = reopened();
  expect(await fresh.list({ limit: 9 })).toEqual([]);
  expect(await log.line("is damaged; it is kept as replays.sqlite.damaged")).toMatchObject({
    level: "error",
  });
  expect(await fresh.begin(ORDER)).toMatchObject({ id: 1, doneId: 9 });
});

test.each<[string, (file: string) => void]>([
  ["a row that is gone, whose slot is there", (file) => change(file, "DELETE FROM replay")],
  [
    "a row that cannot be",
    (file) => change(file, `UPDATE replay SET asked = replace(asked, '"first":10', '"first":"x"')`),
  ],
  [
    "a failure that is no JSON",
    (file) => change(file, "INSERT INTO outcome VALUES (1, 1, 10, 'failed', '{')"),
  ],
])("%s counts as damage, and repair sets it aside", async (_what, damage) => {
  await (await openSqliteJournal({ folder: state })).close();
  const { id } = await store.begin(ORDER);
  await store.open(id);
  await store.close();
  const file = join(state, "replays.sqlite");
  expect(replaysDamage(state)).toBeNull();
  damage(file);
  expect(replaysDamage(state)).toContain(`${file} is damaged`);
  expect(await checkState(state)).toMatchObject({
    status: "warn",
    cure: expect.stringContaining("callsheet repair --state"),
  });
  const before = readFileSync(file);
  const report = await repairState(state);
  expect(report.damaged).toMatchObject([{ file, why: expect.stringContaining("What earlier replays did") }]);
  expect(readFileSync(report.damaged[0]!.keptAs!)).toEqual(before);
  expect(replaysDamage(state)).toBeNull();
  expect(await reopened().begin(ORDER)).toMatchObject({ id: 1, doneId: 9 });
  expect(log.lines).toEqual([]);
});

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

test("can be read while nobody runs it, and the oldest go when there are very many", async () => {
  expect(openReplaysForReading(temporaryFolder())).toBeNull();
  for (let i = 0; i < 502; i += 1) {
    const { id } = await store.begin(ORDER);
    await store.setState(id, "finished", null);
  }
  const reading = openReplaysForReading(state)!;
  onTestFinished(() => reading.close());
  const ids = (await reading.list({ limit: 999 })).map(({ id }) => id);
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([500, 502, 3]);
  await expect(reading.begin(ORDER)).rejects.toMatchObject({ code: "STATE_UNUSABLE" });
});
