import { readdirSync, readFileSync, rmSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { chaos } from "./chaos.ts";
import type { Fault } from "./faults/fault.ts";

let kept = "";
afterEach(() => {
  if (kept) rmSync(kept, { recursive: true, force: true });
});

it("a fault that cannot be made ends the run, and leaves neither a daemon nor a disk", async () => {
  const planted: Fault = {
    name: "planted",
    weight: 1,
    inject() {
      throw new Error("this fault cannot be made");
    },
  };
  const tell = (line: string) => {
    kept = /kept in (\S+)/.exec(line)?.[1] ?? kept;
  };
  const run = chaos({ seed: 1, minutes: 1, faults: [planted], tell });
  await expect(run).rejects.toThrow("this fault cannot be made");
  expect(readdirSync(kept)).toContain("callsheet.config.json");
  const folder = kept.replace(/-kept$/, "");
  expect(readFileSync("/proc/mounts", "utf8")).not.toContain(folder);
  await expect.poll(() => processesOf(folder), { timeout: 20_000 }).toEqual([]);
});

function processesOf(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(commandOf)
    .filter((command) => command.includes(folder));
}

/** Empty when it has ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
