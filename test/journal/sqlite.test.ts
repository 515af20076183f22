import { chmodSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import { openJournalDatabase, openLanesDatabase } from "../../src/journal/sqlite/databases.ts";
import { stateFolder } from "../../src/journal/sqlite/folder.ts";
import { SqliteJournal } from "../../src/journal/sqlite/journal.ts";
import { takeLock } from "../../src/journal/sqlite/lock.ts";
import { JOURNAL_MIGRATIONS, LANES_MIGRATIONS } from "../../src/journal/sqlite/migrations.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { REPLAYS_MIGRATIONS } from "../../src/journal/sqlite/replays/tables.ts";
import { type JournalFixture, journalContract } from "./contract.ts";
import { flipped } from "./damage-model.ts";
import { appendIds, Folders, idsAfter, refusal } from "./support.ts";

const folders = new Folders();
afterEach(() => folders.remove());

async function fixture(options: { cacheBytes?: number }): Promise<JournalFixture> {
  let folder = join(folders.make(), "state");
  let journal: Journal = await openSqliteJournal({ folder, ...options });
  return {
    journal,
    async kill() {
      const copy = folders.killedCopy(folder);
      await journal.close();
      folder = copy;
      journal = await openSqliteJournal({ folder, ...options });
      return journal;
    },
    end: () => journal.close(),
  };
}

journalContract("SQLite", () => fixture({}));
journalContract("SQLite with little memory", () => fixture({ cacheBytes: 0 }));

describe("the state folder", () => {
  test("is made for its owner only", async () => {
    const folder = join(folders.make(), "deep", "state");
    const journal = await openSqliteJournal({ folder });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await journal.close();
  });

  test("a file in its place is refused with a sentence", async () => {
    const file = join(folders.make(), "state");
    writeFileSync(file, "");
    const error = await refusal(openSqliteJournal({ folder: file }));
    expect(error.code).toBe("STATE_UNUSABLE");
    expect(error.describe()).toContain(`${file} is not a folder`);
    expect((await refusal(openSqliteJournal({ folder: join(file, "deeper") }))).code).toBe("STATE_UNUSABLE");
  });

  test.skipIf(process.getuid?.() === 0)("one that cannot be written is refused", async () => {
    const folder = folders.make();
    chmodSync(folder, 0o500);
    const error = await refusal(openSqliteJournal({ folder }));
    expect(error.code).toBe("STATE_UNUSABLE");
    expect(error.message).toContain(folder);
    chmodSync(folder, 0o700);
  });

  test.each(["journal.sqlite", "lanes.sqlite"])("a newer %s is refused and left alone", async (name) => {
    const folder = folders.make();
    const journal = await openSqliteJournal({ folder });
    await appendIds(journal, [1]);
    await journal.close();
    const change = (sql: string) => {
      const database = new DatabaseSync(join(folder, name));
      const before = database.prepare("PRAGMA user_version").get()!.user_version as number;
      database.exec(sql);
      database.close();
      return before;
    };
    const known = change("CREATE TABLE newer (one INTEGER PRIMARY KEY); PRAGMA user_version = 99");
    const error = await refusal(openSqliteJournal({ folder }));
    expect(error.code).toBe("STATE_TOO_NEW");
    expect(error.message).toContain("version 99");
    change(`DROP TABLE newer; PRAGMA user_version = ${known}`);
    const again = await openSqliteJournal({ folder });
    expect(await idsAfter(again, 0)).toEqual([1]);
    await again.close();
  });

  test.each(
    ["journal.sqlite", "lanes.sqlite"].flatMap((name) =>
      [0x01, 0x02, 0x04, 0x80, 0xff].map((mask) => [name, mask] as const),
    ),
  )("a damaged version of %s (%i) is told from a newer one, and mended by repair", async (name, mask) => {
    const folder = folders.make();
    const journal = await openSqliteJournal({ folder });
    await appendIds(journal, [1, 2]);
    await (await journal.openLane({ id: "notify", path: "/p", name: "notify", startSeq: 0 })).advance(1);
    await journal.close();
    // the last byte of the field
    flipped(join(folder, name), 63, mask);
    const error = await refusal(openSqliteJournal({ folder }));
    expect(error.code).toBe("STATE_CORRUPT");
    expect(error.describe()).toContain(`callsheet repair --state ${folder}`);
    await repairState(folder);
    const again = await openSqliteJournal({ folder });
    expect(await idsAfter(again, 0)).toEqual([1, 2]);
    expect(await again.lanes()).toMatchObject([{ id: "notify", cursor: { seq: 1 } }]);
    await again.close();
  });

  test.each([
    ["journal", JOURNAL_MIGRATIONS],
    ["lanes", LANES_MIGRATIONS],
    ["replays", REPLAYS_MIGRATIONS],
  ])(
    "each step of the tables of the %s changes their description, which a damaged version is told by",
    (_, steps) => {
      const database = new DatabaseSync(":memory:");
      const descriptions = steps.map((sql) => {
        database.exec(sql);
        return JSON.stringify(database.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all());
      });
      expect(new Set(descriptions).size).toBe(steps.length);
      database.close();
    },
  );

  test("a state from before there were operators goes on", async () => {
    const folder = folders.make();
    const journal = await openSqliteJournal({ folder });
    await appendIds(journal, [1, 2]);
    await (await journal.openLane({ id: "notify", path: "/p", name: "notify", startSeq: 0 })).advance(1);
    await journal.close();
    const database = new DatabaseSync(join(folder, "lanes.sqlite"));
    database.exec("DROP TABLE paused; DROP TABLE passed; DROP TABLE action; DROP TABLE done");
    database.exec(
      "DROP INDEX outcome_by_print; ALTER TABLE outcome DROP COLUMN print; PRAGMA user_version = 2",
    );
    database.close();
    const again = await openSqliteJournal({ folder });
    expect(await again.lanes()).toMatchObject([{ id: "notify", cursor: { seq: 1 }, paused: null }]);
    await again.close();
  });

  test("a full disk is told as such, and the journal goes on when there is room", async () => {
    const folder = folders.make();
    const first = await openSqliteJournal({ folder });
    await appendIds(first, [1]);
    await first.close();
    const journal = await openBounded(folder);
    let last = 1;
    const more = () =>
      appendIds(
        journal,
        Array.from({ length: 50 }, (_, index) => last + 1 + index),
      );
    const error = await refusal(
      (async () => {
        while (last < 5000) last = (await more()).lastSeq;
      })(),
    );
    expect(error.code).toBe("STATE_FULL");
    expect(error.message).toContain(join(folder, "journal.sqlite"));
    expect(journal.head.lastSeq).toBe(last);
    expect((await idsAfter(journal, 0)).length).toBe(last);
    await journal.close();
    const again = await openSqliteJournal({ folder });
    expect(await again.readerState()).toMatchObject({ position: last });
    await appendIds(again, [last + 1]);
    expect(again.head.lastSeq).toBe(last + 1);
    await again.close();
  });

  test("is used by one journal at a time", async () => {
    const folder = folders.make();
    const journal = await openSqliteJournal({ folder });
    const error = await refusal(openSqliteJournal({ folder }));
    expect(error.code).toBe("STATE_LOCKED");
    expect(error.message).toContain(`process ${process.pid} on `);
    await journal.close();
    await (await openSqliteJournal({ folder })).close();
    expect(existsSync(join(folder, "journal.sqlite-wal"))).toBe(false);
  });

  test("a closed journal says that it is closed", async () => {
    const journal = await openSqliteJournal({ folder: folders.make() });
    await journal.close();
    await journal.close();
    expect((await refusal(appendIds(journal, [1]))).message).toContain("closed");
  });
});

/** A journal whose file may not grow much: SQLite then answers as on a full disk. */
async function openBounded(path: string): Promise<Journal> {
  const folder = stateFolder(path);
  const now = () => new Date();
  const lock = await takeLock(folder, now);
  const journal = openJournalDatabase(folder.journal, false);
  journal.exec("PRAGMA max_page_count = 20");
  const lanes = openLanesDatabase(folder.lanes, false);
  return new SqliteJournal({ folder, lock, journal, lanes, log: null, now, cacheBytes: 0 });
}

test("the state folder is its owner's alone, a folder above it everybody's as usual", async () => {
  const above = join(folders.make(), "log", "callsheet");
  const folder = join(above, "state");
  await (await openSqliteJournal({ folder })).close();
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  expect(mode(folder)).toBe("700");
  const usual = (0o777 & ~process.umask()).toString(8);
  expect([mode(above), mode(join(above, ".."))]).toEqual([usual, usual]);
});
