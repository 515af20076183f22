import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { callsheet, folderWith } from "./process.ts";

async function sandbox(): Promise<Sandbox> {
  const site = await openSandbox({ studio: "small" });
  onTestFinished(() => site.close());
  return site;
}

const good = (scriptName: string, scriptKey: string) => `export function registerCallbacks(reg) {
  reg.registerCallback({ scriptName: "${scriptName}", scriptKey: "${scriptKey}", callback: function onTask() {}, matchEvents: { Shotgun_Task_Change: ["sg_status_list"] } });
}`;
const GOOD = good("s", "k");

function folder(site: Partial<Sandbox>, files: Record<string, string>): string {
  const { url, scriptName, scriptKey } = site;
  const config = { site: { url, scriptName, scriptKey, timeout: "5s" }, state: "state" };
  return folderWith({ "callsheet.config.json": JSON.stringify(config), ...files });
}

async function check(cwd: string, ...args: string[]) {
  const running = callsheet(["check", ...args], { cwd });
  const { status } = await running.ended;
  return { status, stdout: running.stdout, stderr: running.stderr };
}

async function findings(cwd: string) {
  const { status, stdout, stderr } = await check(cwd, "--json");
  expect(stderr).toBe("");
  const list = JSON.parse(stdout) as { status: string; what: string; detail: string; cure: string | null }[];
  return { status, of: (what: string) => list.find((finding) => finding.what === what), list };
}

test("all is fine: a table, status 0, and nothing was made or changed", async () => {
  const site = await sandbox();
  const cwd = folder(site, { "plugins/good.js": good(site.scriptName, site.scriptKey) });
  const before = site.requests.count();
  const { status, stdout, stderr } = await check(cwd);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  // columns are as wide as what stands in them
  const lines = stdout.split("\n").map((line) => line.replace(/ {2,}/g, "  "));
  expect(lines[0]).toBe(`ok  configuration  ${join(cwd, "callsheet.config.json")}`);
  expect(lines).toContainEqual(
    expect.stringMatching(/^ok {2}site {2}http:\/\/127\.0\.0\.1:\d+, version \d+/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^ok {2}credentials {2}script callsheet reads the event log; newest event \d+$/),
  );
  expect(lines).toContain("ok  plugin good  onTask: Shotgun_Task_Change (sg_status_list)");
  expect(stdout).toContain("All is fine.");
  expect(stdout).not.toContain(site.scriptKey);
  expect(existsSync(join(cwd, "state"))).toBe(false);
  expect(site.requests.count()).toBeGreaterThan(before);
});

test("what is not fine: each with its cure, and status 1", async () => {
  const site = await sandbox();
  const cwd = folder(site, {
    "plugins/good.js": GOOD,
    "plugins/enum.ts": "enum A { x }\nexport function registerCallbacks() {}\n",
    "plugins/throws.js": "export function registerCallbacks() {\n  throw new Error('not today');\n}\n",
    "plugins/helper.js": "export const x = 1;\n",
    "plugins/idle.js": "export function registerCallbacks() {}\n",
    "plugins/old.py": "def registerCallbacks(reg): pass\n",
    state: "a file in its place",
  });
  const { status, of } = await findings(cwd);
  expect(status).toBe(1);
  expect(of("plugin good")?.status).toBe("ok");
  expect(of("plugin enum")).toMatchObject({
    status: "fail",
    detail: expect.stringContaining("enum.ts:1"),
    cure: expect.any(String),
  });
  expect(of("plugin throws")).toMatchObject({ status: "fail", detail: expect.stringContaining("not today") });
  expect(of("plugin helper")?.status).toBe("warn");
  expect(of("plugin idle")?.status).toBe("warn");
  expect(of("plugin old")?.status).toBe("warn");
  expect(of("state")).toMatchObject({ status: "fail", detail: expect.stringContaining("not a folder") });
});

test("a wrong key, and a site that is away", async () => {
  const site = await sandbox();
  const wrongKey = await findings(
    folder({ url: site.url, scriptName: site.scriptName, scriptKey: "hunter2" }, {}),
  );
  expect(wrongKey.status).toBe(1);
  expect(wrongKey.of("site")?.status).toBe("ok");
  expect(wrongKey.of("credentials")).toMatchObject({ status: "fail", cure: expect.any(String) });
  expect(wrongKey.of("plugin folder")).toMatchObject({
    status: "fail",
    detail: expect.stringContaining("plugins"),
  });
  expect(JSON.stringify(wrongKey.list)).not.toContain("hunter2");

  await site.close();
  const away = await findings(folder(site, { "plugins/good.js": GOOD }));
  expect(away.status).toBe(1);
  expect(away.of("site")).toMatchObject({ status: "fail", cure: expect.any(String) });
  expect(away.of("plugin good")?.status).toBe("ok");
});

test("the state of a daemon that runs is in use, which is no failure", async () => {
  const site = await sandbox();
  const cwd = folder(site, { "plugins/good.js": good(site.scriptName, site.scriptKey) });
  const daemon = callsheet(["run"], { cwd });
  await daemon.says(/first start/);
  const { status, of } = await findings(cwd);
  expect(of("state")).toMatchObject({ status: "warn", detail: expect.stringMatching(/\d+/) });
  expect(status).toBe(0);
  daemon.kill("SIGTERM");
  expect((await daemon.ended).status).toBe(0);
  expect((await findings(cwd)).of("state")).toMatchObject({
    status: "ok",
    detail: expect.stringContaining("events so far"),
  });
});
