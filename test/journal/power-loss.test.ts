/** The machine went down while a state was open: of what was not fsynced, anything may be gone. */
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Cursor, Journal, LaneJournal } from "../../src/journal/journal.ts";
import { SlotWriter } from "../../src/journal/slot.ts";
import { openSqliteSource } from "../../src/journal/sqlite/moving/source.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { appendIds, Folders, refusal } from "./support.ts";

const folders = new Folders();
afterEach(() => folders.remove());

const LAST = 5000;
const DOUBTFUL = { seq: 0, begun: null, doubtfulTo: 2300 };
const CERTAIN = { seq: 0, begun: null };

function openLane(journal: Journal, id: string): Promise<LaneJournal> {
  return journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq: 0 });
}

/** A state as a kill leaves it: a lane that was handed events, and one that was not. */
async function killed(): Promise<string> {
  const folder = folders.make();
  const journal = await openSqliteJournal({ folder });
  const ids = Array.from({ length: LAST }, (_, index) => index + 1);
  await appendIds(journal, ids);
  const lane = await openLane(journal, "notify");
  await openLane(journal, "idle");
  await lane.handOver({ from: 1, to: 3000, matched: [1, 2, 2047, 2300] });
  const copy = folders.killedCopy(folder);
  await journal.close();
  return copy;
}

/** As if the machine had been started again since the state was open. */
function startAgain(folder: string): void {
  const file = join(folder, "lock.owner");
  const owner = JSON.parse(readFileSync(file, "utf8")) as { bootedAt: number };
  writeFileSync(file, JSON.stringify({ ...owner, bootedAt: owner.bootedAt - 3_600_000 }));
}

async function cursorIn(folder: string, id = "notify"): Promise<Cursor> {
  const journal = await openSqliteJournal({ folder });
  const cursor = await (await openLane(journal, id)).cursor();
  await journal.close();
  return cursor;
}

test("what was handed over and may be undone is doubtful, until it is done", async () => {
  const state = await killed();
  // killed only: the slot says exactly how far it was
  expect(await cursorIn(folders.killedCopy(state))).toEqual(CERTAIN);
  startAgain(state);
  let again = await openSqliteJournal({ folder: state });
  expect(await (await openLane(again, "idle")).cursor()).toEqual(CERTAIN);
  const first = await openLane(again, "notify");
  expect(await first.cursor()).toEqual(DOUBTFUL);
  await first.handOver({ from: 1, to: LAST, matched: [1, 2, 2047, 2300, 4000] });
  const slot = new SlotWriter(first.slot!.file, first.slot!.epoch);
  slot.begun(2047, 0);
  slot.close();
  const copy = folders.killedCopy(state);
  await again.close();
  again = await openSqliteJournal({ folder: copy });
  const second = await openLane(again, "notify");
  expect(await second.cursor()).toEqual({ seq: 2046, begun: { seq: 2047, finished: [] }, doubtfulTo: 2300 });
  await second.advance(2300);
  expect(await second.cursor()).toEqual({ seq: 2300, begun: null });
  await again.close();
});

describe("and it stays so", () => {
  async function lost(): Promise<string> {
    const state = await killed();
    startAgain(state);
    return state;
  }

  test("though the state is opened and closed before a lane is, as a check does", async () => {
    const state = await lost();
    await (await openSqliteJournal({ folder: state })).close();
    await (await openSqliteJournal({ folder: state })).close();
    expect(await cursorIn(state)).toEqual(DOUBTFUL);
    expect(await cursorIn(state, "idle")).toEqual(CERTAIN);
  });

  test("though who opens it is killed before a lane is", async () => {
    const state = await lost();
    const journal = await openSqliteJournal({ folder: state });
    const copy = folders.killedCopy(state);
    await journal.close();
    expect(await cursorIn(copy)).toEqual(DOUBTFUL);
  });

  test("though a move out of the folder is broken off", async () => {
    const state = await lost();
    await (await openSqliteSource(state)).close();
    const source = await openSqliteSource(state);
    expect((await source.state()).lanes).toMatchObject([{ id: "notify", doubtfulTo: 2300 }, { id: "idle" }]);
    await source.close();
    expect(await cursorIn(state)).toEqual(DOUBTFUL);
  });

  test("though a damaged file is found first, and mended", async () => {
    const state = await lost();
    const slot = join(state, "lanes", "idle.slot");
    truncateSync(slot, 10);
    expect((await refusal(openSqliteJournal({ folder: state }))).code).toBe("STATE_CORRUPT");
    expect((await repairState(state)).damaged).toMatchObject([{ file: slot }]);
    expect(await cursorIn(state)).toEqual(DOUBTFUL);
  });
});
