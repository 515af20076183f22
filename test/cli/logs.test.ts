/** `callsheet logs`: on a daemon that runs and on one that is stopped, with its own files and with those of the Python daemon's way. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { confText } from "../old-daemon/confs.ts";
import { withoutPython } from "../plugins-python/python.ts";
import { callsheet, folderWith, ROOT } from "./process.ts";
import { said } from "./said.ts";
import { onTerminal } from "./terminal.ts";

vi.setConfig({ testTimeout: 300_000 });

const TALKER = `export function registerCallbacks(reg) {
  reg.logger.info("hello from %s", "talker");
  reg.logger.warn("and a warning\\nin two lines");
  reg.registerCallback("s", "k", () => {});
}`;
/** The site is away: plugins load all the same. */
const NOBODY = "http://127.0.0.1:9";

async function started(files: Record<string, string>) {
  const cwd = folderWith({ "plugins/talker.js": TALKER, ...files });
  const run = (...args: string[]) => callsheet(args, { cwd });
  onTestFinished(async () => {
    await run("stop", "--kill").ended;
  });
  const begun = run("start");
  expect((await begun.ended).status, begun.all).toBe(0);
  const config = join(cwd, Object.keys(files)[0]!);
  const logs = (...args: string[]) => said("logs", "--config", config, ...args);
  await expect.poll(async () => (await logs("talker")).stdout, { timeout: 60_000 }).toContain("in two lines");
  return { cwd, run, logs };
}

const CONFIG = JSON.stringify({
  site: { url: NOBODY, scriptName: "s", scriptKey: "a-key-of-the-test" },
  server: { port: 0 },
});

test("a daemon's lines, one plugin's, only the bad ones, as JSON; while it runs and afterwards", async () => {
  const { cwd, run, logs } = await started({ "callsheet.config.json": CONFIG });
  const all = await logs();
  expect(all.stdout).toContain("the site cannot be asked");
  expect(all.stdout).toMatch(/^\d{4}-\d\d-\d\d [\d:.]+ INFO +plugin\.talker +hello from talker$/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them is what is asked
  expect(all.stdout).not.toMatch(/\x1b/);
  expect((await logs("talker", "--level", "warn")).stdout).toMatch(
    /^\S+ \S+ WARN +plugin\.talker +and a warning\n +in two lines\n$/,
  );
  const [line] = (await logs("talker", "-n", "1", "--level", "warn", "--json")).stdout.trim().split("\n");
  expect(JSON.parse(line!)).toMatchObject({ level: "warn", message: "and a warning\nin two lines" });
  expect((await logs("talker", "--since", "2h", "-n", "2")).stdout).toMatch(/^\S+ \S+ WARN .*and a warning/);

  const following = run("logs", "-f", "-n", "1");
  await following.says(/./);
  await run("stop").ended;
  await following.says(/ ended$/m);
  following.kill("SIGINT");
  expect(await following.ended).toEqual({ status: 0, signal: null });

  expect((await logs("-n", "1")).stdout).toMatch(/ INFO +callsheet +ended\n$/);
  expect((await said("logs", "--state", join(cwd, "state"), "-n", "1")).stdout).toMatch(/ ended\n$/);
  expect(await logs("talkr")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("There are: talker."),
  });
  expect(await logs("talker", "--level", "critical")).toMatchObject({ status: 0, stdout: "" });
});

test("with a conf: the engine's file, and the plugin's own, with what the Python daemon wrote before", async () => {
  const conf = confText({
    daemon: { pidFile: "sg.pid", eventIdFile: "sg.id", logFile: "sg", logMode: "1", logPath: "." },
    shotgun: { server: NOBODY },
    plugins: { paths: "plugins" },
  });
  const { cwd, logs } = await started({ "shotgunEventDaemon.conf": conf });
  expect(readdirSync(cwd)).toContain("plugin.talker");
  const old =
    "2020-01-02 03:04:05,678 - plugin.talker - ERROR - from before\n\nTraceback (most recent call last):\n  boom\n";
  writeFileSync(join(cwd, "plugin.talker.2020-01-02"), old);
  const { stdout } = await logs("talker");
  expect(stdout).toMatch(
    /^2020-01-02 03:04:05\.678 ERROR +plugin\.talker +from before\n\s*\n +Traceback.*\n +boom\n/,
  );
  expect(stdout).toMatch(/ WARN +plugin\.talker +and a warning\n +in two lines\n/);
  const main = await logs();
  expect(main.stdout).toMatch(/ engine +.*the site cannot be asked/);
  expect(main.stdout).not.toContain("hello from talker");
});

test("no log yet, and a daemon that writes none, are told as such", async () => {
  const cwd = folderWith({ "callsheet.config.json": CONFIG, "plugins/talker.js": TALKER });
  const said = async (...args: string[]) => {
    const running = callsheet(["logs", ...args], { cwd });
    return { ...(await running.ended), stderr: running.stderr };
  };
  expect(await said()).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("There is no log file in"),
  });
  const waiting = callsheet(["logs", "-f"], { cwd });
  await waiting.says(/Waiting for one/);
  waiting.kill("SIGTERM");
  expect((await waiting.ended).status).toBe(0);
  const daemon = callsheet(["run"], { cwd });
  await expect.poll(() => existsSync(join(cwd, "state/log.json")), { timeout: 60_000 }).toBe(true);
  expect(await said()).toMatchObject({ status: 1, stderr: expect.stringContaining("journalctl") });
  daemon.kill("SIGTERM");
  await daemon.ended;
});

/** A stopped daemon's log. */
function manyLines(count: number): string {
  const line = (number: number) =>
    `${JSON.stringify({ level: "warn", time: "2026-11-23T12:00:00.000Z", logger: "reader", message: `line ${number}` })}\n`;
  const lines = Array.from({ length: count }, (_, number) => line(number)).join("");
  return folderWith({ "state/log/callsheet.2026-11-23.1.log": lines });
}

const MAIN = join(ROOT, "src/cli/main.ts");

test("a reader that goes away is no trouble", () => {
  const command = `set -o pipefail; "${process.execPath}" "${MAIN}" logs -s state -n 50000 | head -1`;
  const cut = spawnSync("bash", ["-c", command], { cwd: manyLines(50_000), encoding: "utf8" });
  expect(cut).toMatchObject({ status: 0, stderr: "", stdout: expect.stringMatching(/ line 0\n$/) });
});

test.skipIf(withoutPython)("colours on a terminal", async () => {
  const shown = onTerminal([process.execPath, MAIN, "logs", "-s", "state"], { cwd: manyLines(1) });
  expect((await shown.ended).status).toBe(0);
  expect(shown.stdout).toContain("\x1b[33mWARN");
});
