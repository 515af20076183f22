/** The demo of a cluster, as it goes where nobody presses a key, and on a terminal. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { onTerminal } from "../cli/terminal.ts";
import { until } from "../daemon/rig.ts";
import { withoutPostgres } from "../journal/postgres/use-server.ts";
import { python } from "../plugins-python/python.ts";

const DEMO = fileURLToPath(new URL("../../scripts/demo-cluster/run.ts", import.meta.url));

test.skipIf(withoutPostgres)(
  "the demo kills a daemon, shows who takes its plugins over, and loses nothing",
  { timeout: 200_000 },
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [DEMO], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(status, stdout + stderr).toBe(0);
    const victim = /(\w+) is killed with -9; it had [1-8] plugins/.exec(stdout)?.[1];
    expect(victim).toBeDefined();
    expect(stdout).toMatch(new RegExp(`(${victim}|nobody) → (?!${victim}|nobody)\\w+: \\w+`));
    expect(stdout).toMatch(new RegExp(`all that ${victim} had runs elsewhere, \\d+\\.\\d s after`));
    expect(stdout).toMatch(
      /Ended: \d+ events for \d plugins, 0 lost, 0 out of order, \d+ came again \(0 of them unmarked\)\.\n$/,
    );
  },
);

test.skipIf(withoutPostgres || !python || process.platform === "win32")(
  "a terminal that is closed in the middle of it leaves nothing behind",
  { timeout: 200_000 },
  async () => {
    const folder = temporary();
    const demo = onTerminal([process.execPath, DEMO], { cwd: folder, env: { TMPDIR: folder } });
    await demo.says(/ada.*running/);
    expect(readdirSync(folder)).not.toEqual([]);
    demo.kill("SIGKILL");
    await untilNothingIsLeft(folder);
  },
);

const STACK = /^\s+at .+:\d+:\d+\)?$/m;

test.skipIf(withoutPostgres || !python || process.platform === "win32").each([
  ["at the start", /Starting PostgreSQL/, /Ended before it had begun|Ended: 0 events/],
  ["when PostgreSQL is there", /a real PostgreSQL/, /Ended: \d+ events/],
  ["in the middle of it", /ada.*running/, /Ended: \d+ events/],
])("Ctrl-C %s ends it, with nothing left behind", { timeout: 200_000 }, async (_, moment, words) => {
  const folder = temporary();
  const demo = onTerminal([process.execPath, DEMO], { cwd: folder, env: { TMPDIR: folder } });
  await demo.says(moment);
  demo.type("\x03");
  expect(await demo.ended, demo.all).toEqual({ status: 0, signal: null });
  expect(demo.all).toMatch(words);
  expect(demo.all).not.toMatch(STACK);
  expect(demo.all).not.toMatch(/is killed with|ended by itself/);
  await untilNothingIsLeft(folder);
});

test
  .skipIf(withoutPostgres || !python || process.platform === "win32")
  .each([/Starting PostgreSQL/, /ada.*running/])(
  "Ctrl-C again and again since %s leaves nothing behind either",
  { timeout: 200_000 },
  async (moment) => {
    const folder = temporary();
    const demo = onTerminal([process.execPath, DEMO], { cwd: folder, env: { TMPDIR: folder } });
    await demo.says(moment);
    const again = setInterval(() => demo.type("\x03"), 50);
    onTestFinished(() => clearInterval(again));
    await demo.ended;
    expect(demo.all).not.toMatch(STACK);
    await untilNothingIsLeft(folder);
  },
);

test.skipIf(withoutPostgres)(
  "in a pipe it ends when all daemons have ended by themselves, and says what they said",
  { timeout: 200_000 },
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [DEMO], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, CALLSHEET_LABELS: "#" },
    });
    expect(status, stdout + stderr).toBe(1);
    expect(stdout).toMatch(/cyd ended by itself \(status 78\); the last that it said:\n {2}error: /);
    expect(stdout).toContain("The environment variable CALLSHEET_LABELS is ");
    expect(stdout).not.toMatch(/(ada|bob|cyd) is killed/);
  },
);

test.skipIf(withoutPostgres || process.getuid?.() !== 0)(
  "root is told which folder keeps out whom PostgreSQL has to run as",
  () => {
    const folder = temporary();
    chmodSync(folder, 0o700);
    const { status, stderr } = spawnSync(process.execPath, [DEMO], {
      encoding: "utf8",
      env: { ...process.env, TMPDIR: folder },
    });
    expect(status).toBe(2);
    expect(stderr).toContain(`nobody, whom the folder ${folder} keeps out`);
    expect(stderr).not.toMatch(STACK);
  },
);

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-demo-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  // PostgreSQL runs as another user where this one is root
  chmodSync(folder, 0o755);
  return folder;
}

/** Neither files nor, where that can be looked up, processes that were started with some. */
async function untilNothingIsLeft(folder: string): Promise<void> {
  const left = () => [...readdirSync(folder), ...processesOf(folder)];
  await until(
    () => left().length === 0,
    () => `left: ${left()}`,
    60_000,
  );
}

function processesOf(folder: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(commandOf)
    .filter((command) => command.includes(`${folder}/`));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    // it has ended meanwhile
    return "";
  }
}
