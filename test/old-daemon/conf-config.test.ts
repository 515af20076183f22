import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { readConf } from "../../src/old-daemon/conf.ts";
import { configOfConf, readConfFile, stateFolderOf } from "../../src/old-daemon/conf-config.ts";
import { confText } from "./confs.ts";

const FILE = "/etc/shotgunEventDaemon.conf";
const folder = mkdtempSync(join(tmpdir(), "callsheet-conf-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function config(changes: Parameters<typeof confText>[0] = {}, file = FILE) {
  return configOfConf(readConf(confText(changes), file, {}));
}

function refusal(changes: Parameters<typeof confText>[0]): CallsheetError {
  try {
    config(changes);
  } catch (error) {
    if (error instanceof CallsheetError) return error;
  }
  throw new Error("it was not refused");
}

test("a conf becomes a configuration", () => {
  expect(config()).toEqual({
    site: { url: "https://studio.shotgunstudio.com", scriptName: "eventDaemon", scriptKey: "841c9a51bf45" },
    plugins: ["/usr/local/sg/plugins"],
    state: "/var/log/sg/daemon.id.callsheet",
    order: "strict",
    fetchInterval: 5000,
    batchSize: 500,
    useSessionUuid: true,
    python: { path: [] },
    log: { level: "info", dir: "/var/log/sg", files: "one" },
  });
});

test("batches are as large as a site gives them, pauses not shorter than ours may be", () => {
  expect(config({ daemon: { max_event_batch_size: "0" } })).toMatchObject({ batchSize: 500 });
  expect(config({ daemon: { max_event_batch_size: "2000" } })).toMatchObject({ batchSize: 500 });
  expect(config({ daemon: { max_event_batch_size: "50", fetch_interval: "0" } })).toMatchObject({
    batchSize: 50,
    fetchInterval: 10,
  });
});

test.each([
  ["-5", "debug"],
  ["0", "warn"],
  ["10", "debug"],
  ["15", "info"],
  ["20", "info"],
  ["25", "warn"],
  ["30", "warn"],
  ["40", "error"],
  ["50", "critical"],
  ["99", "critical"],
])("logging: %s is level %s", (logging, level) => {
  expect(config({ daemon: { logging } })).toMatchObject({ log: { level } });
});

test("the folder of the old daemon is for imports when its script lies beside the conf", () => {
  writeFileSync(join(folder, "shotgunEventDaemon.py"), "");
  expect(config({}, join(folder, "shotgunEventDaemon.conf"))).toMatchObject({ python: { path: [folder] } });
});

test("paths start from the folder of the conf", () => {
  expect(stateFolderOf(FILE, "sg.id")).toBe("/etc/sg.id.callsheet");
  expect(config({ daemon: { logPath: "logs", logFile: "sg" } })).toMatchObject({ log: { dir: "logs" } });
});

test("one problem is one sentence with file and line, several are a list", () => {
  const one = refusal({ daemon: { logMode: "x" } });
  expect([one.code, one.message, one.hint]).toEqual([
    "CONFIG_INVALID",
    `${FILE}:4: logMode must be a whole number, not "x".`,
    "Correct this line.",
  ]);
  expect(refusal({ daemon: { logMode: "x", logging: null } }).message).toBe(
    `${FILE} has 2 problems:\n  ${FILE}:1: logging is missing from [daemon]. Add a line logging: …\n  ${FILE}:4: logMode must be a whole number, not "x". Correct this line.`,
  );
  expect(refusal({ shotgun: { key: "%(NO_SUCH)s" } }).code).toBe("CONFIG_SECRET_MISSING");
});

test("a file that cannot be read is refused", () => {
  expect(() => readConfFile(folder, {})).toThrow(CallsheetError);
});
