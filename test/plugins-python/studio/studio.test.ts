/**
 * A day of a studio: people work on a site, and Python plugins of the kinds that studios have follow. Once in a process each,
 * and once in one process for all, as the Python daemon ran them: with its order, its umask and its folder.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../daemon/rig.ts";
import { withoutPython } from "../python.ts";
import { workADay } from "./day.ts";
import type { Evening } from "./evening.ts";
import { type Mode, rowsOf } from "./rows.ts";
import { openStudio, PLUGINS } from "./studio.ts";

const APART: Mode = { together: false, umask: 0o022 };
const TOGETHER: Mode = { together: true, umask: 0 };

describe.skipIf(withoutPython).each<[string, Mode, Record<string, unknown>]>([
  ["a process each", APART, { python: { umask: "022" } }],
  ["one process", TOGETHER, { order: "strict", python: { group: "folder", umask: "0", cwd: "/" } }],
])("the plugins of a studio, in %s:", (_, mode, options) => {
  const at = {} as Evening;
  const rows = rowsOf(at, mode);

  beforeAll(async () => {
    at.studio = await openStudio(PLUGINS, options);
    at.day = await workADay(at.studio);
    await at.studio.quiet();
  }, 240_000);

  afterAll(async () => {
    const left = Number(readFileSync(join(at.studio.shots, "left.pid"), "utf8"));
    await at.studio.close();
    await until(() => !existsSync(`/proc/${left}`));
  });

  test.each(Object.entries(rows))("%s", (_row, [, check]) => check());

  test("every plugin of the folder stands in a row, and every name in a row is a plugin", () => {
    const named = new Set(Object.values(rows).flatMap(([plugins]) => plugins));
    const there = globSync("*.py", { cwd: PLUGINS }).map((file) => file.replace(/\.py$/, ""));
    expect([...named].sort()).toEqual(there.sort());
  });
});
