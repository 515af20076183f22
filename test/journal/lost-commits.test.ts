/** The contract of the journal where commits are done and reported as failed: nothing is lost, and nothing is there twice. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import type { Journal, LaneJournal } from "../../src/journal/journal.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { Dice } from "../../src/sandbox/random.ts";
import { type JournalFixture, journalContract } from "./contract.ts";
import { type LostCommits, loseCommits } from "./lost-commits.ts";
import { appendIds, Folders, failure, idsAfter, wireEvents } from "./support.ts";

const SEED = Number(process.env.LOST_SEED ?? 1);
/** The tests of the contract are short. */
const SHARE = 0.2;

const folders = new Folders();
const dice = new Dice(SEED);
let commits: LostCommits;
let losing = false;
let all = false;

beforeAll(() => {
  commits = loseCommits(() => losing && (all || dice.chance(SHARE)));
});
afterEach(() => {
  losing = false;
  all = false;
});
afterAll(() => {
  commits.end();
  folders.remove();
});

describe("commits that are lost now and then", () => {
  journalContract("SQLite", fixture);

  test("were lost", () => {
    expect(commits.taken()).toBeGreaterThan(20);
  });
});

describe("a commit that was done and is reported as failed", () => {
  async function opened(): Promise<{ folder: string; journal: Journal }> {
    const folder = folders.make();
    const journal = await openSqliteJournal({ folder });
    await appendIds(journal, [1, 2, 3]);
    return { folder, journal };
  }

  const loseAll = () => {
    losing = true;
    all = true;
  };

  async function expectSound(folder: string, journal: Journal): Promise<void> {
    expect(commits.taken()).toBeGreaterThan(0);
    losing = false;
    const copy = folders.killedCopy(folder);
    await journal.close();
    for (const left of [copy, folder]) expect((await repairState(left)).damaged).toEqual([]);
  }

  test("of an append is an append, and the next stands behind it", async () => {
    const { folder, journal } = await opened();
    loseAll();
    expect(await appendIds(journal, [4, 5])).toEqual({ firstSeq: 4, lastSeq: 5, repeated: 0 });
    expect(await appendIds(journal, [5, 6])).toEqual({ firstSeq: 6, lastSeq: 6, repeated: 1 });
    expect(await idsAfter(journal, 0)).toEqual([1, 2, 3, 4, 5, 6]);
    await expectSound(folder, journal);
  });

  test("of retention is known as removed", async () => {
    const { folder, journal } = await opened();
    const reader = { position: 900, gaps: [], generation: 1 };
    await journal.append({ events: wireEvents(4, 900), neverHappened: [], reader });
    const retain = () => journal.retain({ maxAgeMs: 0, maxBytes: 1e9 }, new Date(Date.now() + 60_000));
    loseAll();
    // what is told as failed after that is done again at the next time
    expect(await retain()).toMatchObject({ removed: 900 });
    losing = false;
    await appendIds(journal, [901]);
    expect((await repairState(folders.killedCopy(folder))).damaged).toEqual([]);
    await retain();
    expect(journal.head).toMatchObject({ firstSeq: 902, lastSeq: 901 });
    await expectSound(folder, journal);
  });

  test("of lanes that are new leaves each with a row of its own", async () => {
    const { folder, journal } = await opened();
    loseAll();
    const open = (id: string) => journal.openLane({ id, path: `/p/${id}`, name: id, startSeq: 0 });
    await Promise.all([open("a"), open("b")]);
    await Promise.all([open("b"), open("a"), open("c")]);
    expect((await journal.lanes()).map(({ id, epoch }) => [id, epoch])).toEqual([
      ["a", 2],
      ["b", 2],
      ["c", 1],
    ]);
    await expectSound(folder, journal);
  });

  test("of a failure that is recorded again is one failure", async () => {
    const { folder, journal } = await opened();
    const lane = await journal.openLane({ id: "a", path: "/p/a", name: "a", startSeq: 0 });
    await lane.register(["onEvent"]);
    loseAll();
    const record = () => lane.record({ kind: "failed", failure: failure(2) });
    await expect(record()).rejects.toMatchObject({ code: "STATE_FULL" });
    losing = false;
    await record();
    expect(await journal.failureGroups(10)).toMatchObject([{ count: 1 }]);
    commits.taken();
    await journal.close();
    expect((await repairState(folder)).damaged).toEqual([]);
  });
});

async function fixture(): Promise<JournalFixture> {
  let folder = join(folders.make(), "state");
  let journal = await openSqliteJournal({ folder });
  losing = true;
  return {
    journal: repeating(journal),
    async kill() {
      losing = false;
      const copy = folders.killedCopy(folder);
      await journal.close();
      folder = copy;
      journal = await openSqliteJournal({ folder });
      losing = true;
      return repeating(journal);
    },
    async end() {
      losing = false;
      await journal.close();
    },
  };
}

/** What a daemon does with a disk that says that it is full: the same again. */
function repeating<T extends Journal | LaneJournal>(journal: T): T {
  return new Proxy(journal, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        // nobody repeats this at once; it has a test of its own
        if (name === "retain") return unharmed(() => value.apply(target, args) as Promise<unknown>);
        const answer = value.apply(target, args) as unknown;
        return answer instanceof Promise
          ? patiently(answer, () => value.apply(target, args) as Promise<unknown>)
          : answer;
      };
    },
  });
}

async function unharmed<T>(work: () => Promise<T>): Promise<T> {
  losing = false;
  return work().finally(() => {
    losing = true;
  });
}

async function patiently(first: Promise<unknown>, again: () => Promise<unknown>): Promise<unknown> {
  for (let answer = first; ; answer = again()) {
    try {
      const result = await answer;
      return isLane(result) ? repeating(result) : result;
    } catch (error) {
      if (!(error instanceof CallsheetError) || error.code !== "STATE_FULL") throw error;
    }
  }
}

function isLane(value: unknown): value is LaneJournal {
  return typeof value === "object" && value !== null && "handOver" in value;
}
