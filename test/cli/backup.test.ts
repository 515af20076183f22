/** A backup of a state at work, and a daemon that is started from it. */
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { MoveKind } from "../../src/journal/moving/mark.ts";
import { backupState } from "../../src/journal/sqlite/backup.ts";
import { stateFolder } from "../../src/journal/sqlite/folder.ts";
import { writeMark } from "../../src/journal/sqlite/moving/mark.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { openTestSandbox, studio, TestLog, temporaryFolder, until } from "../daemon/rig.ts";
import { CHANGE, daemonWith, ids, recorder, start } from "../daemon/whole.ts";
import { refusal } from "../journal/support.ts";
import { said } from "./said.ts";

vi.setConfig({ testTimeout: 300_000 });

const patiently = (condition: () => boolean) => until(condition, () => "it did not come to pass", 120_000);

test("backups of a daemon at full work fit together, and one of them goes on where it was: no event is lost", async () => {
  const sandbox = await openTestSandbox();
  const plugins = { "one.ts": recorder("one"), "two.ts": recorder("two") };
  const { folder, config, daemon } = await daemonWith(plugins, { start: "earliest" }, sandbox);
  const kept = temporaryFolder();
  const add = (count: number) => sandbox.site.events.add(Array.from({ length: count }, () => CHANGE)).last;
  let last = 0;
  const reports = [];
  for (const number of [1, 2, 3, 4]) {
    last = add(300);
    await patiently(() => ids(folder, "one").length > (number - 1) * 300);
    reports.push(await backupState(config.state, join(kept, String(number))));
  }
  for (const { to, lastSeq, plugins } of reports) {
    const journal = await openSqliteJournal({ folder: to });
    expect(journal.head.lastSeq).toBe(lastSeq);
    expect(plugins).toBe(2);
    await journal.close();
    expect(existsSync(`${to}.unfinished`)).toBe(false);
  }
  await patiently(() => ids(folder, "one").includes(last) && ids(folder, "two").includes(last));
  await daemon.stop();
  const before = { one: ids(folder, "one"), two: ids(folder, "two") };

  // the disk is lost; the backup of before the end takes the place of the state
  rmSync(config.state, { recursive: true });
  cpSync(reports[2]!.to, config.state, { recursive: true });
  last = add(50);
  const restored = await start(config, new TestLog());
  for (const name of ["one", "two"] as const) {
    await patiently(() => ids(folder, name).at(-1) === last);
    const again = ids(folder, name).slice(before[name].length);
    expect(again.length).toBeGreaterThan(50);
    // everything since the backup, and nothing is missing
    expect(again).toEqual(Array.from({ length: last - again[0]! + 1 }, (_, index) => again[0]! + index));
    expect(again[0]!).toBeLessThanOrEqual(before[name].at(-1)!);
  }
  expect((await restored.audit({}, new AbortController().signal, () => {})).differences).toBe(0);
  await restored.stop();
});

test("a stopped daemon's state is copied by the command, with its alerts; a folder with something in it is refused", async () => {
  const sandbox = await openTestSandbox();
  const { config, daemon } = await daemonWith({ "one.ts": recorder("one") }, {}, sandbox);
  await daemon.stop();
  const to = join(temporaryFolder(), "a", "copy");
  const done = await said("backup", to, "--state", config.state, "--json");
  expect(done).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(done.stdout)).toMatchObject({ from: config.state, to, plugins: 1 });
  const refused = await said("backup", to, "--state", config.state);
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("is not empty") });
  const none = await said("backup", join(to, "b"), "--state", to.replace(/copy$/, "none"));
  expect(none).toMatchObject({ status: 1, stderr: expect.stringContaining("There is no state in") });
  const { config: other } = await studio(sandbox, {}, { state: to });
  expect((await said("plugins", "--state", other.state)).stdout).toContain("one");
});

test("a state that was moved, or is moved meanwhile, is not copied: a daemon would start from the copy", async () => {
  const sandbox = await openTestSandbox();
  const { config, daemon } = await daemonWith({ "one.ts": recorder("one") }, {}, sandbox);
  await daemon.stop();
  const folder = stateFolder(config.state);
  const mark = (kind: MoveKind) =>
    writeMark(folder, { kind, id: "m", other: "the database", at: "2026-01-01" });
  const to = join(temporaryFolder(), "copy");
  const copying = backupState(config.state, to);
  mark("leaving");
  expect(await refusal(copying)).toMatchObject({ code: "STATE_MOVED" });
  mark("left");
  const refused = await said("backup", to, "--state", config.state);
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("was moved to the database on 2026-01-01"),
  });
  expect([to, `${to}.unfinished`].map((path) => existsSync(path))).toEqual([false, false]);
});

test("of a cluster it says that its database is to be backed up", async () => {
  const sandbox = await openTestSandbox();
  const { config } = await studio(sandbox, {}, { cluster: { url: "postgres://u:hidden@127.0.0.1/x" } });
  const { status, stderr } = await said("backup", "there", "--config", config.file);
  expect(status).toBe(2);
  expect(stderr).toMatch(/is of a cluster, whose state is in its database\..*pg_dump/s);
});
