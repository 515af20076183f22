/** Plugins of a folder in one process: `python.group: "folder"`. */
import { join, parse } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Host } from "../../src/daemon/host.ts";
import { readSlot } from "../../src/journal/slot.ts";
import { Heard, run } from "../plugins/room.ts";
import { withoutPython } from "./python.ts";
import { PythonRoom, plugin } from "./room.ts";

const PID = "logger.info('pid %d', os.getpid())";

describe.skipIf(withoutPython)("Python plugins that share a process", () => {
  let room: PythonRoom;

  beforeEach(async () => {
    room = await PythonRoom.open({ group: "folder" });
  });

  afterEach(() => room.close());

  interface Loaded {
    host: Host;
    heard: Heard;
    slot(): ReturnType<typeof readSlot>["record"];
  }

  /** Loads a plugin with a slot of its own. */
  async function load(name: string, source: string, heard = new Heard()): Promise<Loaded> {
    const path = await room.write(name, source);
    const slotFile = await room.write(`${name}.slot`, "");
    const host = await room.start(path, heard, undefined, slotFile);
    return { host, heard, slot: () => readSlot(slotFile).record };
  }

  async function handled(loaded: Loaded, seq: number): Promise<string[]> {
    loaded.host.hand(run(seq, 1));
    await loaded.heard.untilDone(seq);
    return loaded.heard.messages;
  }

  test("share their modules and os.environ, and keep their own args and slots", async () => {
    await room.write("state.py", "seen = []\n");
    const source = `import state\n${plugin("state.seen.append(event['id']); args['seen'].append(1); os.environ['MARK'] = logger.name; logger.info('%s %d %s', state.seen, len(args['seen']), os.getpid())")}`;
    const [a, b] = [await load("a.py", source), await load("b.py", source)];
    const first = (await handled(a, 1))[0]!;
    const second = (await handled(b, 7))[0]!;
    expect(first).toMatch(/^\[1001\] 1 /);
    expect(second).toMatch(/^\[1001, 1007\] 1 /);
    expect(second.split(" ").at(-1)).toBe(first.split(" ").at(-1));
    const mark = await load("c.py", plugin("logger.info(os.environ['MARK'])"));
    expect(await handled(mark, 1)).toEqual(["plugin.b.cb0"]);
    expect([a.slot(), b.slot()]).toMatchObject([{ seq: 1 }, { seq: 7 }]);
  });

  test("are loaded one after the other, in the order in which they were asked for", async () => {
    await room.write("order.py", "loaded = []\n");
    const source =
      "import order, time\norder.loaded.append(__name__)\ntime.sleep(0.02)\nprint(' '.join(order.loaded))\ndef registerCallbacks(reg): pass\n";
    const loads = ["a.py", "b.py", "c.py"].map(async (name) => ({
      path: await room.write(name, source),
      heard: new Heard(),
    }));
    const plugins = await Promise.all(loads);
    await Promise.all(plugins.map(({ path, heard }) => room.start(path, heard)));
    expect(plugins.map(({ heard }) => heard.messages)).toEqual([["a"], ["a b"], ["a b c"]]);
  });

  test("take turns: a long run of one does not hold up the other", async () => {
    const slow = plugin("until = time.perf_counter() + 0.002\n    while time.perf_counter() < until: pass");
    const [a, b] = [await load("a.py", slow), await load("b.py", slow)];
    a.host.hand(run(1, 500));
    b.host.hand(run(1, 50));
    await b.heard.untilDone(50);
    expect(a.heard.doneSeq).toBeLessThan(500);
    await a.heard.untilDone(500);
    expect([a.slot(), b.slot()]).toMatchObject([
      { seq: 500, begun: false },
      { seq: 50, begun: false },
    ]);
  });

  test("one that fails stops alone, and nobody waits for its verdict", async () => {
    const heard = new Heard();
    heard.judge = () => new Promise(() => {});
    const a = await load("a.py", plugin("raise ValueError('no')"), heard);
    const b = await load("b.py", plugin(PID));
    a.host.hand(run(1, 2));
    await heard.until(({ failures }) => failures.length > 0);
    const [pid] = await handled(b, 1);
    await a.host.kill();
    expect(a.slot()).toMatchObject({ seq: 1, begun: true, finishedCallbacks: 0 });
    expect(await handled(b, 2)).toEqual([pid, pid]);
    expect([heard.exits, b.heard.exits]).toEqual([[], []]);
  });

  test("one that ends the process is blamed; the others learn who it was, and lose no event", async () => {
    const a = await load("a.py", plugin("os._exit(3)"));
    const b = await load("b.py", plugin(PID));
    const [pid] = await handled(b, 5);
    a.host.hand(run(1, 1));
    expect(await a.heard.untilExited()).toMatchObject({ excuse: null, inHand: { seq: 1, callback: 0 } });
    expect(await b.heard.untilExited()).toMatchObject({
      excuse: "a ended the process they share",
      inHand: null,
    });
    expect(b.slot()).toMatchObject({ seq: 5, begun: false });
    const again = await load("b.py", plugin(PID));
    expect((await handled(again, 6))[0]).not.toBe(pid);
  });

  test.each(["kill", "a crash while it is loaded", "a load that is no longer wanted"])(
    "the others learn of %s too",
    async (what) => {
      const b = await load("b.py", plugin("pass"));
      if (what === "kill") {
        const a = await load("a.py", plugin("logger.info('in')\n    while True: pass"));
        a.host.hand(run(1, 1));
        await a.heard.until(({ messages }) => messages.includes("in"));
        await a.host.kill();
        expect(a.heard.exits).toEqual([]);
      } else if (what === "a crash while it is loaded") {
        await expect(load("a.py", "import os\nos._exit(4)\n")).rejects.toThrow(/a\.py ended its host while/);
      } else {
        const heard = new Heard();
        const abort = new AbortController();
        const path = await room.write("a.py", "print('in')\nwhile True: pass\n");
        const loading = room.start(path, heard, abort.signal);
        await heard.until(({ messages }) => messages.includes("in"));
        abort.abort();
        await expect(loading).rejects.toThrow("no longer wanted");
      }
      expect(await b.heard.untilExited()).toMatchObject({ excuse: "a ended the process they share" });
    },
  );

  test("one whose turn to load had not come is loaded in a new process", async () => {
    const doomed = await room.write("a.py", "import os, time\ntime.sleep(0.1)\nos._exit(4)\n");
    const waiting = await room.write("b.py", plugin("logger.info('fine')"));
    const heard = new Heard();
    const [first, second] = await Promise.allSettled([room.start(doomed), room.start(waiting, heard)]);
    expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
    expect(heard.exits).toEqual([]);
  });

  test("time to load is counted from when its turn comes", async () => {
    const hurried = await PythonRoom.open({ group: "folder", loadTimeoutMs: 2000 });
    const source = "import time\ntime.sleep(0.8)\ndef registerCallbacks(reg): pass\n";
    const paths = await Promise.all(["a", "b", "c", "d"].map((name) => hurried.write(`${name}.py`, source)));
    const loaded = await Promise.all(paths.map((path) => hurried.start(path)));
    expect(loaded).toHaveLength(4);
    await hurried.close();
  });

  test("a reload of one keeps the process and what is shared, and begins with fresh globals", async () => {
    await room.write("state.py", "count = 0\n");
    const source = (mark: string) =>
      `import state, logging\nmine = []\n${plugin(`state.count += 1; mine.append(1); logger.info('${mark} %d %d %d %d', state.count, len(mine), os.getpid(), logger.parent.level)`)}`;
    const a = await load(
      "a.py",
      source("old").replace("mine = []", "mine = []\nlogging.getLogger('plugin.a').setLevel(15)"),
    );
    const b = await load("b.py", plugin("pass"));
    const pid = (await handled(a, 1))[0]!.split(" ")[3];
    await a.host.stop();
    const again = await load("a.py", source("new"));
    expect(await handled(again, 2)).toEqual([`new 2 1 ${pid} 10`]);
    expect(b.heard.exits).toEqual([]);
  });

  test("a changed helper is a change of each of them, and means a new process", async () => {
    const helper = await room.write("helper.py", "word = 'old'\n");
    const source = `import helper\n${plugin("logger.info('%s %d', helper.word, os.getpid())")}`;
    const [a, b] = [await load("a.py", source), await load("b.py", plugin(PID))];
    expect(b.host.modules.map(({ path }) => path)).toContain(helper);
    const pid = (await handled(a, 1))[0]!.split(" ")[1];
    await room.write("helper.py", "word = 'new and longer'\n");
    await a.host.stop();
    const again = await load("a.py", source);
    const [said] = await handled(again, 2);
    expect(said).toMatch(/^new and longer /);
    expect(said).not.toContain(pid);
    expect(await handled(b, 1)).toEqual([`pid ${pid}`]);
    await b.host.stop();
    expect((await handled(await load("b.py", plugin(PID)), 2))[0]).toBe(`pid ${said!.split(" ").at(-1)}`);
  });

  test("a stop while another is in a callback waits for that, and then drops what was handed", async () => {
    const go = join(room.folder, "go");
    const wait = `logger.info('in')\n    while not os.path.exists(${JSON.stringify(go)}): time.sleep(0.002)`;
    const [a, b] = [await load("a.py", plugin(wait)), await load("b.py", plugin("logger.info('ran')"))];
    a.host.hand(run(1, 1));
    await a.heard.until(({ messages }) => messages.includes("in"));
    b.host.hand(run(1, 1));
    const stopped = b.host.stop();
    await room.write("go", "");
    await stopped;
    await a.heard.untilDone(1);
    expect(b.heard.messages).toEqual([]);
    expect(b.slot()).toBeNull();
  });

  test("log lines are those of the plugin whose code wrote them", async () => {
    const a = await load("a.py", plugin("print('from a'); logging.getLogger('lib').warning('of a')"));
    const b = await load("b.py", plugin("logging.getLogger('plugin.a').info('from b'); print('of b')"));
    await handled(b, 1);
    await handled(a, 2);
    expect(b.heard.lines).toMatchObject([{ logger: "plugin.b", message: "of b", eventId: 1001 }]);
    expect(a.heard.lines).toMatchObject([
      { logger: "plugin.a", message: "from b", eventId: null },
      { logger: "plugin.a", message: "from a", eventId: 1002 },
      { logger: "plugin.a", message: "lib: of a", eventId: 1002 },
    ]);
  });

  test("the process ends with the last of them", async () => {
    const [a, b] = [await load("a.py", plugin(PID)), await load("b.py", plugin(PID))];
    const pid = Number((await handled(a, 1))[0]!.split(" ")[1]);
    await a.host.stop();
    process.kill(pid, 0);
    await b.host.stop();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(parse(a.host.modules[0]!.path).base).toBe("a.py");
  });
});
