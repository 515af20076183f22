import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../daemon/rig.ts";
import { daemonWith, lane } from "../daemon/whole.ts";
import { Heard, run } from "../plugins/room.ts";
import { withoutPython } from "./python.ts";
import { FAKE_API, PythonRoom } from "./room.ts";

describe.skipIf(withoutPython)("registerCallback in Python", () => {
  let room: PythonRoom;

  beforeEach(async () => {
    room = await PythonRoom.open();
  });

  afterEach(() => room.close());

  const ON = "def on(sg, logger, event, args): pass\ndef registerCallbacks(reg):\n    ";

  test("takes what the Python daemon's takes, by position and by keyword", async () => {
    const { host } = await room.load(
      "a.py",
      `import functools
def on(sg, logger, event, args): pass
class Late(object):
    def __call__(self, *args): pass
    def main(self, *args): pass
def registerCallbacks(reg):
    assert reg.logger is reg.getLogger() and reg.logger.name == "plugin.a"
    reg.setEmails("a@b.c", "d@e.f")
    reg.registerCallback("s", "k", on, {"Shotgun_Task_Change": ["sg_status_list"], "*": None}, None, False)
    reg.registerCallback(sgScriptName="s2", sgScriptKey="k2", callback=on, matchEvents={"A": "task_assignees", "B": ("x", "y")})
    reg.registerCallback("s", "k", Late().main, matchEvents={})
    reg.registerCallback("s", "k", Late(), stopOnError=True)
    reg.registerCallback("s", "k", functools.partial(on))
    try: reg.nothing
    except AttributeError: pass
    try: reg.registerCallback("s", "k", 5)
    except TypeError: pass
`,
    );
    const seen = host.callbacks.map(({ index, name, key, scriptName, matchEvents, stopOnError }) => [
      index,
      name,
      key,
      scriptName,
      matchEvents,
      stopOnError,
    ]);
    expect(seen).toEqual([
      [0, "on", "on", "s", { Shotgun_Task_Change: ["sg_status_list"], "*": null }, false],
      [1, "on", "on#2", "s2", { A: "task_assignees", B: ["x", "y"] }, true],
      [2, "main", "main", "s", null, true],
      [3, "Late_4", "Late_4", "s", null, true],
      [4, "partial_5", "partial_5", "s", null, true],
    ]);
    expect(host.callbacks[0]).toMatchObject({ retry: { attempts: 0, backoffMs: 1000 }, timeoutMs: null });
    expect(host.emails).toEqual(["a@b.c", "d@e.f"]);
    expect(JSON.stringify(host.callbacks)).not.toContain("k2");
  });

  test("says so when a callback is of a kind whose call runs nothing", async () => {
    const { host, heard } = await room.load(
      "a.py",
      `import functools
async def one(*args): pass
def two(*args): yield
async def three(*args): yield
class Four:
    async def __call__(self, *args): pass
    async def five(self, *args): pass
def plain(*args): pass
class Plain:
    def __call__(self, *args): pass
def registerCallbacks(reg):
    for callback in (one, two, three, Four(), Four().five, functools.partial(one, 1), plain, Plain(), Plain().__call__, print, Plain):
        reg.registerCallback("s", "k", callback)
`,
    );
    expect(host.callbacks).toHaveLength(11);
    expect(heard.messages.map((line) => line.replace(/:.*/, ""))).toEqual([
      "one is async",
      "two is a generator",
      "three is async",
      "Four_4 is async",
      "five is async",
      "partial_6 is async",
    ]);
  });

  test.each([
    ["True", true],
    ["False", false],
    ["['a@b.c', 'd@e.f']", ["a@b.c", "d@e.f"]],
    ["'root'", ["root"]],
    ["'a@b.c', None, ''", ["a@b.c"]],
    ["None", false],
  ])("setEmails(%s) is taken as it says", async (value, emails) => {
    const { host } = await room.load("a.py", `def registerCallbacks(reg): reg.setEmails(${value})`);
    expect(host.emails).toEqual(emails);
    expect(host.callbacks).toEqual([]);
  });

  test("runsOn names the label of its host; what is none is refused", async () => {
    const { host } = await room.load("a.py", "def registerCallbacks(reg): reg.runsOn('render')");
    expect(host.runsOn).toBe("render");
    await expect(room.load("b.py", "def registerCallbacks(reg): reg.runsOn('two words')")).rejects.toThrow(
      "is not a label",
    );
  });

  test.each([
    ["retry={'attempts': 3}", { retry: { attempts: 3, backoffMs: 1000 } }],
    ["retry={'attempts': 1, 'backoff': 0.5}", { retry: { attempts: 1, backoffMs: 500 } }],
    ["retry={'attempts': 1, 'backoff': '2s'}", { retry: { attempts: 1, backoffMs: 2000 } }],
    ["timeout=90", { timeoutMs: 90_000 }],
    ["timeout='1.5m'", { timeoutMs: 90_000 }],
    ["timeout='500 ms'", { timeoutMs: 500 }],
    ["name='tell the chat'", { name: "tell the chat", key: "tell the chat" }],
  ])("takes %s too", async (argument, said) => {
    const { host } = await room.load("a.py", `${ON}reg.registerCallback('s', 'k', on, ${argument})`);
    expect(host.callbacks[0]).toMatchObject(said);
  });

  test.each([
    ["retry=3", "retry is 3. Give {"],
    ["retry={'tries': 3}", "there is no option 'tries' in retry."],
    ["retry={'attempts': -1}", "retry['attempts'] is -1."],
    ["retry={'attempts': True}", "retry['attempts'] is True."],
    ["retry={'attempts': 1, 'backoff': 'soon'}", "retry['backoff'] is 'soon'. Give seconds, or a text"],
    ["timeout=0", "timeout is 0. It must be 1 ms to 24 days."],
    ["timeout='90 days'", "timeout is '90 days'. Give seconds"],
    ["timeout='90d'", "timeout is '90d'. It must be 1 ms to 24 days."],
    ["timeout=float('nan')", "timeout is nan."],
    ["name=' '", "name is ' '."],
  ])("refuses %s with one sentence", async (argument, sentence) => {
    const error = await room.loadError("a.py", `${ON}reg.registerCallback('s', 'k', on, ${argument})`);
    expect(error.code).toBe("PLUGIN_REGISTRATION");
    expect(error.describe()).toContain(`a.py:3: registerCallback: ${sentence}`);
  });

  test("what a callback raises may be an instruction", async () => {
    const heard = new Heard();
    heard.judge = () => "continue";
    const { host } = await room.load(
      "a.py",
      `${FAKE_API}from callsheet import RetryAfter, SkipEvent, StopPlugin
class RetryLater(RetryAfter): pass
class Foreign(Exception): delay_ms = 7
Foreign.__name__ = "RetryAfter"
def soon(): raise RetryAfter("soon")
raised = [RetryAfter(1.5), RetryLater("5m", "the farm is busy"), SkipEvent(), StopPlugin("enough"), Foreign(), ValueError("x")]
def on(sg, logger, event, args):
    if not raised: soon()
    raise raised.pop(0)
def registerCallbacks(reg): reg.registerCallback("s", "the-key", on)
`,
      heard,
    );
    host.hand(run(1, 7));
    await heard.untilDone(7);
    expect(heard.failures.map(({ instruction, error }) => [instruction, error.message])).toEqual([
      [{ kind: "retry", delayMs: 1500 }, "to be called again in 1.5 s"],
      [{ kind: "retry", delayMs: 300_000 }, "the farm is busy"],
      [{ kind: "skip" }, "skipped"],
      [{ kind: "stop" }, "enough"],
      [{ kind: "none" }, ""],
      [{ kind: "none" }, "x"],
      [{ kind: "none" }, "'soon' is no duration: give seconds, or a text such as '500ms', '30s' or '5m'"],
    ]);
  });

  test("a plugin's own module named callsheet is not hidden", async () => {
    await room.write("callsheet.py", "VALUE = 'mine'\n");
    const { heard } = await room.load(
      "a.py",
      "import callsheet\nprint(callsheet.VALUE)\ndef registerCallbacks(reg): pass\n",
    );
    expect(heard.messages).toEqual(["mine"]);
  });
});

describe.skipIf(withoutPython)("the daemon, with a Python plugin:", () => {
  const CHANGE = { event_type: "Shotgun_Task_Change", attribute_name: "sg_status_list" };
  const plugin = (body: string, options: string) => `import os, time
from callsheet import RetryAfter, SkipEvent, StopPlugin
notes = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "notes")
def on(sg, logger, event, args):
    with open(notes, "a") as file: file.write("%d " % event["id"])
    ${body}
def registerCallbacks(reg): reg.registerCallback("s", "the-key", on, args=[], ${options})
`;
  const noted = (folder: string) => readFileSync(join(folder, "notes"), "utf8").trim().split(" ").map(Number);

  test("a call past its timeout ends the process, and fails that callback at that event", async () => {
    const { sandbox, folder, daemon, log } = await daemonWith({
      "slow.py": plugin("time.sleep(600)", "timeout='300ms'"),
    });
    const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => lane(daemon, "slow").activity === "failed");
    expect(lane(daemon, "slow").failure).toMatchObject({
      code: "CALLBACK_TIMEOUT",
      eventId: first,
      callback: "on",
    });
    await log.line("on took longer than its timeout of 300 ms and was ended");
    expect(noted(folder)).toEqual([first]);
  });

  test("retry calls it again, in a new process after a timeout, and then the plugin goes on", async () => {
    const body = `count = noted = open(notes).read().split().count(str(event["id"]))
    if count == 1: raise ValueError("first")
    if count == 2: time.sleep(600)`;
    const { sandbox, folder, daemon } = await daemonWith({
      "again.py": plugin(body, "timeout='300ms', retry={'attempts': 2, 'backoff': '10ms'}"),
    });
    const { first } = sandbox.site.events.add([CHANGE]);
    await until(() => existsSync(join(folder, "notes")) && lane(daemon, "again").backlog === 0);
    expect(noted(folder)).toEqual([first, first, first]);
    expect(lane(daemon, "again").failure).toBeNull();
  });

  test("instructions are followed", async () => {
    const body = `count = open(notes).read().split().count(str(event["id"]))
    args.append(event["id"])
    if len(set(args)) == 1: raise SkipEvent("not mine")
    if len(set(args)) == 2 and count < 3: raise RetryAfter("5ms")
    if len(set(args)) == 3: raise StopPlugin("enough")`;
    const { sandbox, folder, daemon, log } = await daemonWith({
      "picky.py": plugin(body, "stopOnError=False"),
    });
    const { first } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE, CHANGE]);
    await until(() => lane(daemon, "picky").activity === "failed");
    expect(noted(folder)).toEqual([first, first + 1, first + 1, first + 1, first + 2]);
    expect(lane(daemon, "picky").failure).toMatchObject({
      code: "CALLBACK_STOPPED_PLUGIN",
      message: "StopPlugin: enough",
    });
    expect(await log.line("not mine")).toMatchObject({ level: "info" });
  });
});
