import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { stateFolder } from "../../src/journal/sqlite/folder.ts";
import { lockHolder } from "../../src/journal/sqlite/lock.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { Child } from "./child.ts";
import { Folders, refusal } from "./support.ts";

const folders = new Folders();
const children: Child[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
  folders.remove();
});

async function holder(folder: string): Promise<Child> {
  const child = new Child("hold", folder);
  children.push(child);
  await child.said(1);
  return child;
}

test("a second daemon is refused, and told who has the folder", async () => {
  const folder = folders.make();
  const first = await holder(folder);
  const error = await refusal(openSqliteJournal({ folder }));
  expect(error.code).toBe("STATE_LOCKED");
  expect(error.message).toContain(folder);
  expect(error.message).toContain(`process ${first.process.pid} on ${hostname()}, started 2`);
  expect(error.hint).toContain("Stop that daemon");
  // the refused one took nothing away from the holder
  expect((await refusal(openSqliteJournal({ folder }))).code).toBe("STATE_LOCKED");
});

test("who holds the folder can be asked without getting in anybody's way", async () => {
  const folder = folders.make();
  const at = stateFolder(folder);
  expect(await lockHolder(at)).toBeNull();
  const first = await holder(folder);
  expect(await lockHolder(at)).toMatchObject({ pid: first.process.pid, host: hostname(), closedAt: null });
  await first.end();
  expect(await lockHolder(at)).toBeNull();
});

test("somebody who only looks keeps no daemon from starting", async () => {
  const folder = folders.make();
  await (await openSqliteJournal({ folder })).close();
  const onlooker = new DatabaseSync(stateFolder(folder).lock);
  onlooker.exec("BEGIN IMMEDIATE");
  const opening = openSqliteJournal({ folder });
  setImmediate(() => onlooker.close());
  await (await opening).close();
});

test("a holder that was killed without warning blocks nobody", async () => {
  const folder = folders.make();
  for (let round = 0; round < 3; round += 1) {
    const child = await holder(folder);
    await child.kill();
  }
  const journal = await openSqliteJournal({ folder });
  await journal.close();
});

test("a holder that ended in order blocks nobody", async () => {
  const folder = folders.make();
  const child = await holder(folder);
  await child.end();
  const owner = JSON.parse(readFileSync(join(folder, "lock.owner"), "utf8")) as Record<string, unknown>;
  expect(owner).toMatchObject({ pid: child.process.pid, closed: ["lanes.sqlite", "journal.sqlite"] });
  await (await holder(folder)).end();
});

test.each([1, 2])(
  "one that was killed when %i of its databases were closed left nothing damaged",
  async (closed) => {
    const folder = folders.make();
    const child = new Child("die-closing", folder, String(closed));
    children.push(child);
    await child.said(1);
    await child.end();
    expect(child.process.signalCode).toBe("SIGKILL");
    const journal = await openSqliteJournal({ folder });
    expect(journal.head.lastSeq).toBe(1);
    await journal.close();
  },
);

test("of several that start at the same time, one gets the folder", async () => {
  const folder = folders.make();
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => openSqliteJournal({ folder })));
  const opened = outcomes.filter((outcome) => outcome.status === "fulfilled");
  expect(opened).toHaveLength(1);
  await opened[0]!.value.close();
});

test("a name that cannot be right is not told", async () => {
  const folder = folders.make();
  const child = await holder(folder);
  // left by a holder that is long gone; this one has not written its own yet
  const stale = {
    pid: 2 ** 22 + 1,
    host: hostname(),
    startedAt: "2020-01-01T00:00:00Z",
    closedAt: null,
    closed: [],
  };
  writeFileSync(join(folder, "lock.owner"), JSON.stringify(stale));
  const error = await refusal(openSqliteJournal({ folder }));
  expect(error.code).toBe("STATE_LOCKED");
  expect(error.message).not.toContain(String(stale.pid));
  expect(child.process.exitCode).toBeNull();
});
