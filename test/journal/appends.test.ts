/** What is appended is nobody's before it outlives a power loss. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, open, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Appends } from "../../src/journal/sqlite/appends.ts";
import type { Database } from "../../src/journal/sqlite/database.ts";
import { openJournalDatabase } from "../../src/journal/sqlite/databases.ts";
import { EventPages } from "../../src/journal/sqlite/event-pages.ts";
import { LogSync } from "../../src/journal/sqlite/log-sync.ts";
import { refusal, wireEvent } from "./support.ts";

let folder: string;
let database: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callsheet-appends-"));
  database = openJournalDatabase(join(folder, "journal.sqlite"), true);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const batch = (...ids: number[]) => ({
  events: ids.map((id) => wireEvent(id)),
  neverHappened: [],
  reader: { position: ids.at(-1)!, gaps: [], generation: 1 },
});
/** fsyncs that end when the test says so. */
function heldSyncs() {
  const held: PromiseWithResolvers<void>[] = [];
  const sync = () => {
    const one = Promise.withResolvers<void>();
    held.push(one);
    return one.promise;
  };
  return { held, sync };
}

test("what is on its way to the disk has no place yet, and the next is written behind it", async () => {
  const { held, sync } = heldSyncs();
  const appends = new Appends(database, sync);
  const first = appends.append(batch(1, 2), new Date());
  const second = appends.append(batch(3), new Date());
  expect(appends.standing).toBeNull();
  expect(appends.written).toMatchObject({ lastSeq: 3, version: 2 });
  held[0]!.resolve();
  expect((await first).events.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(appends.standing).toMatchObject({ lastSeq: 2, reader: { position: 2 } });
  // it lies in the database, and is not read
  const pages = new EventPages(database, 0);
  expect(pages.read(0, 500, appends.standing!.lastSeq).entries.map(({ id }) => id)).toEqual([1, 2]);
  held[1]!.resolve();
  await second;
  expect(appends.standing).toMatchObject({ lastSeq: 3 });
  expect(pages.read(2, 500, appends.standing!.lastSeq).entries.map(({ id }) => id)).toEqual([3]);
});

test("what retention removed meanwhile is not there again", async () => {
  const { held, sync } = heldSyncs();
  const appends = new Appends(database, sync);
  const first = appends.append(batch(1, 2), new Date());
  held[0]!.resolve();
  await first;
  const second = appends.append(batch(3), new Date());
  appends.removed({ ...appends.written!, removedSeq: 1, version: 3 });
  expect(appends.standing).toMatchObject({ lastSeq: 2, removedSeq: 1 });
  held[1]!.resolve();
  await second;
  expect(appends.standing).toMatchObject({ lastSeq: 3, removedSeq: 1 });
});

test("who asks while an fsync is under way waits for the next", async () => {
  const sync = new LogSync(database.file);
  const ended: string[] = [];
  const noted = (name: string) => sync.done().then(() => ended.push(name));
  const first = noted("first");
  // from here on it is under way
  await Promise.resolve();
  const shared = sync.done();
  expect(sync.done()).toBe(shared);
  await Promise.all([first, shared.then(() => ended.push("shared")), noted("third")]);
  expect(ended[0]).toBe("first");
  await sync.close();
});

test.skipIf(process.platform === "win32")(
  "a share that holds all threads for files does not hold it up",
  async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    // each of them has a thread until somebody writes
    const held = Array.from({ length: 64 }, () => {
      const opened = Promise.withResolvers<number>();
      open(pipe, "r", (error, fd) => (error ? opened.reject(error) : opened.resolve(fd)));
      return opened.promise;
    });
    const sync = new LogSync(database.file);
    await sync.done();
    await sync.close();
    const writer = openSync(pipe, "r+");
    for (const fd of await Promise.all(held)) closeSync(fd);
    closeSync(writer);
  },
);

test("after an fsync that failed nothing counts as stored any more", async () => {
  const sync = new LogSync(join(folder, "none.sqlite"));
  const { code, message } = await refusal(sync.done());
  expect({ code, message }).toEqual({
    code: "STATE_UNUSABLE",
    message: expect.stringContaining("an fsync failed (ENOENT"),
  });
  expect((await refusal(sync.done())).code).toBe("STATE_UNUSABLE");
  await sync.close();
});
