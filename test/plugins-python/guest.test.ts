import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withoutPython } from "./python.ts";

const suites = globSync("guest/test_*.py", { cwd: import.meta.dirname });

test("there are suites in Python", () => {
  expect(suites.sort()).toEqual(["guest/test_guest.py", "guest/test_standin.py"]);
});

test.skipIf(withoutPython).each(suites)("%s", (suite) => {
  const { status, stderr } = spawnSync("python3", [join(import.meta.dirname, suite)], { encoding: "utf8" });
  expect(stderr).toMatch(/\nOK/);
  expect(status).toBe(0);
});
