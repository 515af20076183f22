/** The whole way: the Python daemon is stopped, `callsheet import`, `callsheet run` through kills, and what each plugin got. */
import { expect, test } from "vitest";
import { callsheet } from "../cli/process.ts";
import { withoutPython } from "../plugins-python/python.ts";
import { CHANGE, contents, openOldStudio, soon } from "./old-studio.ts";

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

test.skipIf(withoutPython)(
  "each plugin goes on where the Python daemon left it, late events and kills in between",
  async () => {
    const studio = await openOldStudio({
      "plugins/behind.py": null,
      "plugins/level.py": null,
      "plugins/fresh.py": null,
      "moved/far.py": null,
    });
    const { events } = studio.sandbox.site;
    const { last: base } = events.add(Array(20).fill(CHANGE));
    const [late, later] = [events.reserve(1), events.reserve(1)];
    const { last: end } = events.add(Array(10).fill(CHANGE));
    studio.remember(
      {
        plugins: {
          behind: { lastId: base - 5, pending: [] },
          level: { lastId: end - 4, pending: [late.first, later.first] },
          gone: { lastId: 1 },
        },
        "/another/place": { far: { lastId: end, pending: [later.first] } },
      },
      2,
    );
    const imported = await json(["import", studio.conf, "--json"]);
    expect(imported.plugins.map(({ name, lastEventId, outcome }) => [name, lastEventId, outcome])).toEqual([
      ["behind", base - 5, "begun"],
      ["fresh", null, "begun"],
      ["level", end - 4, "begun"],
      ["far", end, "begun"],
    ]);
    const before = contents(studio.state);
    const again = await json(["import", studio.conf, "--json"]);
    expect(again.plugins.map(({ outcome }) => outcome)).toEqual(["kept", "kept", "kept", "kept"]);
    // what says who had the folder last tells of the second import
    expect({ ...contents(studio.state), "lock.owner": "" }).toEqual({ ...before, "lock.owner": "" });

    const run = () => callsheet(["run", "--config", studio.conf]);
    const untilGot = (plugin: string, id: number) =>
      soon(
        () => studio.got(plugin).includes(id),
        () => `${plugin} did not get ${id}, but ${studio.got(plugin)}\n${daemon.all}`,
      );
    let daemon = run();
    await untilGot("level", end);
    daemon.kill("SIGKILL");
    await daemon.ended;
    late.commit([CHANGE]);
    daemon = run();
    await untilGot("level", late.first);
    const refused = callsheet(["import", studio.conf]);
    expect((await refused.ended).status).toBe(1);
    expect(refused.stderr).toMatch(/is in use by process \d+[\s\S]*STATE_LOCKED/);
    daemon.kill("SIGKILL");
    await daemon.ended;
    later.commit([CHANGE]);
    const { last } = events.add(Array(5).fill(CHANGE));
    daemon = run();
    for (const plugin of ["behind", "fresh", "level", "far"]) {
      await untilGot(plugin, last);
      await untilGot(plugin, later.first);
    }
    daemon.kill("SIGTERM");
    expect((await daemon.ended).status).toBe(0);

    const sorted = (plugin: string) => studio.got(plugin).toSorted((a, b) => a - b);
    expect(sorted("behind")).toEqual(from(base - 4, last));
    expect(sorted("fresh")).toEqual(from(base - 4, last));
    expect(sorted("level")).toEqual([late.first, later.first, ...from(end - 3, last)]);
    expect(sorted("far")).toEqual([later.first, ...from(end + 1, last)]);
    expect(studio.got("level")).toEqual([...from(end - 3, end), late.first, ...studio.got("level").slice(5)]);
    // of two kills, each may repeat the event in hand
    for (const plugin of ["behind", "fresh", "level", "far"])
      expect(studio.repeats(plugin)).toBeLessThanOrEqual(2);

    const third = callsheet(["import", studio.conf]);
    expect((await third.ended).status).toBe(0);
    expect(third.stdout).toContain(
      `Callsheet has brought it to event ${last} already, and does not go back to ${base - 5}`,
    );
    expect(third.stdout).toContain("Nothing was left to carry over");
  },
  600_000,
);

interface Report {
  plugins: { name: string; lastEventId: number | null; outcome: string }[];
}

async function json(args: string[]): Promise<Report> {
  const running = callsheet(args);
  const { status } = await running.ended;
  expect(running.stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(running.stdout) as Report;
}
