/** A daemon on one machine whose disk is full: it waits until there is room, and nothing that happens meanwhile ends it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { refuseCommits } from "../journal/lost-commits.ts";
import { refusal } from "../journal/support.ts";
import { read } from "./reader-rig.ts";
import { openTestSandbox, until } from "./rig.ts";
import { CHANGE, daemonWith, failing, ids, lane, notes, recorder } from "./whole.ts";

let full = false;
let mend = () => {};

beforeEach(() => {
  mend = refuseCommits(() => full);
});
afterEach(() => {
  full = false;
  mend();
});

test("a failure that cannot be stored, and code that cannot be begun with, give way to what comes after them", async () => {
  const { sandbox, folder, log, daemon } = await daemonWith({ "one.ts": failing("one") });
  const told = () => log.lines.filter(({ name, code }) => name === "plugins" && code === "STATE_FULL").length;
  const reloads = () => log.lines.filter(({ message }) => message.startsWith("reloaded one")).length;
  const { first } = sandbox.site.events.add([CHANGE]);
  await until(() => ids(folder, "one").length === 1);
  full = true;
  writeFileSync(join(folder, "go"), "");
  await until(() => told() > 0);
  writeFileSync(join(folder, "plugins/one.ts"), recorder("mended"));
  await until(() => reloads() === 1);
  const before = told();
  await until(() => told() > before);
  expect((await refusal(daemon.operations.reload("one", { by: "zoe", why: "" }))).code).toBe("STATE_FULL");
  await until(() => reloads() === 2);
  expect(ids(folder, "mended")).toEqual([]);
  full = false;
  await until(() => ids(folder, "mended").length === 1);
  expect(ids(folder, "mended")).toEqual([first]);
  expect(lane(daemon, "one")).toMatchObject({ activity: "running", failure: null });
});

test("a failure that is to be recorded gives way, too, and comes again", async () => {
  const { sandbox, folder, log } = await daemonWith({ "one.ts": failing("one", false) });
  const { first } = sandbox.site.events.add([CHANGE]);
  await until(() => ids(folder, "one").length === 1);
  full = true;
  writeFileSync(join(folder, "go"), "");
  await log.line("No event is lost; trying again");
  writeFileSync(join(folder, "plugins/one.ts"), recorder("mended"));
  await log.line("reloaded one");
  full = false;
  await until(() => ids(folder, "mended").length === 1);
  expect(notes(folder, "mended")).toMatchObject([{ id: first, redelivered: true }]);
  expect(log.lines.filter(({ message }) => message.includes("could not be stored"))).toEqual([]);
});

test("where the reader begins is stored when there is room", async () => {
  const { reading, journal, log } = await read(await openTestSandbox(), {}, (journal) => {
    full = true;
    return journal;
  });
  await log.line("No event is lost; trying again");
  expect(reading.reader.status().diskFull).toBe(true);
  full = false;
  await reading.started();
  expect(await journal.readerState()).toMatchObject({ gaps: [] });
  expect(reading.reader.status().diskFull).toBe(false);
});
