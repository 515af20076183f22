/** The demo of a cluster, as it goes where nobody presses a key. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { postgresMissing } from "../journal/postgres/server.ts";

const DEMO = fileURLToPath(new URL("../../scripts/demo-cluster/run.ts", import.meta.url));
const missing = await postgresMissing();
if (missing) console.warn(`SKIPPED: ${missing}`);

test.skipIf(missing !== null)(
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
    expect(stdout).toMatch(new RegExp(`: (${victim}|nobody) → (?!${victim}|nobody)\\w+`));
    expect(stdout).toMatch(/Ended: \d+ events for \d plugins, 0 lost, \d+ came again \(0 of them unmarked\)/);
  },
);
