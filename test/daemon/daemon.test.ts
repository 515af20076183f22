/** The whole flow with real parts: sandbox site, client, reader, journal, lanes, worker threads. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Daemon } from "../../src/daemon/start.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { rawNumber } from "../../src/json.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { openTestSandbox, studio, TestLog, until } from "./rig.ts";

const CHANGE = { event_type: "Shotgun_Task_Change", attribute_name: "sg_status_list" };
const OTHER = { event_type: "Shotgun_Shot_Change", attribute_name: "code" };

it("delivers every matching event to every plugin, in order, with all its fields", async () => {
  const { sandbox, folder, log } = await daemonWith({
    "all.ts": recorder("all"),
    "tasks.js": recorder("tasks", "{ Shotgun_Task_Change: ['sg_status_list'] }").replace(
      /^import type .*$/m,
      "",
    ),
  });
  const { first } = sandbox.site.events.add([CHANGE, OTHER, CHANGE]);
  await until(() => notes(folder, "all").length === 3 && notes(folder, "tasks").length === 2);
  expect(ids(folder, "all")).toEqual([first, first + 1, first + 2]);
  expect(ids(folder, "tasks")).toEqual([first, first + 2]);
  const [event] = notes(folder, "all");
  expect(event).toMatchObject({ type: "EventLogEntry", redelivered: false, created: true, ...CHANGE });
  expect(log.lines.filter(({ level }) => level === "error" || level === "critical")).toEqual([]);
});

it("lets a plugin read and write the site with its own connection, passing the event's session_uuid on", async () => {
  const sandbox = await openTestSandbox();
  const { scriptName, scriptKey } = sandbox;
  const source = `
    import type { Registrar } from "callsheet";
    export function registerCallbacks(reg: Registrar) {
      reg.registerCallback("${scriptName}", "${scriptKey}", async (sg, logger, event) => {
        const shot = await sg.findOne("Shot", [["id", "is", event.meta!.entity_id]], ["code"]);
        await sg.update("Shot", shot!.id, { description: \`seen \${shot!.code}\` });
        logger.info("wrote %s", shot!.code);
      }, { Shotgun_Shot_New: null });
    }`;
  const { log } = await daemonWith({ "writer.ts": source }, {}, sandbox);
  const auth = { script_name: scriptName, script_key: scriptKey, session_uuid: "5e55-10" };
  const call = (method: string, payload: unknown) =>
    sandbox.site.call(method, [auth, payload]) as { id: number };
  const project = call("create", {
    type: "Project",
    fields: [{ field_name: "name", value: "Night Bus" }],
    return_fields: ["id"],
  });
  const shot = call("create", {
    type: "Shot",
    fields: [
      { field_name: "code", value: "sh010" },
      { field_name: "project", value: { type: "Project", id: project.id } },
    ],
    return_fields: ["id"],
  });
  expect(await log.line("wrote sh010")).toMatchObject({ level: "info", plugin: "writer" });
  const found = sandbox.site.call("read", [
    auth,
    {
      type: "EventLogEntry",
      return_fields: ["session_uuid"],
      filters: {
        logical_operator: "and",
        conditions: [
          { path: "attribute_name", relation: "is", values: ["description"] },
          { path: "event_type", relation: "is", values: ["Shotgun_Shot_Change"] },
        ],
      },
      return_only: "active",
      paging: { entities_per_page: 1, current_page: 1 },
      sorts: [{ field_name: "id", direction: "desc" }],
    },
  ]) as { entities: { session_uuid: string }[] };
  expect(shot.id).toBeGreaterThan(0);
  expect(found.entities[0]!.session_uuid).toBe("5e55-10");
});

it("keeps whole numbers beyond 2^53 in meta exact, from the site to the callback", async () => {
  const big = recorder("big").replace("...event", "id: event.id, size: String(event.meta!.new_value)");
  const { sandbox, folder } = await daemonWith({ "big.ts": big });
  sandbox.site.events.add([{ ...CHANGE, meta: { new_value: rawNumber(12_345_678_901_234_567_891n) } }]);
  await until(() => notes(folder, "big").length === 1);
  expect(notes(folder, "big")[0]).toMatchObject({ size: "12345678901234567891" });
});

it("a failing plugin stops at its event, the others go on, and the fixed file starts it there again", async () => {
  const { sandbox, folder, log, daemon } = await daemonWith({
    "good.ts": recorder("good"),
    "bad.ts": twoCallbacks(true),
  });
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
  const failure = await log.line("b failed on event");
  expect(failure).toMatchObject({
    level: "error",
    plugin: "bad",
    callback: "b",
    event_id: first,
    code: "CALLBACK_FAILED",
  });
  expect(failure.stack).toContain("bad.ts:8");
  await until(() => notes(folder, "good").length === 3);
  await until(() => lane(daemon, "bad").activity === "failed");
  expect(lane(daemon, "bad")).toMatchObject({
    backlog: 3,
    failure: { eventId: first, callback: "b", attempts: 1 },
  });
  writeFileSync(join(folder, "plugins/bad.ts"), twoCallbacks(false));
  await until(() => notes(folder, "b").length === 3);
  // a had finished the first event: it is not called for it again
  expect(ids(folder, "a")).toEqual([first, first + 1, last]);
  expect(ids(folder, "b")).toEqual([first, first + 1, last]);
  expect(lane(daemon, "bad").failure).toBe(null);
});

it("stopOnError: false records the failure and goes on with the next callback and the next event", async () => {
  const { sandbox, folder, daemon, log } = await daemonWith({ "bad.ts": twoCallbacks(true, false) });
  const { last } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => notes(folder, "c").length === 2);
  expect(lane(daemon, "bad").activity).toBe("running");
  expect(log.lines.filter(({ message }) => message.includes("b failed on event"))).toHaveLength(2);
  expect(ids(folder, "c").at(-1)).toBe(last);
});

it("retries as the policy says, and does what the thrown value asks for", async () => {
  const source = `
    import { appendFileSync } from "node:fs";
    import { RetryAfter, SkipEvent, StopPlugin, type Registrar } from "callsheet";
    const calls = new Map<number, number>();
    let first = 0;
    export function registerCallbacks(reg: Registrar) {
      reg.registerCallback({
        scriptName: "s", scriptKey: "k", name: "picky", retry: { attempts: 2, backoff: "1ms" },
        callback: (_sg, _logger, event) => {
          first ||= event.id;
          const n = (calls.get(event.id) ?? 0) + 1;
          calls.set(event.id, n);
          appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "picky", id: event.id, n }) + "\\n");
          if (event.id === first && n < 3) throw new Error("not yet");
          if (event.id === first + 1 && n < 2) throw new RetryAfter(1);
          if (event.id === first + 2) throw new SkipEvent("not mine");
          if (event.id === first + 3) throw new StopPlugin("enough");
        },
      });
    }`;
  const { sandbox, folder, daemon, log } = await daemonWith({ "picky.ts": source });
  const { first } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE, CHANGE]);
  await until(() => lane(daemon, "picky").activity === "failed");
  const calls = notes(folder, "picky").map(({ id, n }) => [id - first, n]);
  expect(calls).toEqual([
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 1],
    [1, 2],
    [2, 1],
    [3, 1],
  ]);
  expect(lane(daemon, "picky").failure).toMatchObject({
    code: "CALLBACK_STOPPED_PLUGIN",
    message: "StopPlugin: enough",
  });
  expect(await log.line("not mine")).toMatchObject({ level: "info" });
});

it.each([
  ["an endless loop", "for (;;) {}", "CALLBACK_TIMEOUT"],
  ["a promise that never settles", "return new Promise(() => {});", "CALLBACK_TIMEOUT"],
  ["process.exit", "process.exit(3);", "HOST_EXITED"],
  [
    "an exception in a timer",
    "setTimeout(() => { throw new Error('late'); }); return new Promise(() => {});",
    "HOST_EXITED",
  ],
])("%s is that plugin's failure only, and the next code begins at that event", async (_, statement, code) => {
  const evil = (body: string) => `
    import { appendFileSync } from "node:fs";
    import type { Registrar } from "callsheet";
    export function registerCallbacks(reg: Registrar) {
      reg.registerCallback({ scriptName: "s", scriptKey: "k", name: "evil", timeout: 1500, callback: (_sg, _logger, event): unknown => {
        ${body}
        appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "evil", id: event.id, redelivered: event.redelivered }) + "\\n");
        return null;
      } });
    }`;
  const { sandbox, folder, daemon, log } = await daemonWith({
    "evil.ts": evil(statement),
    "good.ts": recorder("good"),
  });
  const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => lane(daemon, "evil").activity === "failed");
  expect(lane(daemon, "evil").failure).toMatchObject({ code, eventId: first, callback: "evil" });
  await log.line("evil failed on event");
  await until(() => notes(folder, "good").length === 2);
  writeFileSync(join(folder, "plugins/evil.ts"), evil(""));
  await until(() => notes(folder, "evil").length === 2);
  expect(notes(folder, "evil")).toMatchObject([
    { id: first, redelivered: true },
    { id: first + 1, redelivered: false },
  ]);
});

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

// helpers

async function daemonWith(plugins: Record<string, string>, options: object = {}, given?: Sandbox) {
  const sandbox = given ?? (await openTestSandbox());
  const { folder, config } = await studio(sandbox, plugins, options);
  const log = new TestLog();
  const daemon = await start(config, log);
  await untilFollowing(daemon);
  return { sandbox, folder, config, log, daemon };
}

async function start(config: Awaited<ReturnType<typeof studio>>["config"], log: TestLog): Promise<Daemon> {
  const daemon = await startDaemon({ config, log });
  onTestFinished(() => daemon.stop());
  return daemon;
}

/** The site has been asked, so later events are new; and no plugin is still loading. */
function untilFollowing(daemon: Daemon): Promise<void> {
  return until(() => {
    const { site, plugins } = daemon.status();
    return site.state === "connected" && plugins.every(({ activity }) => activity !== "loading");
  });
}

function lane(daemon: Daemon, name: string) {
  return daemon.status().plugins.find((plugin) => plugin.name === name)!;
}

/** A plugin that writes down what it gets. */
function recorder(file: string, matchEvents = "null", before = ""): string {
  return `import { appendFileSync } from "node:fs";
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", async (_sg, _logger, event) => {
    ${before}
    appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "${file}", ...event, created: event.created_at instanceof Date }) + "\\n");
  }, ${matchEvents});
}`.replace(/: Registrar/g, file === "tasks" && matchEvents.includes("'") ? "" : ": Registrar");
}

/** Callbacks a, b and c; b throws in line 8 when told to. */
function twoCallbacks(throws: boolean, stopOnError = true): string {
  return `import { appendFileSync } from "node:fs";
import type { Registrar, Event } from "callsheet";
const note = (file: string, event: Event) =>
  appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file, id: event.id, redelivered: event.redelivered }) + "\\n");
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", function a(_sg, _logger, event) { note("a", event); });
  reg.registerCallback("s", "k", function b(_sg, _logger, event) {
    if (${throws}) throw new Error("b is broken");
    note("b", event);
  }, null, null, ${stopOnError});
  reg.registerCallback("s", "k", function c(_sg, _logger, event) { note("c", event); });
}`;
}

interface Note {
  file: string;
  id: number;
  redelivered: boolean;
  [more: string]: unknown;
}

function allNotes(folder: string): Note[] {
  const file = join(folder, "notes");
  if (!existsSync(file)) appendFileSync(file, "");
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Note);
}

function notes(folder: string, file: string): Note[] {
  return allNotes(folder).filter((note) => note.file === file);
}

function ids(folder: string, file: string): number[] {
  return notes(folder, file).map(({ id }) => id);
}
