import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { openSandbox } from "../../src/sandbox/open.ts";
import { confText } from "../old-daemon/confs.ts";
import { python, withoutPython } from "../plugins-python/python.ts";
import { changeTask } from "./change-task.ts";
import { callsheet, folderWith } from "./process.ts";

vi.setConfig({ testTimeout: 300_000 });

const RECORDER = `
import os

def registerCallbacks(reg):
    reg.registerCallback("daemon", "k3y", write_down)

def write_down(sg, logger, event, args):
    with open(os.path.join(os.path.dirname(__file__), "..", "seen"), "a") as seen:
        seen.write("%d\\n" % event["id"])
`;

async function studio(idFile: string | null) {
  const site = await openSandbox({ studio: "small", scripts: [{ name: "daemon", key: "k3y" }] });
  onTestFinished(() => site.close());
  const last = site.site.events.newestId;
  const conf = confText({
    daemon: { pidFile: "sg.pid", eventIdFile: "sg.id", logFile: "sg", fetch_interval: "1" },
    shotgun: { server: site.url, name: "daemon", key: "k3y" },
    plugins: { paths: "plugins" },
  });
  const cwd = folderWith({ "plugins/a.py": RECORDER, "shotgunEventDaemon.conf": conf });
  if (idFile !== null) writeFileSync(join(cwd, "sg.id"), idFile.replace("LAST", String(last)));
  return {
    site,
    cwd,
    last,
    seen: () => (existsSync(join(cwd, "seen")) ? readFileSync(join(cwd, "seen"), "utf8") : ""),
  };
}

test.skipIf(withoutPython)(
  "a first start without an import leaves no event out, and a second start repeats none",
  async () => {
    const { site, cwd, last, seen } = await studio("LAST\n");
    changeTask(site, "rev");
    changeTask(site, "ip");
    const first = callsheet(["run"], { cwd });
    await first.says(new RegExp(`INFO:plugin.a:a goes on after event ${last}\n`));
    await expect.poll(seen, { timeout: 120_000 }).toMatch(new RegExp(`^${last + 1}\n`));
    const { newestId } = site.site.events;
    await expect.poll(seen, { timeout: 120_000 }).toContain(`${newestId}\n`);
    first.kill("SIGTERM");
    expect(await first.ended).toEqual({ status: 0, signal: null });
    const had = seen();
    expect(had.trim().split("\n").map(Number)).toEqual(
      Array.from({ length: newestId - last }, (_, index) => last + 1 + index),
    );

    const second = callsheet(["run"], { cwd });
    await second.says(/continuing after event/);
    second.kill("SIGTERM");
    await second.ended;
    expect(second.stdout).not.toContain("first start");
    expect(seen()).toBe(had);
  },
);

test.skipIf(withoutPython)("a take-over that was killed on its way is done again", async () => {
  const { site, cwd, last, seen } = await studio("LAST\n");
  changeTask(site, "rev");
  // as a kill leaves it between the making of the state and the writing of its places
  await (await openSqliteJournal({ folder: join(cwd, "sg.id.callsheet") })).close();
  const daemon = callsheet(["run"], { cwd });
  await daemon.says(new RegExp(`INFO:plugin.a:a goes on after event ${last}\n`));
  await expect.poll(seen, { timeout: 120_000 }).toMatch(new RegExp(`^${last + 1}\n`));
});

describe.skipIf(withoutPython)("after the Python daemon was back for a while", () => {
  const before = async () => {
    const old = await studio("LAST\n");
    const first = callsheet(["run"], { cwd: old.cwd });
    await first.says(/goes on after event/);
    await first.says(/continuing after event/);
    first.kill("SIGTERM");
    await first.ended;
    changeTask(old.site, "rev");
    changeTask(old.site, "ip");
    return { ...old, had: old.seen(), idFile: join(old.cwd, "sg.id") };
  };

  test("a start without an import does not do again what it did", async () => {
    const { site, cwd, seen, had, idFile } = await before();
    const between = site.site.events.newestId;
    writeFileSync(idFile, `${between}\n`);
    const second = callsheet(["run"], { cwd });
    await second.says(/the Python daemon has run since/);
    await second.says(new RegExp(`INFO:plugin.a:a goes on after event ${between}\n`));
    await second.says(/continuing after event/);
    changeTask(site, "fin");
    const { newestId } = site.site.events;
    await expect.poll(seen, { timeout: 120_000 }).toContain(`${newestId}\n`);
    expect(seen()).toBe(`${had}${from(between + 1, newestId)}`);
  });

  test("a state file that is no use keeps nothing from starting", async () => {
    const { site, cwd, seen, had, last, idFile } = await before();
    writeFileSync(idFile, "");
    const second = callsheet(["run"], { cwd });
    await second.says(/WARNING:engine:.*is empty.*goes on where Callsheet has brought it. \[OLD_STATE\]/);
    const { newestId } = site.site.events;
    await expect.poll(seen, { timeout: 120_000 }).toContain(`${newestId}\n`);
    expect(had + seen().slice(had.length)).toBe(from(last + 1, newestId));
  });

  test("beside it nothing starts, and its number alone is no reason", async () => {
    const { cwd } = await before();
    const script = join(cwd, "shotgunEventDaemon.py");
    writeFileSync(script, "import sys; sys.stdin.read()\n");
    const run = (args: string[]) => {
      const child = spawn(python!, args, { stdio: ["pipe", "ignore", "inherit"] });
      onTestFinished(() => void child.kill());
      writeFileSync(join(cwd, "sg.pid"), `${child.pid}\n`);
    };
    run([script, "start"]);
    const refused = callsheet(["run"], { cwd });
    expect((await refused.ended).status).toBe(1);
    expect(refused.stdout).toContain("[OLD_DAEMON_RUNS]");
    run(["-c", "import sys; sys.stdin.read()"]);
    await callsheet(["run"], { cwd }).says(/continuing after event/);
  });
});

function from(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}\n`).join("");
}

test.each(["no number and no pickle\n", ""])(
  "a state file of %j keeps it from starting, and the way out is named",
  async (text) => {
    const { cwd } = await studio(text);
    const running = callsheet(["run"], { cwd });
    expect((await running.ended).status).toBe(1);
    expect(running.stdout).toContain("[OLD_STATE]");
    expect(running.stdout).toContain("--start");
  },
);

test("without one it begins with the newest event", async () => {
  const { cwd, last } = await studio(null);
  const running = callsheet(["run"], { cwd });
  await running.says(new RegExp(`first start: beginning after event ${last} `));
});
