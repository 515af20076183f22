import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type Config, parseConfig } from "../../src/config-file.ts";
import { CallsheetError } from "../../src/errors.ts";
import { daemonFolders, stateFolderOf } from "../../src/old-daemon/conf-config.ts";
import { readConfSource } from "../../src/old-daemon/conf-source.ts";
import { confText } from "./confs.ts";

type Changes = Parameters<typeof confText>[0];

const FILE = "/etc/shotgunEventDaemon.conf";
const folder = realpathSync(mkdtempSync(join(tmpdir(), "callsheet-conf-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(changes: Changes = {}, file = FILE): Config {
  const source = readConfSource(confText(changes), file, {});
  return parseConfig(source.input, file, {}, source);
}

function refusal(changes: Changes): CallsheetError {
  try {
    load(changes);
  } catch (error) {
    if (error instanceof CallsheetError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

test("a conf becomes a configuration", () => {
  expect(load()).toMatchObject({
    file: FILE,
    site: { url: "https://studio.shotgunstudio.com", scriptName: "eventDaemon", scriptKey: "841c9a51bf45" },
    plugins: ["/usr/local/sg/plugins"],
    state: "/var/log/sg/daemon.id.callsheet",
    start: "latest",
    order: "strict",
    fetchInterval: 5000,
    batchSize: 500,
    parallelFetches: 4,
    gapTimeout: 300_000,
    useSessionUuid: true,
    pidFile: "/var/log/sg/daemon.pid",
    python: { path: [], cwd: "/", umask: "000", group: "plugin" },
    log: {
      level: "info",
      dir: "/var/log/sg",
      file: "/var/log/sg/daemon",
      files: "one",
      format: "python",
      timing: false,
    },
  });
  expect(load().alerts.mail).toBeUndefined();
});

test("batches are as large as a site gives them, pauses not shorter than ours may be", () => {
  expect(load({ daemon: { max_event_batch_size: "0" } }).batchSize).toBe(500);
  expect(load({ daemon: { max_event_batch_size: "2000" } }).batchSize).toBe(500);
  const config = load({ daemon: { max_event_batch_size: "50", fetch_interval: "0" } });
  expect(config).toMatchObject({ batchSize: 50, fetchInterval: 10 });
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
  expect(load({ daemon: { logging } }).log.level).toBe(level);
});

test("log files are where the Python daemon has them", () => {
  const one = load({ daemon: { logPath: "/logs", logFile: "sg", logMode: "1", timing_log: "on" } }).log;
  expect(one).toMatchObject({ dir: "/logs", file: "/logs/sg", files: "plugin", timing: true });
  expect(load({ daemon: { logPath: "/logs", logFile: "/other/sg" } }).log).toMatchObject({
    dir: "/logs",
    file: "/other/sg",
  });
  expect(load({ daemon: { logFile: "sg" } }).log).toMatchObject({ dir: "/etc", file: "/etc/sg" });
});

test("the folder of the old daemon is for imports when its script lies beside the conf", () => {
  writeFileSync(join(folder, "shotgunEventDaemon.py"), "");
  expect(load({}, join(folder, "shotgunEventDaemon.conf")).python.path).toEqual([folder]);
});

test("that folder stays the first when the section [callsheet] names more, and is found by a link to the script too", () => {
  const [script, link] = [join(folder, "shotgunEventDaemon.py"), join(folder, "link")];
  writeFileSync(script, "");
  symlinkSync(script, link);
  expect(daemonFolders("/etc/shotgunEventDaemon.conf", link)).toEqual([folder]);
  expect(daemonFolders(join(folder, "x.conf"), link)).toEqual([folder]);
  expect(daemonFolders("/etc/shotgunEventDaemon.conf", join(folder, "none"))).toEqual([]);
  const text = `${confText()}\n[callsheet]\npython.path: ["more"]\n`;
  const { input } = readConfSource(text, join(folder, "x.conf"), {});
  expect((input as { python: { path: string[] } }).python.path).toEqual([folder, "more"]);
});

test("paths start from the folder of the conf", () => {
  expect(stateFolderOf(FILE, "sg.id")).toBe("/etc/sg.id.callsheet");
  expect(load({ daemon: { eventIdFile: "sg.id", pidFile: "run/sg.pid" } })).toMatchObject({
    state: "/etc/sg.id.callsheet",
    pidFile: "/etc/run/sg.pid",
  });
});

const MAIL = {
  enabled: "True",
  server: "smtp.lan",
  from: "d@s.com",
  to: "a@s.com, b@s.com",
  subject: "[SG]",
};

describe("[emails]", () => {
  const mailOf = (more: Record<string, string>) => load({ emails: { ...MAIL, ...more } }).alerts.mail;

  test("are mail alerts", () => {
    expect(mailOf({})).toMatchObject({
      server: "smtp.lan",
      port: 25,
      tls: "auto",
      from: "d@s.com",
      to: ["a@s.com", "b@s.com"],
      subjectPrefix: "[SG]",
    });
    const login = { port: "587", username: "u", password: "50%" };
    expect(mailOf({ ...login, useTLS: "True" })).toMatchObject({
      ...login,
      port: 587,
      tls: "starttls",
      verifyCertificate: false,
    });
    expect(mailOf({ ...login })).toMatchObject({ tls: "none" });
    expect(mailOf({ useTLS: "True" })).toMatchObject({ tls: "auto" });
  });

  test("are none where the Python daemon sent none, and that is told", () => {
    for (const [more, why] of [
      [{ from: "" }, "from is empty"],
      [{ username: "u" }, "username has no password with it"],
    ] as const) {
      const config = load({ emails: { ...MAIL, ...more } });
      expect(config.alerts.mail).toBeUndefined();
      expect(config.remarks).toContainEqual({ key: "[emails]", says: `no mail is sent, as before: ${why}` });
    }
    expect(load({ emails: { ...MAIL, enabled: "no" } }).alerts.mail).toBeUndefined();
  });
});

describe("[callsheet]", () => {
  test("takes any key of the configuration", () => {
    const callsheet = {
      state: "/var/lib/callsheet",
      "python.interpreter": "/venv/bin/python",
      "python.path": '["/a", "b"]',
      memoryLimit: "2GB",
      useSessionUuid: "false",
      "log.format": "json",
    };
    expect(load({ callsheet })).toMatchObject({
      state: "/var/lib/callsheet",
      python: { interpreter: "/venv/bin/python", path: ["/a", "/etc/b"] },
      memoryLimit: 2e9,
      useSessionUuid: false,
      log: { level: "info", format: "json" },
    });
  });

  test("a key that is none is refused with its line", () => {
    expect(refusal({ callsheet: { "python.interpretter": "x" } }).message).toMatch(
      /shotgunEventDaemon\.conf:\d+: python\.interpretter is not a key of the configuration\. Did you mean python\.interpreter\?/,
    );
    expect(refusal({ callsheet: { "__proto__.x": "1" } }).message).toContain("is not a key");
  });

  test("any key and value is taken or refused with a sentence", () => {
    const keys = fc.oneof(
      fc.constantFrom(
        "state",
        "python.path",
        "log",
        "log.dir",
        "site.url.x",
        "plugins.0",
        "__proto__",
        ".",
        "alerts.mail",
      ),
      fc.stringMatching(/^[\w.]{1,12}$/),
    );
    fc.assert(
      fc.property(keys, fc.oneof(fc.json(), fc.stringMatching(/^[^%\n\r]{0,10}$/)), (key, value) => {
        try {
          load({ callsheet: { [key]: value } });
        } catch (error) {
          expect(error).toBeInstanceOf(CallsheetError);
        }
      }),
    );
  });
});

describe("refusals", () => {
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
    const many = refusal(Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`s${at}`, { "": "x" }])));
    expect(many.message.split("\n").slice(20)).toEqual([
      expect.stringContaining("no option"),
      "  and 10 more",
    ]);
    expect(refusal({ shotgun: { name: "a\0b" } }).message).toBe(
      `${FILE}: it is no text in UTF-8, but has zeros in it.`,
    );
    expect(refusal({ shotgun: { key: "%(NO_SUCH)s" } }).code).toBe("CONFIG_SECRET_MISSING");
  });

  test("what only the configuration as a whole knows to be wrong has file and line too", () => {
    expect(refusal({ shotgun: { server: "studio.shotgunstudio.com" } }).message).toContain(
      `${FILE}:12: server must be the address of your site, such as`,
    );
    expect(refusal({ daemon: { fetch_interval: "9999999" } }).message).toContain(
      `${FILE}:9: fetch_interval must be from "10ms" to 24 days`,
    );
  });
});

test("what is met in another way is told, and what nobody reads", () => {
  const { remarks } = load({
    daemon: { timing_log: "On", fetch_intervall: "1", max_event_batch_size: "900" },
    sentry: { dsn: "x", level: "y" },
  });
  expect(remarks.map(({ key }) => key)).toEqual([
    "pidFile",
    "eventIdFile",
    "timing_log",
    "conn_retry_sleep",
    "max_conn_retries",
    "max_event_batch_size",
    "[sentry]",
    "fetch_intervall",
  ]);
  expect(remarks.at(-1)?.says).toMatch(/no option of \[daemon\], .*:11\); was fetch_interval meant\?/);
});
