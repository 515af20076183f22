/** What the Python daemon was seen to do with its state file, by the letters of that list, and what `callsheet import` does. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { callsheet, type Running } from "../../cli/process.ts";
import { until } from "../../daemon/rig.ts";
import { CHANGE, ids } from "../../daemon/whole.ts";
import { withoutPython } from "../python.ts";
import { folderOf, openSite } from "./conf-folder.ts";

const events = (n: number) => Array.from({ length: n }, () => CHANGE);

/** As the Python daemon writes it; `gaps` are missing ids, each with five more minutes to wait by the clock of the zone. */
function writeIdFile(file: string, folder: string, last: number, gaps: number[] = [], zone = "UTC"): void {
  const program = `import datetime, pickle, sys
until = datetime.datetime.now() + datetime.timedelta(minutes=5)
state = {sys.argv[2]: {"all": (int(sys.argv[3]), {int(gap): until for gap in sys.argv[4:]})}}
with open(sys.argv[1], "wb") as file: pickle.dump(state, file, protocol=2)`;
  const made = spawnSync("python3", ["-c", program, file, folder, String(last), ...gaps.map(String)], {
    env: { ...process.env, TZ: zone },
  });
  expect(made.status).toBe(0);
}

async function stopped(daemon: Running): Promise<void> {
  daemon.kill("SIGTERM");
  expect((await daemon.ended).status).toBe(0);
}

describe.skipIf(withoutPython)("callsheet import", { timeout: 120_000 }, () => {
  test.each([
    ["D: an empty", ""],
    ["T: a garbled", "this is no state file\n"],
  ])("%s state file is told of, nothing is changed, and --start says where to begin", async (_, content) => {
    const site = await openSite();
    const studio = folderOf(site);
    const { first, last } = site.site.events.add(events(6));
    writeFileSync(studio.idFile, content);
    const refused = callsheet(["import", studio.file], { cwd: studio.cwd });
    expect((await refused.ended).status).toBe(1);
    expect(refused.all).toContain(studio.idFile);
    expect(refused.all).toContain("--start");
    expect(refused.all).not.toMatch(/\n\s+at |Traceback/);
    expect(readFileSync(studio.idFile, "utf8")).toBe(content);

    const begun = callsheet(["import", studio.file, "--start", String(first + 2)], { cwd: studio.cwd });
    expect(await begun.ended, begun.all).toMatchObject({ status: 0 });
    const daemon = callsheet(["run", "--config", studio.file], { cwd: studio.cwd });
    await daemon.says(/loaded all/);
    await until(() => ids(studio.cwd, "all").at(-1) === last);
    await stopped(daemon);
    expect(ids(studio.cwd, "all")).toEqual([first + 2, first + 3, first + 4, last]);
  });

  test.each([
    ["America/Los_Angeles", "UTC"],
    ["UTC", "America/Los_Angeles"],
  ])("Z: a gap of a state file written in %s and read in %s is still waited for", async (before, after) => {
    const site = await openSite();
    const studio = folderOf(site);
    const { last } = site.site.events.add(events(2));
    const late = site.site.events.reserve(1);
    const next = site.site.events.add(events(1));
    // the plugin has had what came after the gap, as the Python daemon's has
    writeIdFile(studio.idFile, join(studio.cwd, "plugins"), next.last, [late.first], before);
    const env = { TZ: after };
    const taken = callsheet(["import", studio.file], { cwd: studio.cwd, env });
    expect(await taken.ended, taken.all).toMatchObject({ status: 0 });
    const daemon = callsheet(["run", "--config", studio.file], { cwd: studio.cwd, env });
    await daemon.says(/loaded all/);
    const more = site.site.events.add(events(1));
    await until(() => ids(studio.cwd, "all").length === 1);
    late.commit([CHANGE]);
    await until(() => ids(studio.cwd, "all").length === 2);
    await stopped(daemon);
    expect(ids(studio.cwd, "all")).toEqual([more.first, late.first]);
    expect(last).toBeLessThan(late.first);
  });
});
