/** The service: the unit, and what systemd hears of a daemon. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Tended, tend, tendStart } from "../../src/cli/service/tend.ts";
import { type UnitOptions, unitText } from "../../src/cli/service/unit.ts";
import type { DaemonStatus } from "../../src/daemon/status.ts";
import { TestLog } from "../daemon/rig.ts";
import { isThere, listen, withoutNotify } from "./notify.ts";
import { callsheet, folderWith } from "./process.ts";
import { said } from "./said.ts";

vi.setConfig({ testTimeout: 300_000 });

const PATIENT = { timeout: 120_000 };

const withoutAnalyze = !isThere("systemd-analyze");

test.skipIf(withoutNotify)("systemd hears that it is ready, alive, reloading and stopping", async () => {
  const cwd = folderWith({
    "plugins/one.js": "export function registerCallbacks(reg) { reg.registerCallback('s', 'k', () => {}); }",
    "callsheet.config.json": JSON.stringify({
      site: { url: "http://127.0.0.1:9", scriptName: "s", scriptKey: "a-key-of-the-test" },
      server: { enabled: false },
    }),
  });
  const { socket, messages } = await listen(cwd);
  const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "1500000" };
  const daemon = callsheet(["run"], { cwd, env });
  const count = (text: string) => messages().filter((message) => message === text).length;
  await daemon.says(/loaded one/);
  await expect.poll(() => count("READY=1"), PATIENT).toBe(1);
  await expect.poll(() => count("WATCHDOG=1"), PATIENT).toBeGreaterThan(1);
  daemon.kill("SIGHUP");
  await expect.poll(() => count("READY=1"), PATIENT).toBe(2);
  const all = messages();
  expect(all.indexOf("READY=1")).toBeLessThan(all.indexOf("RELOADING=1"));
  expect(all.find((message) => message.startsWith("MONOTONIC_USEC="))).toMatch(/=\d{6,}$/);
  expect(all.find((message) => message.startsWith("STATUS="))).toMatch(
    /^STATUS=events do not flow: .*; \d plugin/,
  );
  daemon.kill("SIGTERM");
  expect((await daemon.ended).status, daemon.all).toBe(0);
  const end = messages();
  expect(end.slice(end.indexOf("STOPPING=1"))).toEqual(
    expect.arrayContaining([
      "STOPPING=1",
      expect.stringMatching(/^EXTEND_TIMEOUT_USEC=40000000$/),
      "STATUS=ended",
    ]),
  );
  expect(daemon.all).toContain("SIGHUP: every plugin is loaded again");
});

/** A daemon of which only its status is asked. */
function tended(status: () => DaemonStatus, log: TestLog): { told: string[]; tended: Tended } {
  const told: string[] = [];
  const manager = { watchdogMs: 3, tell: async (...assignments: string[]) => void told.push(...assignments) };
  const config = { shutdownTimeout: 10, fetchInterval: 0, site: { timeout: -6 * 60_000 + 20 } };
  const parts = { manager, daemon: { status }, config, log };
  return { told, tended: tend(parts) };
}

test("a start that waits longer than was said says so again, and else is quiet", () => {
  const told: string[] = [];
  const waits = tendStart({
    watchdogMs: null,
    tell: async (...all) => void told.push(...all.filter((one) => !one.startsWith("STATUS="))),
  });
  for (const mostMs of [600_000, 600_000, 599_800]) waits(mostMs);
  expect(told).toEqual(["EXTEND_TIMEOUT_USEC=900000000"]);
  // half of what comes after would be used up
  waits(760_000);
  expect(told.slice(1)).toEqual(["EXTEND_TIMEOUT_USEC=1060000000"]);
});

test("a daemon whose reader is stuck gives no more signs of life, and says why; one that goes on does", async () => {
  const log = new TestLog();
  let answers = 0;
  const status = (own: object): DaemonStatus =>
    ({
      site: { state: "connected", lastAnswerAt: null, answers, failedQuestions: 0 },
      reader: { diskFull: false, gaps: [] },
      journal: { bytes: 0, maxBytes: 1 },
      plugins: [],
      folderProblems: [],
      alerts: [],
      ...own,
    }) as unknown as DaemonStatus;
  const alive = tended(
    () => status({ site: { state: "connected", answers: answers++, failedQuestions: 0 } }),
    log,
  );
  const signs = (told: string[]) => told.filter((message) => message === "WATCHDOG=1").length;
  await expect.poll(() => signs(alive.told), PATIENT).toBeGreaterThan(30);
  await alive.tended.close();
  expect(log.lines).toEqual([]);
  const stuck = tended(() => status({ site: { state: "connected", answers: 1, failedQuestions: 0 } }), log);
  await log.line("the reader has had neither an answer nor a failure");
  const before = signs(stuck.told);
  const later = tended(
    () => status({ site: { state: "connected", answers: answers++, failedQuestions: 0 } }),
    log,
  );
  await expect.poll(() => signs(later.told), PATIENT).toBeGreaterThan(10);
  expect(signs(stuck.told)).toBe(before);
  await stuck.tended.close();
  await later.tended.close();
});

test.each([
  ["another host reads", { reader: "bob", awaySince: null, readOnlySince: null }],
  ["its database is away", { reader: "ada", awaySince: "2026-11-27T22:02:20Z", readOnlySince: null }],
  ["its database takes nothing", { reader: "ada", awaySince: null, readOnlySince: "2026-11-27T22:02:20Z" }],
])("a daemon of a cluster that does not ask the site gives signs of life: %s", async (_, cluster) => {
  const log = new TestLog();
  const site = { state: "connected", lastAnswerAt: null, answers: 1, failedQuestions: 0 };
  const rest = { reader: { diskFull: false, gaps: [] }, journal: { bytes: 0, maxBytes: 1 } };
  const lists = { plugins: [], folderProblems: [], alerts: [] };
  const whole = { site, ...rest, ...lists, cluster: { host: "ada", plugins: [], hosts: [], ...cluster } };
  const { told, tended: ended } = tended(() => whole as unknown as DaemonStatus, log);
  await expect.poll(() => told.filter((one) => one === "WATCHDOG=1").length, PATIENT).toBeGreaterThan(30);
  await ended.close();
  expect(log.lines).toEqual([]);
});

const UNIT: UnitOptions = {
  scope: "system",
  description: "Callsheet of 100% studio",
  program: ["/usr/bin/true", "/opt/my tools/callsheet.js"],
  configFile: "/srv/fpt/callsheet.config.ts",
  folder: "/srv/fpt",
  state: "/var/lib/fpt/state",
  logDir: "/srv/fpt/logs",
  user: "fptdaemon",
  shutdownTimeoutMs: 10_000,
  finalStatuses: [2, 78],
};

test("a unit names state and log folders as systemd wants them, and quotes what it must", () => {
  const lines = unitText(UNIT).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "Description=Callsheet of 100%% studio",
      'ExecStart=/usr/bin/true "/opt/my tools/callsheet.js" run --config /srv/fpt/callsheet.config.ts',
      "StateDirectory=fpt/state",
      "ReadWritePaths=-/srv/fpt/logs",
      "User=fptdaemon",
      "TimeoutStopSec=40",
      "RestartPreventExitStatus=2 78",
      "WantedBy=multi-user.target",
    ]),
  );
  const own = unitText({ ...UNIT, scope: "user", user: null });
  expect(own).toContain("WantedBy=default.target");
  expect(own).not.toMatch(/^(User|StateDirectory|ReadWritePaths|ProtectSystem)=/m);
});

test.skipIf(withoutAnalyze).each(["system", "user"] as const)(
  "systemd-analyze takes the %s unit",
  (scope) => {
    const folder = folderWith();
    const file = join(folder, "callsheet.service");
    writeFileSync(file, unitText({ ...UNIT, scope, user: scope === "user" ? null : "root", folder }));
    const checked = spawnSync("systemd-analyze", ["verify", `--${scope}`, "--man=no", file], {
      encoding: "utf8",
      env: { ...process.env, XDG_RUNTIME_DIR: folder },
    });
    const about = checked.stderr.split("\n").filter((line) => line.includes("callsheet"));
    expect(about).toEqual([]);
    expect(checked.status, checked.stderr).toBe(0);
  },
);

test.skipIf(process.platform !== "linux")(
  "install writes a user's unit and says what comes next; uninstall removes it alone",
  async () => {
    const home = folderWith({
      "callsheet.config.json": JSON.stringify({
        site: { url: "http://127.0.0.1:9", scriptName: "s", scriptKey: "s3cr3t-k3y" },
      }),
    });
    vi.stubEnv("XDG_CONFIG_HOME", home);
    onTestFinished(() => void vi.unstubAllEnvs());
    const config = ["--config", join(home, "callsheet.config.json")];
    const file = join(home, "systemd/user/callsheet.service");
    const printed = await said("service", "install", "--user", "--print", ...config);
    expect(existsSync(file)).toBe(false);
    const installed = await said("service", "install", "--user", ...config);
    expect(installed).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("systemctl --user enable --now callsheet"),
    });
    expect(readFileSync(file, "utf8")).toBe(printed.stdout);
    expect(printed.stdout).not.toContain("s3cr3t-k3y");
    expect((await said("service", "install", "--user", ...config)).status).toBe(0);
    expect((await said("service", "uninstall", "--user")).stdout).toContain(`Removed ${file}`);
    expect((await said("service", "uninstall", "--user")).stdout).toBe(`There is no ${file}.\n`);
    writeFileSync(file, "[Unit]\n");
    for (const action of ["install", "uninstall"]) {
      const refused = await said("service", action, "--user", ...(action === "install" ? config : []));
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("SERVICE_FILE") });
    }
    expect(readFileSync(file, "utf8")).toBe("[Unit]\n");
    expect(await said("service", "install", ...config)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--user or --system"),
    });
  },
);
