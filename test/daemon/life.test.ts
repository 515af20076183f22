/** The whole flow with real parts: plugins that come, change, move and go; stops, order, and damaged state. */
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startDaemon } from "../../src/daemon/start.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { openTestSandbox, studio, TestLog, until } from "./rig.ts";
import {
  allNotes,
  CHANGE,
  daemonWith,
  ids,
  lane,
  notes,
  OTHER,
  recorder,
  start,
  untilFollowing,
} from "./whole.ts";

it("reloads a plugin when it or a helper changes, and gives the next event to the new code", async () => {
  const plugin = `
    import { appendFileSync } from "node:fs";
    import { word } from "./lib/words.ts";
    export function registerCallbacks(reg) {
      reg.registerCallback("s", "k", (_sg, _logger, event) => {
        appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "said", id: event.id, word }) + "\\n");
      });
    }`;
  const sandbox = await openTestSandbox();
  const { folder, config } = await studio(sandbox, { "sayer.mts": plugin });
  mkdirSync(join(folder, "plugins/lib"));
  writeFileSync(join(folder, "plugins/lib/words.ts"), "export const word: string = 'old';");
  const log = new TestLog();
  const daemon = await start(config, log);
  await untilFollowing(daemon);
  sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "said").length === 1);
  writeFileSync(join(folder, "plugins/lib/words.ts"), "export const word: string = 'new';");
  await log.line("words.ts changed");
  await log.line("reloaded sayer");
  sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "said").length === 2);
  expect(notes(folder, "said").map(({ word }) => word)).toEqual(["old", "new"]);
});

it("a plugin that does not load is inactive until it changes; its events wait", async () => {
  const { sandbox, folder, daemon, log } = await daemonWith({ "typo.ts": "export enum Status { Final }" });
  expect(await log.line("typo is not active")).toMatchObject({ level: "error", code: "PLUGIN_SYNTAX" });
  sandbox.site.events.add([CHANGE]);
  await until(() => lane(daemon, "typo").backlog === 1);
  expect(lane(daemon, "typo").activity).toBe("unloadable");
  writeFileSync(join(folder, "plugins/typo.ts"), recorder("typo"));
  await until(() => notes(folder, "typo").length === 1);
});

it("new plugins begin at the tail; those that come back and those whose folder moved go on where they were", async () => {
  const { sandbox, folder, daemon, log, config } = await daemonWith({ "old.ts": recorder("old") });
  const before = sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "old").length === 1);
  writeFileSync(join(folder, "plugins/fresh.ts"), recorder("fresh"));
  await log.line("loaded fresh");
  rmSync(join(folder, "plugins/old.ts"));
  await log.line("old was removed");
  const away = sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "fresh").length === 1);
  writeFileSync(join(folder, "plugins/old.ts"), recorder("old"));
  await until(() => notes(folder, "old").length === 2);
  expect(ids(folder, "fresh")).toEqual([away.first]);
  expect(ids(folder, "old")).toEqual([before.first, away.first]);

  await daemon.stop();
  const moved = sandbox.site.events.add([CHANGE]);
  renameSync(join(folder, "plugins"), join(folder, "moved"));
  const again = await start({ ...config, plugins: [join(folder, "moved")] }, log);
  await until(() => notes(folder, "old").length === 3 && notes(folder, "fresh").length === 2);
  expect(ids(folder, "old").at(-1)).toBe(moved.first);
  await again.stop();
});

it("keeps its plugins while their folder cannot be listed", async () => {
  const { sandbox, folder, log } = await daemonWith({ "all.ts": recorder("all") });
  renameSync(join(folder, "plugins"), join(folder, "hidden"));
  await log.line("PLUGIN_FOLDER");
  sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "all").length === 1);
  expect(log.lines.some(({ message }) => message.includes("was removed"))).toBe(false);
});

it("stops within shutdownTimeout although a callback does not finish, and that event comes again, marked", async () => {
  const stuck = `
    import { appendFileSync, existsSync } from "node:fs";
    import type { Registrar } from "callsheet";
    export function registerCallbacks(reg: Registrar) {
      reg.registerCallback("s", "k", async (_sg, logger, event) => {
        logger.info("began %d", event.id);
        if (!existsSync(new URL("../free", import.meta.url))) await new Promise(() => {});
        appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "stuck", id: event.id, redelivered: event.redelivered }) + "\\n");
      });
    }`;
  const { sandbox, folder, daemon, log, config } = await daemonWith(
    { "stuck.ts": stuck },
    { shutdownTimeout: "200ms" },
  );
  const { first } = sandbox.site.events.add([CHANGE]);
  await log.line("began");
  await daemon.stop();
  await log.line("did not finish its event in hand");
  writeFileSync(join(folder, "free"), "");
  await start(config, log);
  await until(() => notes(folder, "stuck").length === 1);
  expect(notes(folder, "stuck")).toMatchObject([{ id: first, redelivered: true }]);
});

it("a stop lets the event in hand finish, and nothing comes twice", async () => {
  const slow = recorder("slow", "null", "await new Promise((go) => setTimeout(go, 20));");
  const { sandbox, folder, daemon, config, log } = await daemonWith({ "slow.ts": slow });
  const { first, last } = sandbox.site.events.add(Array.from({ length: 20 }, () => CHANGE));
  await until(() => notes(folder, "slow").length >= 3);
  await daemon.stop();
  expect(notes(folder, "slow").length).toBeLessThan(20);
  await start(config, log);
  await until(() => notes(folder, "slow").length >= 20);
  expect(ids(folder, "slow")).toEqual(Array.from({ length: 20 }, (_, i) => first + i));
  expect(ids(folder, "slow").at(-1)).toBe(last);
  expect(notes(folder, "slow").some(({ redelivered }) => redelivered)).toBe(false);
});

it("strict order: an event reaches a plugin after the active plugins before it are done with it", async () => {
  const slow = (name: string) =>
    recorder(name, "null", "if (event.id % 3 === 0) await new Promise((go) => setTimeout(go, 2));");
  const { sandbox, folder } = await daemonWith(
    { "a.ts": slow("a"), "b.ts": recorder("b"), "c.ts": slow("c"), "0-broken.ts": "nonsense(" },
    { order: "strict" },
  );
  const count = 200;
  sandbox.site.events.add(Array.from({ length: count }, () => CHANGE));
  await until(() => notes(folder, "c").length === count);
  const seen = new Map<number, string>();
  for (const { file, id } of allNotes(folder)) seen.set(id, (seen.get(id) ?? "") + file);
  expect([...seen.values()].filter((order) => order !== "abc")).toEqual([]);
  expect(seen.size).toBe(count);
});

it("a second daemon on the same state folder is refused and names the first", async () => {
  const { config } = await daemonWith({ "all.ts": recorder("all") });
  await expect(startDaemon({ config, log: new TestLog() })).rejects.toMatchObject({
    code: "STATE_LOCKED",
    message: expect.stringContaining(String(process.pid)) as string,
  });
});

it("a start that is refused leaves the state as it was", async () => {
  const { daemon, config, log } = await daemonWith({ "all.ts": recorder("all") });
  await daemon.stop();
  const site = { ...config.site, caCerts: "/nowhere.pem" };
  await expect(startDaemon({ config: { ...config, site }, log })).rejects.toThrow("/nowhere.pem");
  await start(config, log);
});

it("a plugin file that cannot be looked at fails alone", async () => {
  const { sandbox, folder, log } = await daemonWith({ "all.ts": recorder("all") });
  symlinkSync("loop.ts", join(folder, "plugins/loop.ts"));
  await log.line("loop is not active");
  sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "all").length === 1);
});

it("a thread that dies between events stops its plugin after the event before, and is not started again and again", async () => {
  const late = `
    import type { Registrar } from "callsheet";
    export function registerCallbacks(reg: Registrar) {
      reg.registerCallback("s", "k", () => void setTimeout(() => { throw new Error("too late"); }));
    }`;
  const empty = `
    import type { Registrar } from "callsheet";
    export function registerCallbacks(_reg: Registrar) {
      setTimeout(() => { throw new Error("for nothing"); });
    }`;
  const { sandbox, daemon, log } = await daemonWith({ "late.ts": late, "empty.ts": empty });
  const { first } = sandbox.site.events.add([CHANGE]);
  const line = await log.line("too late");
  expect(line.message.match(/after event/g)).toHaveLength(1);
  expect(line.message).toContain(`after event ${first}`);
  expect(line.message).not.toContain("at this event");
  await log.line("for nothing");
  await until(
    () => lane(daemon, "late").activity === "failed" && lane(daemon, "empty").activity === "failed",
  );
  expect(lane(daemon, "late").backlog).toBe(0);
});

it("marks what comes again because a repair could not tell how far a plugin was", async () => {
  const { sandbox, folder, daemon, config, log } = await daemonWith({ "all.ts": recorder("all") });
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
  await until(() => notes(folder, "all").length === 3);
  await daemon.stop();
  const slots = join(config.state, "lanes");
  for (const slot of readdirSync(slots)) writeFileSync(join(slots, slot), "");
  for (const file of ["lanes.sqlite", "lanes.sqlite-wal"]) rmSync(join(config.state, file), { force: true });
  await expect(startDaemon({ config, log })).rejects.toMatchObject({ code: "STATE_CORRUPT" });
  await repairState(config.state);
  await start(config, log);
  const next = sandbox.site.events.add([CHANGE]);
  await until(() => ids(folder, "all").includes(next.first));
  const repeats = notes(folder, "all").slice(3, -1);
  expect(repeats).toMatchObject([first, first + 1, last].map((id) => ({ id, redelivered: true })));
  expect(notes(folder, "all").at(-1)).toMatchObject({ id: next.first, redelivered: false });
});

it("says what became of an event", async () => {
  const { sandbox, folder, daemon, config } = await daemonWith({
    "tasks.ts": recorder("tasks", "{ Shotgun_Task_Change: null }"),
  });
  const { first, last } = sandbox.site.events.add([CHANGE, OTHER, CHANGE]);
  await until(() => ids(folder, "tasks").at(-1) === last && lane(daemon, "tasks").backlog === 0);
  await daemon.stop();
  const { openSqliteJournal } = await import("../../src/journal/sqlite/open.ts");
  const journal = await openSqliteJournal({ folder: config.state });
  onTestFinished(() => journal.close());
  expect(await journal.ledger(first)).toMatchObject([{ name: "tasks", outcome: "delivered" }]);
  expect(await journal.ledger(first + 1)).toMatchObject([{ name: "tasks", outcome: "filtered" }]);
});
