import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { changeTask } from "./change-task.ts";
import { callsheet, folderWith } from "./process.ts";

async function sandbox(): Promise<Sandbox> {
  const site = await openSandbox({ studio: "small" });
  onTestFinished(() => site.close());
  return site;
}

const PLUGIN = `
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback({
    scriptName: process.env.SCRIPT_NAME!,
    scriptKey: process.env.SCRIPT_KEY!,
    matchEvents: { Shotgun_Task_Change: ["sg_status_list"] },
    callback: (_sg, logger, event) => {
      logger.info("seen %s", event.meta?.new_value);
      BODY
    },
  });
}
`;

function studio({ url, scriptName, scriptKey }: Sandbox, body = "", options: object = {}) {
  const config = `import { defineConfig } from "callsheet";
export default defineConfig({
  site: { url: "${url}", scriptName: "${scriptName}", scriptKey: { env: "SCRIPT_KEY" } },
  fetchInterval: "50ms",
  log: { dir: "logs", files: "plugin" },
  ...${JSON.stringify(options)},
});`;
  const cwd = folderWith({ "callsheet.config.ts": config, "plugins/watch.ts": PLUGIN.replace("BODY", body) });
  return { cwd, env: { SCRIPT_NAME: scriptName, SCRIPT_KEY: scriptKey } };
}

test("runs in the foreground, logs JSON on a pipe and to files, ends with 0 on SIGTERM, and goes on where it was", async () => {
  const site = await sandbox();
  const { cwd, env } = studio(site);
  const first = callsheet(["run"], { cwd, env });
  await first.says(/"message":"loaded watch/);
  await first.says(/first start/);
  changeTask(site, "rev");
  await first.says(/"message":"seen rev"/);
  first.kill("SIGTERM");
  expect(await first.ended).toEqual({ status: 0, signal: null });
  expect(first.stderr).toBe("");
  const records = first.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records.at(-1)).toMatchObject({ level: "info", message: "ended" });

  changeTask(site, "ip");
  const second = callsheet(["run"], { cwd, env });
  await second.says(/"message":"seen ip"/);
  expect(second.stdout).not.toContain("seen rev");
  second.kill("SIGINT");
  expect(await second.ended).toEqual({ status: 0, signal: null });

  const files = readdirSync(join(cwd, "logs")).map((name) => name.split(".20")[0]);
  expect(files.sort()).toEqual(["callsheet", "plugin.watch"]);
  const everything = readdirSync(join(cwd, "logs"))
    .map((name) => readFileSync(join(cwd, "logs", name), "utf8"))
    .join("");
  expect(everything + first.all + second.all).not.toContain(site.scriptKey);
});

test.each([
  ["SIGINT", "for (;;);"],
  ["SIGTERM", "for (;;);"],
  // its thread waits in the operating system, where nothing can interrupt it
  ["SIGTERM", 'process.getBuiltinModule("child_process").execFileSync("sleep", ["30"]);'],
] as const)("a second %s ends it at once, in the middle of %s", async (signal, statement) => {
  const site = await sandbox();
  const { cwd, env } = studio(site, statement);
  const running = callsheet(["run"], { cwd, env });
  await running.says(/first start/);
  await running.says(/loaded watch/);
  changeTask(site, "rev");
  await running.says(/seen rev/);
  running.kill(signal);
  await running.says(/once more to end at once/);
  // one that comes right after the first counts as the same
  const again = setInterval(() => running.kill(signal), 100);
  onTestFinished(() => clearInterval(again));
  // to a shell that is status 130 or 143
  expect(await running.ended).toEqual({ status: null, signal });
});

test("a plugin stuck in the operating system does not keep a stopped daemon alive", async () => {
  const site = await sandbox();
  const { cwd, env } = studio(
    site,
    'process.getBuiltinModule("child_process").execFileSync("sleep", ["30"]);',
    { shutdownTimeout: "200ms" },
  );
  const running = callsheet(["run"], { cwd, env });
  await running.says(/first start/);
  await running.says(/loaded watch/);
  changeTask(site, "rev");
  await running.says(/seen rev/);
  running.kill("SIGTERM");
  expect(await running.ended).toEqual({ status: 0, signal: null });
});

test("a second daemon on the same state is refused with 1, naming the first", async () => {
  const site = await sandbox();
  const { cwd, env } = studio(site);
  const first = callsheet(["run"], { cwd, env });
  await first.says(/first start/);
  const second = callsheet(["run"], { cwd, env });
  expect((await second.ended).status).toBe(1);
  expect(second.stdout).toContain("STATE_LOCKED");
  expect(second.stderr).toBe("");
  first.kill("SIGTERM");
  expect((await first.ended).status).toBe(0);
});

test("a site that is away does not keep it from starting, or from ending", async () => {
  const nobody = createServer();
  await new Promise<void>((resolve) => nobody.listen(0, "127.0.0.1", resolve));
  const { port } = nobody.address() as AddressInfo;
  await new Promise((resolve) => nobody.close(resolve));
  const cwd = folderWith({
    "callsheet.config.json": JSON.stringify({
      site: { url: `http://127.0.0.1:${port}`, scriptName: "s", scriptKey: "k" },
    }),
    "plugins/empty.js": "export function registerCallbacks() {}",
  });
  const running = callsheet(["run"], { cwd });
  await running.says(/SITE_UNREACHABLE/);
  running.kill("SIGTERM");
  expect(await running.ended).toEqual({ status: 0, signal: null });
});

test("something left open does not keep a finished process alive", async () => {
  const stuck = callsheet(["7"], { program: [join(import.meta.dirname, "stuck.ts")] });
  expect(await stuck.ended).toEqual({ status: 7, signal: null });
  expect(stuck.stderr).toContain("the process did not end by itself");
});

test("a configuration that fails and leaves something open does not keep the process alive", async () => {
  const cwd = folderWith({
    "callsheet.config.js": "setInterval(() => {}, 1000); throw new Error('not today');",
  });
  const running = callsheet(["run"], { cwd });
  expect(await running.ended).toEqual({ status: 78, signal: null });
  expect(running.stderr).toContain("not today");
});

test("a configuration that waits for ever is a failure, not a silent success", async () => {
  const cwd = folderWith({ "callsheet.config.mjs": "await new Promise(() => {}); export default {};" });
  const running = callsheet(["run"], { cwd });
  expect(await running.ended).toEqual({ status: 1, signal: null });
  expect(running.stderr).toContain("ended before it was done");
});

test("an address of a cluster's database that cannot be used ends with 78, which no service manager tries again, and status tells why", async () => {
  const cwd = folderWith({
    "callsheet.config.json": JSON.stringify({
      site: { url: "http://127.0.0.1:1", scriptName: "s", scriptKey: "k" },
      cluster: { url: "mysql://callsheet@127.0.0.1/callsheet" },
    }),
    "plugins/empty.js": "export function registerCallbacks() {}",
  });
  const running = callsheet(["run"], { cwd });
  expect(await running.ended).toEqual({ status: 78, signal: null });
  expect(running.stdout).toContain("CONFIG_INVALID");
  const asked = callsheet(["status"], { cwd });
  expect(await asked.ended).toEqual({ status: 3, signal: null });
  expect(asked.stdout).toMatch(
    /not running: process \d+ failed at .*\n +why +CONFIG_INVALID: cluster\.url does not begin/,
  );
});
