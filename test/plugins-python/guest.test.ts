/** The suites in Python, under every Python that is found. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { python, withoutPython } from "./python.ts";
import { pythons } from "./pythons.ts";

const suites = globSync("guest/test_*.py", { cwd: import.meta.dirname });
const all = pythons.length > 0 ? pythons : [{ version: "3", executable: python ?? "" }];

test("there are suites in Python", () => {
  expect(suites.sort()).toEqual(["guest/test_conf.py", "guest/test_guest.py", "guest/test_standin.py"]);
});

describe.skipIf(withoutPython).each(all)("Python $version", ({ executable }) => {
  test.each(suites)("%s", { timeout: 120_000 }, (suite) => {
    const { status, stderr } = spawnSync(executable, [join(import.meta.dirname, suite)], {
      encoding: "utf8",
    });
    expect(stderr).toMatch(/\nOK/);
    expect(status).toBe(0);
  });
});
