/** The demo of a cluster, as it goes where nobody presses a key, and on a terminal. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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
    const folder = mkdtempSync(join(tmpdir(), "callsheet-demo-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
    // PostgreSQL runs as another user where this one is root
    chmodSync(folder, 0o755);
    const demo = onTerminal([process.execPath, DEMO], { cwd: folder, env: { TMPDIR: folder } });
    await demo.says(/ada.*running/);
    expect(readdirSync(folder)).not.toEqual([]);
    demo.kill("SIGKILL");
    const left = () => readdirSync(folder);
    await until(
      () => left().length === 0,
      () => `left: ${left()}`,
      60_000,
    );
  },
);
