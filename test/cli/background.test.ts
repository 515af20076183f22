import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openSandbox } from "../../src/sandbox/open.ts";
import { confText } from "../old-daemon/confs.ts";
import { changeTask } from "./change-task.ts";
import { callsheet, folderWith, type Running } from "./process.ts";

// every one of them runs several programs after one another
vi.setConfig({ testTimeout: 300_000 });

/** A port that nobody listens on: the site is away. */
const NOBODY = "http://127.0.0.1:9";

const PATIENT = { timeout: 120_000 };

type Changes = Parameters<typeof confText>[0];

function studio(changes: Changes = {}, files: Record<string, string> = {}) {
  const conf = confText({
    ...changes,
    daemon: {
      pidFile: "sg.pid",
      eventIdFile: "sg.id",
      logFile: "sg",
      fetch_interval: "1",
      ...changes.daemon,
    },
    shotgun: { server: NOBODY, key: "%(TEST_SG_KEY)s", ...changes.shotgun },
    plugins: { paths: "plugins" },
  });
  const cwd = folderWith({ "plugins/.keep": "", "shotgunEventDaemon.conf": conf, ...files });
  const state = join(cwd, "sg.id.callsheet");
  onTestFinished(async () => {
    await callsheet(["stop", "--kill", "--state", state]).ended;
  });
  const env = { TEST_SG_KEY: "k3y" };
  return {
    cwd,
    state,
    pidFile: join(cwd, "sg.pid"),
    log: () => readFileSync(join(cwd, "sg"), "utf8"),
    run: (...args: string[]) => callsheet(args, { cwd, env }),
    withoutSecret: (...args: string[]) => callsheet(args, { cwd }),
  };
}

async function outcome(running: Running): Promise<{ status: number | null; said: string }> {
  const { status } = await running.ended;
  // told of on a busy machine only
  return { status, said: running.all.replace(/^process \d+ is (not up yet|finishing).*\n/gm, "") };
}

function pidIn(said: string): number {
  return Number(/process (\d+)/.exec(said)?.[1]);
}

test("start, status, start again, stop; in an outage too", async () => {
  const { run, log, pidFile, cwd, state } = studio();
  const started = await outcome(run("start"));
  expect(started).toEqual({
    status: 0,
    said: expect.stringMatching(/^started: process \d+; state in .*\n$/),
  });
  const pid = pidIn(started.said);
  expect(readFileSync(pidFile, "utf8")).toBe(`${pid}\n`);

  const again = await outcome(run("start"));
  expect(again).toEqual({
    status: 0,
    said: expect.stringMatching(`^already running: process ${pid}, since `),
  });
  const status = await outcome(run("status", "--json"));
  expect(status.status).toBe(0);
  expect(JSON.parse(status.said)).toMatchObject({ running: true, pid, state });

  expect(await outcome(run("stop"))).toEqual({
    status: 0,
    said: expect.stringMatching(`^stopped: process ${pid}, after `),
  });
  expect(existsSync(pidFile)).toBe(false);
  expect(log()).toMatch(/ - engine - INFO - ended\n$/);
  expect(readdirSync(cwd)).not.toContain("callsheet.log");

  expect(await outcome(run("stop"))).toEqual({ status: 0, said: expect.stringContaining("not running") });
  expect(await outcome(run("status"))).toEqual({
    status: 3,
    said: expect.stringContaining("ended in order"),
  });
});

test("restart starts what is not running, and replaces what is", async () => {
  const { run } = studio();
  const first = await outcome(run("restart"));
  expect(first).toMatchObject({
    status: 0,
    said: expect.stringMatching(/^not running .*\nstarted: process /),
  });
  const second = await outcome(run("restart"));
  expect(second.status).toBe(0);
  expect(second.said).toMatch(
    new RegExp(`^stopped: process ${pidIn(first.said.split("\n")[1]!)}, after .*\nstarted: process `),
  );
});

test("a daemon that was killed leaves nothing that keeps the next one out", async () => {
  const { run, pidFile } = studio();
  const pid = pidIn((await outcome(run("start"))).said);
  process.kill(pid, "SIGKILL");
  await expect.poll(async () => (await outcome(run("status"))).status, PATIENT).toBe(1);
  expect(readFileSync(pidFile, "utf8")).toBe(`${pid}\n`);
  const next = await outcome(run("start"));
  expect(next.status).toBe(0);
  expect(readFileSync(pidFile, "utf8")).toBe(`${pidIn(next.said)}\n`);
});

test("a pid file is never believed, and one that others wrote since is left alone", async () => {
  const { run, pidFile } = studio();
  writeFileSync(pidFile, `${process.pid}\n`);
  expect(await outcome(run("stop"))).toMatchObject({
    status: 0,
    said: expect.stringContaining("not running"),
  });
  expect((await outcome(run("start"))).status).toBe(0);
  writeFileSync(pidFile, "1\n");
  expect((await outcome(run("stop"))).status).toBe(0);
  expect(readFileSync(pidFile, "utf8")).toBe("1\n");
});

test("started twice at once there is one daemon, and both say which", async () => {
  const { run } = studio();
  const both = await Promise.all([outcome(run("start")), outcome(run("start"))]);
  expect(both.map(({ status }) => status)).toEqual([0, 0]);
  expect(pidIn(both[0].said.split("\n").at(-2)!)).toBe(pidIn(both[1].said.split("\n").at(-2)!));
});

test("what keeps it from starting is said as run says it, with its status", async () => {
  const { run, cwd, withoutSecret } = studio({ daemon: { logPath: "no-folder" } }, { "no-folder": "a file" });
  const started = await outcome(run("start"));
  expect(started.status).toBe(78);
  expect(started.said).toMatch(
    new RegExp(
      `^error: No log file can be written: ${join(cwd, "no-folder", "sg")}.*\n.*\ncode: CONFIG_INVALID\n$`,
    ),
  );
  expect(await outcome(withoutSecret("start"))).toMatchObject({
    status: 78,
    said: expect.stringContaining("where TEST_SG_KEY is not set"),
  });
});

test("a shell without the daemon's secrets can look at it and stop it", async () => {
  const { run, withoutSecret, state } = studio();
  await outcome(run("start"));
  expect((await outcome(withoutSecret("status"))).status).toBe(0);
  expect((await outcome(withoutSecret("stop"))).said).toMatch(/^stopped: /);
  expect((await outcome(callsheet(["status", "--state", state]))).status).toBe(3);
});

const HANGS = `
import type { Registrar } from "callsheet";
import { writeFileSync } from "node:fs";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("daemon", process.env.TEST_SG_KEY!, () => {
    writeFileSync(new URL("../begun", import.meta.url), "");
    return new Promise(() => setInterval(() => {}, 1000));
  });
}
`;

test("a plugin that does not end keeps stop waiting in bounds; a second stop does it no harm, --kill ends it", async () => {
  const site = await openSandbox({ studio: "small", scripts: [{ name: "daemon", key: "k3y" }] });
  onTestFinished(() => site.close());
  const { run, cwd, log } = studio(
    { shotgun: { server: site.url, name: "daemon" }, callsheet: { shutdownTimeout: "1h" } },
    { "plugins/hangs.ts": HANGS },
  );
  const pid = pidIn((await outcome(run("start"))).said);
  await expect.poll(log, PATIENT).toContain("first start");
  changeTask(site, "rev");
  await expect.poll(() => existsSync(join(cwd, "begun")), PATIENT).toBe(true);
  for (let round = 0; round < 2; round += 1) {
    expect(await outcome(run("stop", "--timeout", "0"))).toEqual({
      status: 1,
      said: expect.stringMatching(/is still there after \d+ s.*\n.*stop --kill.*\n.*STOP_TIMEOUT/),
    });
  }
  expect(await outcome(run("restart", "--timeout", "0"))).toMatchObject({ status: 1 });
  expect((await outcome(run("status"))).said).toContain(`process ${pid}`);
  expect(await outcome(run("stop", "--kill"))).toEqual({
    status: 0,
    said: expect.stringMatching(`^killed: process ${pid}, after `),
  });
});

test("asked to end while it starts, it ends in order, and start says so", async () => {
  const { run, state, log } = studio();
  const starting = run("start");
  const owner = join(state, "lock.owner");
  await expect.poll(() => existsSync(owner), PATIENT).toBe(true);
  process.kill((JSON.parse(readFileSync(owner, "utf8")) as { pid: number }).pid, "SIGTERM");
  const { status, said } = await outcome(starting);
  // it may have been up already
  if (status !== 0) expect(said).toContain("START_ENDED");
  await expect.poll(log, PATIENT).toMatch(/ - ended\n$/);
  expect((await outcome(run("status"))).status).toBe(3);
});
