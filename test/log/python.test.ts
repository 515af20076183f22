import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openMidnightFile } from "../../src/log/midnight-file.ts";
import { type LogOptions, openLog } from "../../src/log/open.ts";
import { python, withoutPython } from "../plugins-python/python.ts";
import { Kept } from "./fixtures.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "callsheet-log-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const AS_PYTHON: LogOptions = { level: "info", files: "one", format: "python" };
const ASCTIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}`;

function contents(): Record<string, string> {
  return Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), "utf8")]));
}

test("in the foreground: LEVEL:name:message, the daemon's own lines as the engine's", async () => {
  const out = new Kept();
  const { log } = await openLog(AS_PYTHON, { stdout: out });
  log.named("reader").warn("the site is away", { code: "SITE_BUSY" });
  log.named("plugins").error("notify failed", { plugin: "notify", stack: "Traceback\n  boom" });
  log.named("plugin.notify.onStatus").critical("by the plugin", { plugin: "notify" });
  expect(out.text).toBe(
    "WARNING:engine:the site is away [SITE_BUSY]\n" +
      "ERROR:plugin.notify:notify failed\n\nTraceback\n  boom\n" +
      "CRITICAL:plugin.notify.onStatus:by the plugin\n",
  );
});

test("logMode 0: one file with everything, under exactly its name", async () => {
  const { log, close } = await openLog(
    { ...AS_PYTHON, dir, file: "shotgunEventDaemon" },
    { stdout: new Kept() },
  );
  log.info("one");
  log.named("plugin.a").info("two", { plugin: "a" });
  await close();
  expect(Object.keys(contents())).toEqual(["shotgunEventDaemon"]);
  expect(contents().shotgunEventDaemon).toMatch(
    new RegExp(`^${ASCTIME} - engine - INFO - one\n${ASCTIME} - plugin\\.a - INFO - two\n$`),
  );
});

test("logMode 1: the engine's lines in the main file, a plugin's in its own", async () => {
  const options: LogOptions = { ...AS_PYTHON, files: "plugin", dir, file: join(dir, "main.log") };
  const { log, close } = await openLog(options, { stdout: new Kept() });
  log.info("one");
  log.named("plugin.a.cb").info("two", { plugin: "a" });
  await close();
  const { "main.log": main, "plugin.a": own, ...others } = contents();
  expect(main).toMatch(/ - engine - INFO - one\n$/);
  expect(own).toMatch(/ - plugin\.a\.cb - INFO - two\n$/);
  expect(others).toEqual({});
});

test("an event that a plugin had before is too old, in the old words", async () => {
  const out = new Kept();
  const { log } = await openLog({ ...AS_PYTHON, level: "debug" }, { stdout: out });
  log.named("plugins").debug("event 7 is none for a", { plugin: "a", event_id: 7, kind: "had" });
  expect(out.text).toBe("DEBUG:plugin.a:Event 7 is too old.\n");
});

const CALL = {
  kind: "call",
  plugin: "notify",
  callback: "onStatus",
  event_id: 42,
  created_at: "2026-11-23T10:00:00Z",
  started_at: "2026-11-24T12:01:02.500Z",
  ended_at: "2026-11-24T12:01:05.750Z",
  failed: false,
};

test("the times of calls stand in a file of their own, and nowhere else", async () => {
  const out = new Kept();
  const { log, close } = await openLog({ ...AS_PYTHON, dir, file: "sg", timing: true }, { stdout: out });
  log.named("timing").info("called", CALL);
  await close();
  const zone = String.raw`[+-]\d\d:\d\d`;
  const day = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`;
  expect(contents()).toEqual({
    sg: "",
    "sg.timing": expect.stringMatching(
      new RegExp(
        `^${ASCTIME} - timing - INFO - event_id=42 created_at=${day}${zone} callback=notify\\.onStatus ` +
          `start=${day}\\.500000${zone} end=${day}\\.750000${zone} duration=00:00:00:03\\.250000 error=False delay=01:02:01:02\\.500000\n$`,
      ),
    ),
  });
  expect(out.text).toBe("");
});

test("in JSON they are lines with fields", async () => {
  const { log, close } = await openLog(
    { level: "info", format: "json", files: "one", dir, timing: true },
    {
      stdout: new Kept(),
    },
  );
  log.named("timing").info("called", CALL);
  await close();
  const [name] = Object.keys(contents()).filter((file) => file.startsWith("callsheet.timing."));
  expect(JSON.parse(contents()[name!]!)).toMatchObject({ ...CALL, logger: "timing" });
});

test("without log.timing there are none", async () => {
  const { log, close } = await openLog({ ...AS_PYTHON, dir, file: "sg" }, { stdout: new Kept() });
  log.named("timing").info("called", CALL);
  await close();
  expect(contents()).toEqual({ sg: "" });
});

test("at midnight the file is set aside, and ten of those are kept", async () => {
  const file = join(dir, "sg");
  let today = new Date(2026, 10, 1, 23, 59, 59);
  const errors: Error[] = [];
  const log = openMidnightFile(
    file,
    (error) => errors.push(error),
    () => today,
  );
  log.write("on the 1st\n");
  for (let day = 2; day <= 13; day += 1) {
    today = new Date(2026, 10, day, 0, 0, 0);
    log.write(`on the ${day}\n`);
  }
  await log.close();
  const names = Object.keys(contents());
  expect(names).toHaveLength(11);
  expect(contents()).toMatchObject({
    sg: "on the 13\n",
    "sg.2026-11-12": "on the 12\n",
    "sg.2026-11-03": "on the 3\n",
  });
  expect(errors).toEqual([]);
});

test("a daemon that was not there at midnight sets yesterday's file aside at its first line", async () => {
  const file = join(dir, "sg");
  writeFileSync(file, "yesterday\n");
  writeFileSync(join(dir, "sg.2026-10-31.gz"), "not ours");
  utimesSync(file, new Date(2026, 10, 1, 18), new Date(2026, 10, 1, 18));
  const log = openMidnightFile(
    file,
    () => {},
    () => new Date(2026, 10, 2, 9),
  );
  log.write("today\n");
  await log.close();
  log.write("after the end\n");
  expect(contents()).toEqual({
    sg: "today\n",
    "sg.2026-11-01": "yesterday\n",
    "sg.2026-10-31.gz": "not ours",
  });
});

test("a day that was set aside already is not lost", async () => {
  const file = join(dir, "sg");
  writeFileSync(join(dir, "sg.2026-11-01"), "first\n");
  let today = new Date(2026, 10, 1, 12);
  const log = openMidnightFile(
    file,
    () => {},
    () => today,
  );
  log.write("again the 1st\n");
  today = new Date(2026, 10, 2, 12);
  log.write("the 2nd\n");
  await log.close();
  expect(contents()).toEqual({ sg: "again the 1st\nthe 2nd\n", "sg.2026-11-01": "first\n" });
});

test("no file can be written: one sentence", async () => {
  writeFileSync(join(dir, "sg"), "");
  await expect(
    openLog({ ...AS_PYTHON, dir: join(dir, "sg"), file: "main" }, { stdout: new Kept() }),
  ).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(join(dir, "sg", "main")),
  });
});

test.skipIf(withoutPython)("the same line as Python's logging writes", async () => {
  const { log, close } = await openLog({ ...AS_PYTHON, dir, file: "ours" }, { stdout: new Kept() });
  log.named("plugin.notify").critical("Ünïcode and\na second line", { plugin: "notify" });
  await close();
  const program = `
import logging, logging.handlers, sys
handler = logging.handlers.TimedRotatingFileHandler(sys.argv[1], "midnight", backupCount=10)
handler.setFormatter(logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"))
logging.getLogger().addHandler(handler)
logging.getLogger("plugin.notify").critical("Ünïcode and\\na second line")
`;
  const { status } = spawnSync(python!, ["-X", "utf8", "-c", program, join(dir, "theirs")]);
  expect(status).toBe(0);
  const withoutTime = (text: string) => text.replace(new RegExp(`^${ASCTIME}`), "TIME");
  const { ours, theirs } = contents();
  expect(withoutTime(ours!)).toBe(withoutTime(theirs!));
  expect(ours).toMatch(new RegExp(`^${ASCTIME}`));
});
