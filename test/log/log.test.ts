import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { type LogOptions, type OpenLog, openLog } from "../../src/log/open.ts";
import { Kept } from "./fixtures.ts";

let dir: string;
const opened: OpenLog[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "callsheet-log-"));
});
afterEach(async () => {
  vi.useRealTimers();
  for (const log of opened.splice(0)) await log.close();
  rmSync(dir, { recursive: true, force: true });
});

async function open(options: Partial<LogOptions>, stdout: Kept): Promise<OpenLog> {
  const log = await openLog({ level: "info", files: "one", format: "auto", ...options }, { stdout });
  opened.push(log);
  return log;
}

function fileOf(name: string): string {
  return readFileSync(join(dir, readdirSync(dir).find((file) => file.startsWith(name))!), "utf8");
}

test("on a pipe: one JSON object a line", async () => {
  const out = new Kept();
  const { log } = await open({}, out);
  log.named("reader").warn("a gap\nof 5", { gaps: 1, event_id: 42 });
  log.debug("not this");
  expect(out.records).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: "warn",
      logger: "reader",
      message: "a gap\nof 5",
      gaps: 1,
      event_id: 42,
    },
  ]);
});

test("critical is a level of its own, above error", async () => {
  const out = new Kept();
  const { log } = await open({ level: "critical" }, out);
  log.error("below");
  log.critical("lost a disk");
  expect(out.records.map(({ level, message }) => [level, message])).toEqual([["critical", "lost a disk"]]);
});

test("a plugin's own lines keep the level that its logger has", async () => {
  const out = new Kept();
  const { log } = await open({ level: "warn" }, out);
  log.named("plugin.notify").at("debug", "set to debug by the plugin", { plugin: "notify" });
  log.named("plugins").debug("about plugins");
  expect(out.records.map(({ message }) => message)).toEqual(["set to debug by the plugin"]);
});

test("fields cannot take the place of what every line has", async () => {
  const out = new Kept();
  const { log } = await open({}, out);
  log.info("real", { message: "fake", level: "critical", time: "never", logger: "x" });
  expect(out.records[0]).toMatchObject({
    message: "real",
    level: "info",
    logger: "callsheet",
    message_: "fake",
    level_: "critical",
  });
});

test("on a terminal: columns in line, fields behind, the stack indented below, in colours", async () => {
  const out = new Kept(true);
  const { log } = await open({}, out);
  log.named("reader").info("first");
  log.named("plugin.notify.onStatus").info("second", { plugin: "notify", callback: "onStatus", event_id: 7 });
  log.named("reader").error("third", { stack: "Error: x\n    at plugin.ts:3:1", note: "two words" });
  const lines = stripVTControlCharacters(out.text).trimEnd().split("\n");
  expect(lines).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} INFO {5}reader {11}first$/),
    expect.stringMatching(/^\S+ INFO {5}plugin\.notify\.onStatus second {2}event=7$/),
    expect.stringMatching(/^\S+ ERROR {4}reader {17}third {2}note='two words'$/),
    `${" ".repeat(22)}Error: x`,
    `${" ".repeat(22)}    at plugin.ts:3:1`,
  ]);
  expect(out.text).toContain("\u001b[31mERROR");
});

test("format chooses; pretty on a pipe has no colours", async () => {
  const pretty = new Kept();
  (await open({ format: "pretty" }, pretty)).log.info("for people");
  expect(pretty.text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {5}callsheet {8}for people\n$/);
  const json = new Kept(true);
  (await open({ format: "json" }, json)).log.info("for machines");
  expect(json.records).toHaveLength(1);
});

test("text from the site cannot steer the terminal", async () => {
  const out = new Kept(true);
  const { log } = await open({}, out);
  log
    .named("plugin.\u001b[2J")
    .info("shot \u001b]0;title\u0007 \u001b[2Jgone\r\u009b31m", { name: "\u001b[8mhidden" });
  const ours = out.text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g"), "");
  expect(ours).not.toMatch(/[^\P{Cc}\n]/u);
  expect(ours).toContain("gone");
});

test("secrets are masked in messages, names, fields, stacks and lists", async () => {
  const secrets = ["s3cr3t", "s3cr3t-and-longer", ""];
  for (const out of [new Kept(), new Kept(true)]) {
    const { log } = await open({ redact: secrets, dir, files: "plugin" }, out);
    log.named("plugin.s3cr3t").error("key s3cr3t, other s3cr3t-and-longer", {
      plugin: "s3cr3t",
      stack: "Error: s3cr3t\n at x",
      deep: { list: ["s3cr3t", { s3cr3t: 1 }], error: new Error("s3cr3t") },
    });
    expect(out.text).toContain("key ***, other ***");
    expect(out.text).not.toContain("s3cr3t");
    expect(out.text).not.toContain("and-longer");
  }
  expect(fileOf("callsheet") + readdirSync(dir).join()).not.toContain("s3cr3t");
});

test("a secret is masked in the forms that JSON and URLs give it", async () => {
  const out = new Kept();
  const { log } = await open({ redact: ['p"w/d €'] }, out);
  log.info(`${JSON.stringify({ key: 'p"w/d €' })} https://x/?key=${encodeURIComponent('p"w/d €')}`);
  expect(out.records[0]?.message).toBe('{"key":"***"} https://x/?key=***');
});

test("whatever a field holds, the line is written and the secret is not in it", async () => {
  const out = new Kept();
  const { log } = await open({ redact: ["xyzzy"] }, out);
  fc.assert(
    fc.property(
      fc.string(),
      fc.anything({ withBigInt: true, withDate: true, withMap: true }),
      (message, value) => {
        out.text = "";
        log.info(`${message}xyzzy`, { value, list: [value, "xyzzy"] });
        expect(out.records).toHaveLength(1);
        expect(out.text).not.toContain("xyzzy");
      },
    ),
  );
});

test("files: everything in callsheet.log, and a file a plugin beside it", async () => {
  const out = new Kept();
  const { log, close } = await open({ dir: join(dir, "new", "logs"), files: "plugin" }, out);
  dir = join(dir, "new", "logs");
  log.named("reader").info("one");
  log.named("plugin.notify").info("two", { plugin: "notify" });
  log.named("plugin.a b:c").info("three", { plugin: "a b:c" });
  // A line is in the main file when the call returns: a crash does not lose it.
  expect(fileOf("callsheet").trim().split("\n")).toHaveLength(3);
  await close();
  expect(fileOf("plugin.notify")).toContain("two");
  expect(fileOf("plugin.notify")).not.toContain("one");
  expect(readdirSync(dir).map((name) => name.replace(/\d{4}-\d\d-\d\d/, "DATE"))).toEqual([
    "callsheet.DATE.1.log",
    "plugin.a_b_c.DATE.1.log",
    "plugin.notify.DATE.1.log",
  ]);
  expect(out.records).toHaveLength(3);
});

test("one file unless a file a plugin is asked for; a restart goes on in the file of the day", async () => {
  for (const message of ["before", "after"]) {
    const { log, close } = await open({ dir }, new Kept());
    log.info(message, { plugin: "notify" });
    await close();
  }
  expect(readdirSync(dir)).toHaveLength(1);
  expect(fileOf("callsheet").match(/before|after/g)).toEqual(["before", "after"]);
});

test("the ten newest files are kept, and other files are left alone", async () => {
  const others = ["callsheet.txt", "plugin.callsheet.2020-01-01.1.log", "callsheet.old.log"];
  for (let day = 10; day < 25; day += 1) writeFileSync(join(dir, `callsheet.2020-01-${day}.1.log`), "old");
  for (const name of others) writeFileSync(join(dir, name), "mine");
  await open({ dir }, new Kept());
  const names = readdirSync(dir);
  expect(names).toEqual(expect.arrayContaining(others));
  const kept = names.filter((name) => /^callsheet\.\d{4}/.test(name));
  expect(kept).toHaveLength(10);
  expect(kept[0]).toBe("callsheet.2020-01-16.1.log");
});

test("a new day gets a new file", async () => {
  vi.useFakeTimers({
    now: new Date(2026, 10, 23, 23, 59, 59),
    toFake: ["Date", "setTimeout", "clearTimeout"],
  });
  const { log } = await open({ dir }, new Kept());
  log.info("late");
  vi.setSystemTime(new Date(2026, 10, 24, 0, 0, 1));
  await vi.advanceTimersByTimeAsync(5000);
  await vi.waitFor(() => {
    log.info("early");
    expect(readdirSync(dir)).toEqual(["callsheet.2026-11-23.1.log", "callsheet.2026-11-24.1.log"]);
    expect(readFileSync(join(dir, "callsheet.2026-11-24.1.log"), "utf8")).toContain("early");
  });
  expect(readFileSync(join(dir, "callsheet.2026-11-23.1.log"), "utf8")).toContain("late");
});

test("a folder that cannot be written is a clear error", async () => {
  writeFileSync(join(dir, "file"), "");
  mkdirSync(join(dir, "logs"));
  const failed = open({ dir: join(dir, "file", "logs") }, new Kept());
  await expect(failed).rejects.toBeInstanceOf(CallsheetError);
  await expect(failed).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("No log file can be written"),
  });
});

test("an output that breaks is told in the file, once, and ends nothing", async () => {
  const out = new Kept();
  const { log } = await open({ dir }, out);
  out.emit("error", new Error("write EPIPE"));
  out.emit("error", new Error("write EPIPE"));
  log.info("still here");
  expect(fileOf("callsheet").match(/no more lines: write EPIPE/g)).toHaveLength(1);
  expect(fileOf("callsheet")).toContain("still here");
  expect(out.text).toBe("");
});
