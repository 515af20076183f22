import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Heard, run } from "../plugins/room.ts";
import { withoutPython } from "./python.ts";
import { PythonRoom, plugin } from "./room.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe.skipIf(withoutPython)("loading a Python plugin", () => {
  let room: PythonRoom;

  beforeEach(async () => {
    room = await PythonRoom.open();
  });

  afterEach(() => room.close());

  test.each<[string, string, RegExp]>([
    [
      "print 'a'",
      "print 'hello'\n",
      /^PLUGIN_SYNTAX: .*a\.py:1: this is Python 2 \(.*, and the interpreter is Python 3\.\d+\.\d+\. Convert/,
    ],
    [
      "except E, e",
      "try:\n    pass\nexcept ValueError, e:\n    pass\n",
      /^PLUGIN_SYNTAX: .*a\.py:3: this is Python 2/,
    ],
    ["raise E, text", "def f():\n    raise ValueError, 'x'\n", /^PLUGIN_SYNTAX: .*a\.py:2: this is Python 2/],
    [
      "urllib2",
      "import os\nimport urllib2\n",
      /^PLUGIN_LOAD: .*ModuleNotFoundError: No module named 'urllib2' \(.*a\.py:2\)\. In Python 3 there is no module urllib2/,
    ],
    ["a syntax error", "def f(:\n", /^PLUGIN_SYNTAX: .*a\.py:1: /],
    [
      "a throw",
      "x = 1\n1 / 0\n",
      /^PLUGIN_LOAD: .*a\.py failed while it was loaded: ZeroDivisionError: division by zero \(.*a\.py:2\)\.$/,
    ],
    [
      "a throw in registerCallbacks",
      "def registerCallbacks(reg):\n    1 / 0\n",
      /^PLUGIN_LOAD: .* failed while it registered: Zero.*:2\)\.$/,
    ],
    ["sys.exit", "import sys\nsys.exit(4)\n", /^PLUGIN_LOAD: .* SystemExit: 4/],
    [
      "os._exit",
      "import os\nos._exit(4)\n",
      /^PLUGIN_LOAD: .*a\.py ended its host while it was loaded: its process ended with exit code 4\.$/,
    ],
    [
      "a missing variable",
      "import os\nos.environ['NO_SUCH_KEY']\n",
      /^PLUGIN_LOAD: .* KeyError: 'NO_SUCH_KEY' \(.*\)\. Set the environment variable NO_SUCH_KEY/,
    ],
    [
      "a missing module",
      "import no_such_module\n",
      /^PLUGIN_LOAD: .*Install no_such_module for the interpreter .*python/,
    ],
    [
      "a text that is no Python",
      "import ast\ndef registerCallbacks(reg):\n    ast.literal_eval('1 +')\n",
      /^PLUGIN_LOAD: .*a\.py failed while it registered: SyntaxError: invalid syntax .*a\.py:3\)\.$/,
    ],
    ["no registerCallbacks", "x = 1\n", /^PLUGIN_NO_REGISTER: .*a\.py has no function registerCallbacks/],
    [
      "no key",
      "def registerCallbacks(reg):\n    reg.registerCallback('s', None, print)\n",
      /^PLUGIN_REGISTRATION: .*a\.py:2: registerCallback: sgScriptKey is None\. If it/,
    ],
    [
      "a key for a callback",
      "def registerCallbacks(reg):\n    reg.registerCallback('s', 'x', 'secret')\n",
      /^PLUGIN_REGISTRATION: .*callback is a text, not a function\.$/,
    ],
    [
      "odd matchEvents",
      "def registerCallbacks(reg):\n    reg.registerCallback('s', 'x', print, {'A': 5})\n",
      /^PLUGIN_REGISTRATION: .*matchEvents\['A'\] is 5\./,
    ],
  ])("fails with one sentence: %s", async (_, source, sentence) => {
    const error = await room.loadError("a.py", source);
    expect(error.describe()).toMatch(sentence);
    expect(error.modules.map(({ path }) => path)).toContain(join(room.folder, "a.py"));
  });

  test("is tried again while the site is away, and only then", async () => {
    const away = await PythonRoom.open({ loadAgainAfterMs: 10 });
    const source = `import os
tries = ${JSON.stringify(join(away.folder, "tries"))}
with open(tries, "a") as file: file.write("x")
if os.path.getsize(tries) < 3:
    raise ConnectionRefusedError(111, "Connection refused")
def registerCallbacks(reg): pass
`;
    const { heard } = await away.load("a.py", source);
    expect(heard.messages.map((line) => line.replace(/^.*\. It/, "It"))).toEqual([
      "It is loaded again in 0.01 s.",
      "It is loaded again in 0.02 s.",
    ]);
    await expect(away.load("b.py", "raise ValueError('no')")).rejects.toThrow("ValueError: no");
    const abort = new AbortController();
    const path = await away.write("c.py", "raise TimeoutError('timed out')");
    const loading = away.start(path, heard, abort.signal);
    await heard.until(({ messages }) => messages.some((line) => line.includes("c.py")));
    abort.abort();
    await expect(loading).rejects.toThrow("no longer wanted");
    await away.close();
  });

  test("is tried again while the site is away, whatever the plugin made of that", async () => {
    let away = true;
    const room = await PythonRoom.open({ loadAgainAfterMs: 10, siteIsAway: async () => away });
    const heard = new Heard();
    const log = heard.log.bind(heard);
    heard.log = (line) => {
      log(line);
      away = heard.lines.length < 2;
    };
    const fails = (body: string) => room.load("a.py", `import sys\n${body}\n`, heard);
    await expect(fails("sys.exit('no connection')")).rejects.toThrow("SystemExit: no connection");
    expect(heard.messages.map((line) => line.replace(/^.*\. It/, "It"))).toEqual([
      "It is loaded again in 0.01 s.",
      "It is loaded again in 0.02 s.",
    ]);
    away = true;
    await expect(fails("import no_such_module")).rejects.toThrow("no_such_module");
    await expect(fails("def f(:")).rejects.toThrow("a.py:2");
    expect(heard.messages).toHaveLength(2);
    await room.close();
  });

  test("is tried again when its process was killed from outside", async () => {
    const patient = await PythonRoom.open({ loadAgainAfterMs: 10 });
    const source = `import os, signal, subprocess
mark = ${JSON.stringify(join(patient.folder, "mark"))}
if not os.path.exists(mark):
    open(mark, "w").close()
    subprocess.Popen(["kill", "-9", str(os.getpid())])
    while True: pass
def registerCallbacks(reg): reg.registerCallback("s", "the-key", print)
`;
    const { host, heard } = await patient.load("a.py", source);
    expect(host.callbacks).toHaveLength(1);
    expect(heard.messages).toEqual([
      expect.stringMatching(/was ended by SIGKILL .*It is loaded again in 0\.01 s/),
    ]);
    await patient.close();
  });

  test("that registers nothing while the site is away is loaded again, and only then", async () => {
    let away = true;
    const room = await PythonRoom.open({ loadAgainAfterMs: 10, siteIsAway: async () => away });
    const heard = new Heard();
    const log = heard.log.bind(heard);
    heard.log = (line) => {
      log(line);
      away = heard.lines.length < 2;
    };
    const source = "def registerCallbacks(reg): pass\n";
    const { host } = await room.load("a.py", source, heard);
    expect(heard.messages).toEqual([
      `${room.folder}/a.py registered no callback while the site is away. It is loaded again in 0.01 s.`,
      `${room.folder}/a.py registered no callback while the site is away. It is loaded again in 0.02 s.`,
    ]);
    expect(host.callbacks).toEqual([]);
    await room.close();
  });

  test("keeps the traceback of a failed load, without the guest's frames", async () => {
    const error = await room.loadError("a.py", "def f():\n    1 / 0\nf()\n");
    expect((error.cause as Error).stack).toMatch(/^Traceback[\s\S]*a\.py", line 3, in <module>[\s\S]*in f/);
    expect((error.cause as Error).stack).not.toContain("callsheet_guest");
  });

  test("finds helpers beside the plugin and in python.path, and knows the files it read", async () => {
    const helper = "VALUE = 'beside'\n";
    await room.write("helper_beside.py", helper);
    const elsewhere = "VALUE = 'elsewhere'\n";
    await room.write("lib/helper_elsewhere.py", elsewhere);
    await room.write("late_helper.py", "VALUE = 'late'\n");
    const other = await PythonRoom.open({ path: [join(room.folder, "lib")] });
    const source = `import helper_beside, helper_elsewhere\n${plugin("import late_helper; logger.info(helper_beside.VALUE + helper_elsewhere.VALUE)")}`;
    const path = await room.write("a.py", source);
    const heard = new Heard();
    const host = await other.start(path, heard);
    const known = () =>
      Object.fromEntries(
        host.modules.map(({ path, sha256 }) => [path.slice(room.folder.length + 1), sha256]),
      );
    expect(known()).toEqual({
      "a.py": sha256(source),
      "helper_beside.py": sha256(helper),
      "lib/helper_elsewhere.py": sha256(elsewhere),
    });
    host.hand(run(1, 1));
    await heard.untilDone(1);
    expect(heard.messages).toEqual(["besideelsewhere"]);
    expect(Object.keys(known())).toContain("late_helper.py");
    await other.close();
  });

  test("the module is what dataclasses, pickle and its own import find, under its plain name", async () => {
    const { heard } = await room.load(
      "a.py",
      `from __future__ import annotations
import dataclasses, pickle, sys
@dataclasses.dataclass
class Shot:
    code: str
import a
print(pickle.loads(pickle.dumps(Shot("x"))).code, a.Shot is Shot, __name__, flush=True)
def registerCallbacks(reg): pass
`,
    );
    expect(heard.messages).toEqual(["x True a"]);
  });

  test("what a plugin with a dot in its name defines can be pickled", async () => {
    const { heard } = await room.load(
      "a.v2.py",
      "import pickle\nclass Shot: pass\nprint(type(pickle.loads(pickle.dumps(Shot()))) is Shot)\ndef registerCallbacks(reg): pass\n",
    );
    expect(heard.messages).toEqual(["True"]);
  });

  test("the module has a name of its own in sys.modules besides", async () => {
    const { heard } = await room.load(
      "a.py",
      "import sys\nown = sys.modules['a']\nprint([name.startswith('callsheet_plugin_') for name, each in sorted(sys.modules.items()) if each is own])\ndef registerCallbacks(reg): pass\n",
    );
    expect(heard.messages).toEqual(["[False, True]"]);
  });

  test("a plugin with the name of a package may import that package", async () => {
    const { heard } = await room.load(
      "json.py",
      "import json\nprint(json.dumps([1]), flush=True)\ndef registerCallbacks(reg): pass\n",
    );
    expect(heard.messages).toEqual(["[1]"]);
  });

  test("sockets have a timeout of a minute, arguments and paths are the plugin's", async () => {
    const { heard } = await room.load(
      "a.py",
      "import socket, sys\nprint(socket.getdefaulttimeout(), sys.argv == [__file__], [each for each in sys.path if each.endswith('guest')], flush=True)\ndef registerCallbacks(reg): pass\n",
    );
    expect(heard.messages).toEqual(["60.0 True []"]);
  });
});
