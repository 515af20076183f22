/** Reading log files back: the last lines, in any format, over rotations, while they grow. */
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { openMidnightFile } from "../../src/log/midnight-file.ts";
import type { LogRecord } from "../../src/log/pretty.ts";
import { type LogFormat, printerFor } from "../../src/log/printers.ts";
import { beginningOf } from "../../src/log/reading/beginning.ts";
import { recordIn, type Wanted } from "../../src/log/reading/entries.ts";
import { logFiles } from "../../src/log/reading/file-list.ts";
import { RecordReader } from "../../src/log/reading/reader.ts";
import { LogTail } from "../../src/log/reading/tail.ts";

const ALL: Wanted = { plugin: null, level: "debug", since: Number.NEGATIVE_INFINITY };
const FORMATS = ["json", "pretty", "python"] as const;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "callsheet-logs-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function printed(format: LogFormat, record: LogRecord): string {
  const print = printerFor(format, { isTerminal: false, isFile: true, color: false });
  return print(`${JSON.stringify(record)}\n`);
}

function record(number: number, more: Partial<LogRecord> = {}): LogRecord {
  const time = new Date(Date.UTC(2026, 10, 23, 12, 0, 0, number)).toISOString();
  return { time, level: "info", logger: "plugin.notify.cb", message: `line ${number}`, ...more };
}

async function readAll(tail: LogTail, wanted = ALL): Promise<string[]> {
  const messages: string[] = [];
  const reader = new RecordReader(wanted, ({ message }) => messages.push(message));
  for await (const line of tail.read()) reader.line(line);
  reader.flush();
  return messages;
}

async function lastLines(paths: string[], lines: number, wanted = ALL): Promise<string[]> {
  const tail = new LogTail(() => paths, await beginningOf(paths, wanted, lines));
  try {
    return await readAll(tail, wanted);
  } finally {
    await tail.close();
  }
}

test.each(FORMATS)("a %s line is read back with time, level, name and message", (format) => {
  const given = record(7, { level: "warn", message: "a - b {c}" });
  expect(recordIn(printed(format, given).trimEnd())).toMatchObject(given);
});

const someRecord = fc.record({
  level: fc.constantFrom("debug" as const, "info" as const, "warn" as const, "error" as const),
  plugin: fc.constantFrom("notify", "notify.more", "other"),
  extra: fc.array(fc.constantFrom("", "  at x (y.ts:1)", "é".repeat(50), "Traceback:"), { maxLength: 2 }),
  ends: fc.boolean(),
});

test("the last n wanted records come out, whatever the files and their format", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...FORMATS),
      fc.array(someRecord, { maxLength: 40 }),
      fc.nat(12),
      fc.constantFrom("debug" as const, "warn" as const),
      fc.constantFrom(null, "notify"),
      async (format, records, lines, level, plugin) => {
        const dir = mkdtempSync(join(tmpdir(), "callsheet-logs-"));
        try {
          const paths = [join(dir, "0")];
          writeFileSync(paths[0]!, "");
          for (const [index, { level, plugin, extra, ends }] of records.entries()) {
            const message = [`line ${index}`, ...extra].join("\n");
            const own = record(index, { level, logger: `plugin.${plugin}.cb`, plugin, message });
            appendFileSync(paths.at(-1)!, printed(format, own));
            if (ends) paths.push(join(dir, String(index + 1)));
            if (ends) writeFileSync(paths.at(-1)!, "");
          }
          const wanted = { ...ALL, level, plugin };
          const ranks = ["debug", "info", "warn", "error"];
          const expected = records
            .map((each, index) => ({ ...each, index }))
            .filter((each) => ranks.indexOf(each.level) >= ranks.indexOf(level))
            // a text alone does not tell a callback from a part of the plugin's name
            .filter((each) => plugin === null || each.plugin === plugin || isLike(format, each.plugin))
            .map(({ index }) => `line ${index}`);
          const found = await lastLines(paths, lines, wanted);
          expect(found.map((message) => message.split("\n", 1)[0])).toEqual(
            lines === 0 ? [] : expected.slice(-lines),
          );
        } finally {
          rmSync(dir, { recursive: true });
        }
      },
    ),
    { numRuns: 60 },
  );
});

function isLike(format: string, plugin: string): boolean {
  return format !== "json" && plugin === "notify.more";
}

test("a line longer than what is read at once, and one without an end", async () => {
  const path = join(folder(), "log");
  const long = "x".repeat(200_000);
  writeFileSync(path, printed("json", record(1, { message: long })) + printed("json", record(2)).trimEnd());
  expect(await lastLines([path], 2)).toEqual([long]);
  expect(await lastLines([path], 1)).toEqual([]);
});

test("what was before a time is left out", async () => {
  const path = join(folder(), "log");
  writeFileSync(path, [1, 2, 3].map((number) => printed("python", record(number))).join(""));
  const since = Date.parse(record(2).time);
  expect(await lastLines([path], Number.POSITIVE_INFINITY, { ...ALL, since })).toEqual(["line 2", "line 3"]);
});

test("the files of a log: rolled ones by day and number, those set aside before the present one; no others", () => {
  const dir = folder();
  const names = (list: string[]) => list.map((path) => path.slice(dir.length + 1));
  for (const name of [
    "callsheet.2026-11-22.1.log",
    "callsheet.2026-11-23.10.log",
    "callsheet.2026-11-23.9.log",
    "callsheet.timing.2026-11-23.1.log",
    "callsheet.log",
    "plugin.a_b.2026-11-23.1.log",
    "plugin.a_b.c.2026-11-23.1.log",
    "sg",
    "sg.2026-11-22",
    "sg.2026-11-21",
    "sg.timing",
    "sg.id",
  ])
    writeFileSync(join(dir, name), "");
  const log = { dir, file: "callsheet", files: "plugin", format: "auto" } as const;
  expect(names(logFiles(log, null))).toEqual([
    "callsheet.2026-11-22.1.log",
    "callsheet.2026-11-23.9.log",
    "callsheet.2026-11-23.10.log",
  ]);
  expect(names(logFiles(log, "a b"))).toEqual(["plugin.a_b.2026-11-23.1.log"]);
  expect(logFiles({ ...log, files: "one" }, "a b")).toEqual(logFiles(log, null));
  const old = { ...log, file: join(dir, "sg"), format: "python" } as const;
  expect(names(logFiles(old, null))).toEqual(["sg.2026-11-21", "sg.2026-11-22", "sg"]);
  expect(logFiles({ ...log, dir: join(dir, "nowhere") }, null)).toEqual([]);
});

/** What happens to a log while somebody follows it. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant("write") },
  { weight: 2, arbitrary: fc.constant("read") },
  { weight: 1, arbitrary: fc.constant("roll") },
);

test.each(["midnight", "rolling"])("a follower gets every line once, over %s rotations", async (way) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const dir = mkdtempSync(join(tmpdir(), "callsheet-logs-"));
      const format = way === "midnight" ? "python" : "auto";
      const log = { dir, file: "sg", files: "one", format } as const;
      const tail = new LogTail(() => logFiles(log, null), null);
      try {
        let [day, number] = [1, 0];
        const path = () =>
          join(dir, way === "midnight" ? "sg" : `sg.2026-11-0${1 + Math.floor(day / 20)}.${day}.log`);
        const got: string[] = [];
        for (const what of [...steps, "read"]) {
          if (what === "write") appendFileSync(path(), printed(format, record(number++)));
          else if (what === "read") got.push(...(await readAll(tail)));
          else {
            writeFileSync(path(), "", { flag: "a" });
            const aside = `${path()}.2026-11-${String(day).padStart(2, "0")}`;
            if (way === "midnight") renameSync(path(), aside);
            day += 1;
          }
        }
        expect(got).toEqual(Array.from({ length: number }, (_, index) => `line ${index}`));
      } finally {
        await tail.close();
        rmSync(dir, { recursive: true });
      }
    }),
    { numRuns: 100 },
  );
});

test("the daemon's own rotation at midnight is followed; a file emptied in place is read from its beginning", async () => {
  const dir = folder();
  const path = join(dir, "sg");
  let now = new Date(2026, 10, 23, 23, 59);
  const file = openMidnightFile(
    path,
    () => {},
    () => now,
  );
  const tail = new LogTail(() => logFiles({ dir, file: "sg", files: "one", format: "python" }, null), null);
  onTestFinished(async () => {
    await tail.close();
    await file.close();
  });
  file.write(printed("python", record(1)));
  expect(await readAll(tail)).toEqual(["line 1"]);
  file.write(printed("python", record(2)));
  now = new Date(2026, 10, 24, 0, 1);
  file.write(printed("python", record(3)));
  expect(await readAll(tail)).toEqual(["line 2", "line 3"]);
  truncateSync(path, 0);
  expect(await readAll(tail)).toEqual([]);
  appendFileSync(path, printed("python", record(4)));
  expect(await readAll(tail)).toEqual(["line 4"]);
});
