import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/sandbox/random.ts";
import { crashRun } from "../crash/harness.ts";
import { Heard, run } from "../plugins/room.ts";
import { python, withoutPython } from "./python.ts";
import { FAKE_API, PythonRoom } from "./room.ts";

const KILLS = 5;

const interpreter = python ?? "python3";

test.skipIf(withoutPython).each([
  ["the daemon, a process for each plugin", {}],
  ["hosts, a process for each plugin", { target: "hosts", longestLifeMs: 800 }],
  [
    "hosts, one process for all",
    { target: "hosts", longestLifeMs: 800, config: { python: { interpreter, group: "folder" } } },
  ],
] as const)(
  "nothing is lost and at most one event a kill -9 repeated: %s",
  { timeout: 240_000 },
  async (_, plan) => {
    const report = await crashRun({
      kills: KILLS,
      events: 2000,
      eventsAKill: 1000,
      longestLifeMs: 2500,
      random: seededRandom(7),
      plugins: join(import.meta.dirname, "crash-plugins"),
      config: { python: { interpreter } },
      ...plan,
    });
    expect(report.refusedStarts).toEqual([]);
    expect(report.lastExit, report.lastWords).toBe(0);
    expect(report.sameOrder).toBe(true);
    expect(report.atWork).toBeGreaterThan(0);
    for (const plugin of report.plugins) {
      expect(plugin).toMatchObject({ lost: [], unmarked: [], disorder: 0, delivered: report.visible });
      expect(plugin.repeats).toBeLessThanOrEqual(KILLS);
    }
  },
);

test.skipIf(withoutPython)(
  "Python plugins lose nothing over some 30 kills of their host",
  {
    timeout: 120_000,
  },
  async () => {
    const room = await PythonRoom.open();
    const out = join(room.folder, "out");
    const path = await room.write(
      "a.py",
      `${FAKE_API}
def on(sg, logger, event, args):
    with open(${JSON.stringify(out)}, "a") as out: out.write("%d\\n" % event["id"])
def registerCallbacks(reg): reg.registerCallback("s", "the-key", on)
`,
    );
    const random = seededRandom(3);
    let kills = 0;
    for (let done = 0; done < 3000; ) {
      const heard = new Heard();
      const host = await room.start(path, heard);
      const { seq, begun } = room.slot ?? { seq: 0, begun: false };
      done = begun ? seq - 1 : seq;
      for (let next = done + 1; next <= 3000; next += 500) host.hand(run(next, Math.min(500, 3001 - next)));
      const last = Math.min(3000, done + Math.ceil(random() * 200));
      while ((room.slot?.seq ?? 0) < last) await new Promise((resolve) => setImmediate(resolve));
      if (kills < 30) kills += 1;
      else await heard.untilDone(3000);
      await host.kill();
      done = room.slot!.begun ? room.slot!.seq - 1 : room.slot!.seq;
    }
    const delivered = (await readFile(out, "utf8")).trim().split("\n").map(Number);
    expect([...new Set(delivered)]).toEqual(Array.from({ length: 3000 }, (_, i) => 1001 + i));
    expect(delivered.length - 3000).toBeLessThanOrEqual(kills);
    await room.close();
  },
);
