/**
 * What the Python daemon was seen to do to events, by the letters of that list, and what Callsheet does. The plugins are
 * Python's, and so is the order: each event to one plugin after the other.
 */
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type openTestSandbox, TestLog, temporaryFolder, until } from "../../daemon/rig.ts";
import { allNotes, CHANGE, daemonWith, ids, lane, start, untilFollowing } from "../../daemon/whole.ts";
import { withoutPython } from "../python.ts";
import { pythonRecorder, untilThere } from "./plugins.ts";

const STRICT = { order: "strict", shutdownTimeout: "2s" };
const events = (n: number) => Array.from({ length: n }, () => CHANGE);

/** Reads of the log that the site was asked for since it began; ids and ranges of one are not told apart. */
function questions(sandbox: Awaited<ReturnType<typeof openTestSandbox>>) {
  const asked = sandbox.requests.recent.filter(
    ({ method, type }) => method === "read" && type === "EventLogEntry",
  );
  return asked.map(({ payload }) => JSON.stringify((payload as { filters: unknown }).filters));
}

describe.skipIf(withoutPython)("with a Python plugin", { timeout: 120_000 }, () => {
  test("A: a late event is delivered once, alone, and nothing after it comes again", async () => {
    const { sandbox, folder, daemon } = await daemonWith({ "all.py": pythonRecorder("all") }, STRICT);
    const { first } = sandbox.site.events.add(events(1));
    const late = sandbox.site.events.reserve(1);
    const { last } = sandbox.site.events.add(events(3));
    await until(() => ids(folder, "all").length === 4);
    late.commit([CHANGE]);
    await until(() => ids(folder, "all").length === 5);
    expect(ids(folder, "all")).toEqual([first, last - 2, last - 1, last, late.first]);
    sandbox.site.events.add(events(1));
    await until(() => ids(folder, "all").length === 6 && lane(daemon, "all").backlog === 0);
    expect(ids(folder, "all")).toEqual([first, last - 2, last - 1, last, late.first, last + 1]);
  });

  test("B: events after a permanent gap are not held up, and what was read is not read again", async () => {
    const options = { ...STRICT, gapTimeout: "1h", batchSize: 5 };
    const { sandbox, folder, daemon, config, log } = await daemonWith(
      { "all.py": pythonRecorder("all") },
      options,
    );
    const gap = sandbox.site.events.skipIds(1);
    const { first, last } = sandbox.site.events.add(events(10));
    await until(() => ids(folder, "all").length === 10);
    expect(daemon.status().reader.gaps).toMatchObject([{ first: gap.first, last: gap.last }]);
    await daemon.stop();
    await start({ ...config, gapTimeout: 50 }, log);
    await log.line(/never happened/i);
    expect(ids(folder, "all")).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i));
    // no question goes back behind what was read, but for the last event, which tells whether the log is still the same
    let furthest = 0;
    for (const filters of questions(sandbox)) {
      const begin = /greater_than","values":\[(\d+)/.exec(filters)?.[1];
      // a daemon that starts first asks for the newest
      if (begin === undefined) expect(filters).toContain("less_than");
      else expect(Number(begin)).toBeGreaterThanOrEqual(furthest - 1);
      furthest = Math.max(furthest, Number(begin ?? 0));
    }
  });

  test("C: a slow plugin and old dates do not make a late event one that never happened", async () => {
    const go = join(temporaryFolder(), "go");
    const slow = pythonRecorder("slow", "None", untilThere(go));
    const { sandbox, folder, daemon } = await daemonWith({ "slow.py": slow }, STRICT);
    sandbox.site.events.add(events(1));
    const late = sandbox.site.events.reserve(1);
    const longAgo = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
    sandbox.site.events.add([{ ...CHANGE, created_at: longAgo }]);
    await until(() => daemon.status().journal.lastSeq === 2);
    expect(daemon.status().reader.gaps).toHaveLength(1);
    writeFileSync(go, "");
    await until(() => ids(folder, "slow").length === 2);
    late.commit([CHANGE]);
    await until(() => ids(folder, "slow").length === 3);
    expect(ids(folder, "slow").at(-1)).toBe(late.first);
  });

  test("G: a new plugin that is alone in a known folder gets the next event", async () => {
    const { sandbox, folder, daemon, config, log } = await daemonWith(
      { "old.py": pythonRecorder("old") },
      STRICT,
    );
    sandbox.site.events.add(events(1));
    await until(() => ids(folder, "old").length === 1);
    await daemon.stop();
    rmSync(join(folder, "plugins/old.py"));
    writeFileSync(join(folder, "plugins/lone.py"), pythonRecorder("lone"));
    await untilFollowing(await start(config, log));
    const { first } = sandbox.site.events.add(events(1));
    await until(() => ids(folder, "lone").length === 1);
    expect(ids(folder, "lone")).toEqual([first]);
  });

  test("M: a plugin that is 1,500 events behind holds up nobody", async () => {
    const go = join(temporaryFolder(), "go");
    const slow = `if event["id"] % 1000 == 0: pass${untilThere(go)}`;
    const plugins = {
      "healthy.py": pythonRecorder("healthy"),
      "lagging.py": pythonRecorder("lagging", "None", slow),
    };
    const { sandbox, folder, daemon } = await daemonWith(plugins);
    const { first, last } = sandbox.site.events.add(events(1500));
    await until(() => ids(folder, "healthy").length === 1500);
    const next = sandbox.site.events.add(events(1));
    await until(() => ids(folder, "healthy").at(-1) === next.first);
    expect(lane(daemon, "lagging").backlog).toBe(1501);
    const before = sandbox.requests.count("read", "EventLogEntry");
    writeFileSync(go, "");
    await until(() => ids(folder, "lagging").length === 1501);
    expect(ids(folder, "lagging")).toEqual(Array.from({ length: last - first + 2 }, (_, i) => first + i));
    // it caught up from the journal: the site was asked for what is new, and for nothing else
    expect(
      questions(sandbox)
        .slice(-(sandbox.requests.count("read", "EventLogEntry") - before) || -1)
        .join(),
    ).not.toContain(`[${first}]`);
  });

  test("S: state that vanishes under a running daemon loses no event, and state that comes back repeats none", async () => {
    const { sandbox, folder, daemon, config, log } = await daemonWith(
      { "all.py": pythonRecorder("all") },
      STRICT,
    );
    const { first } = sandbox.site.events.add(events(4));
    await until(() => ids(folder, "all").length === 4);
    renameSync(config.state, `${config.state}-away`);
    sandbox.site.events.add(events(6));
    await until(() => ids(folder, "all").length === 10);
    expect(existsSync(config.state)).toBe(false);
    renameSync(`${config.state}-away`, config.state);
    await daemon.stop();
    expect(readdirSync(config.state).length).toBeGreaterThan(0);
    await start(config, log);
    sandbox.site.events.add(events(1));
    await until(() => ids(folder, "all").length === 11);
    expect(ids(folder, "all")).toEqual(Array.from({ length: 11 }, (_, i) => first + i));
  });

  test("Z: another time zone after a restart changes nothing about a gap", async () => {
    const before = process.env.TZ;
    const options = { ...STRICT, gapTimeout: "1h" };
    try {
      process.env.TZ = "America/Los_Angeles";
      const { sandbox, folder, daemon, config } = await daemonWith(
        { "all.py": pythonRecorder("all") },
        options,
      );
      const late = sandbox.site.events.reserve(1);
      sandbox.site.events.add(events(1));
      await until(() => ids(folder, "all").length === 1);
      await daemon.stop();
      for (const zone of ["UTC", "America/Los_Angeles", "Asia/Kolkata"]) {
        process.env.TZ = zone;
        const next = await start(config, new TestLog());
        await untilFollowing(next);
        const [gap] = next.status().reader.gaps;
        expect(gap).toMatchObject({ first: late.first, last: late.first });
        expect(gap!.waitedMs).toBeLessThan(600_000);
        await next.stop();
      }
      await start(config, new TestLog());
      late.commit([CHANGE]);
      await until(() => ids(folder, "all").length === 2);
      expect(allNotes(folder)).toHaveLength(2);
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
});
