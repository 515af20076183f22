/** What the Python daemon was seen to do to plugins, by the letters of that list, and what Callsheet does. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTestSandbox, studio, TestLog, until } from "../../daemon/rig.ts";
import { allNotes, CHANGE, daemonWith, ids, lane, notes, start } from "../../daemon/whole.ts";
import { withoutPython } from "../python.ts";
import { PythonRoom } from "../room.ts";
import { pythonCallbacks, pythonRecorder } from "./plugins.ts";

const good = { "good.py": pythonRecorder("good") };

describe.skipIf(withoutPython)("with Python plugins", { timeout: 120_000 }, () => {
  test.each([
    ["True", true],
    ["False", false],
    ["'u@d'", ["u@d"]],
    ["'u@d', 'v@d'", ["u@d", "v@d"]],
  ])("H: setEmails(%s) means what it says", async (given, emails) => {
    const room = await PythonRoom.open();
    onTestFinished(() => room.close());
    const { host } = await room.load("a.py", `def registerCallbacks(reg): reg.setEmails(${given})`);
    expect(host.emails).toEqual(emails);
  });

  test("I: a text for a list matches any part of it, an empty list nothing, and * hides other keys", async () => {
    const recorders = {
      text: `{"Shotgun_Task_Change": "sg_status_list"}`,
      nothing: `{"Shotgun_Task_Change": []}`,
      star: `{"*": ["code"], "Shotgun_Task_Change": ["sg_status_list"]}`,
      all: "{}",
    };
    const plugins = Object.fromEntries(
      Object.entries(recorders).map(([name, filter]) => [`${name}.py`, pythonRecorder(name, filter)]),
    );
    const { sandbox, folder, daemon, log } = await daemonWith(plugins);
    const fields = ["sg_status_list", "status", "s", "code", "sg_status_list_2"];
    const rows = [...fields, null].map((attribute_name) => ({ ...CHANGE, attribute_name }));
    const { first } = sandbox.site.events.add(rows);
    await until(
      () =>
        ids(folder, "all").length === rows.length &&
        daemon.status().plugins.every(({ backlog }) => backlog === 0),
    );
    const seen = (name: string) => ids(folder, name).map((id) => rows[id - first]!.attribute_name);
    expect(seen("text")).toEqual(["sg_status_list", "status", "s"]);
    const warnings = log.lines.filter(
      ({ name, level }) => name.startsWith("plugin.text") && level === "warn",
    );
    expect(warnings.map(({ message }) => message)).toEqual(
      ["status", "s"].map(
        (field) =>
          `matchEvents has the text 'sg_status_list' for Shotgun_Task_Change, which matches '${field}' too; write ['sg_status_list'] for that field alone`,
      ),
    );
    expect(seen("nothing")).toEqual([]);
    expect(seen("star")).toEqual(["code"]);
  });

  test("K: after a failure the mended plugin goes on at the callback that failed", async () => {
    const plugin = (body: string) => pythonCallbacks({ a: "pass", b: body });
    const { sandbox, folder, daemon } = await daemonWith({
      "two.py": plugin("raise ValueError(event['id'])"),
      ...good,
    });
    const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => lane(daemon, "two").activity === "failed" && ids(folder, "good").length === 2);
    expect(allNotes(folder).filter(({ file }) => file !== "good")).toEqual([{ file: "a", id: first }]);
    writeFileSync(join(folder, "plugins/two.py"), plugin("pass"));
    await until(() => notes(folder, "b").length === 2);
    const order = allNotes(folder).filter(({ file }) => file !== "good");
    expect(order.map(({ file, id }) => [file, id - first])).toEqual([
      ["a", 0],
      ["b", 0],
      ["a", 1],
      ["b", 1],
    ]);
  });

  test("L: a plugin that was loaded while the site was away is active once it is back", async () => {
    const sandbox = await openTestSandbox();
    const { url, scriptName, scriptKey } = sandbox;
    const connects = `import shotgun_api3
${pythonRecorder("eager")}
register = registerCallbacks
def registerCallbacks(reg):
    shotgun_api3.Shotgun(${JSON.stringify(url)}, ${JSON.stringify(scriptName)}, ${JSON.stringify(scriptKey)}).info()
    register(reg)
`;
    await sandbox.unplug();
    const { folder, config } = await studio(sandbox, { "eager.py": connects });
    const log = new TestLog();
    const daemon = await start(config, log);
    expect(await log.line("It is loaded again in")).toMatchObject({ level: "warn" });
    await sandbox.plugIn();
    await log.line("loaded eager (1 callback");
    await until(() => daemon.status().site.state === "connected");
    sandbox.site.events.add([CHANGE]);
    await until(() => ids(folder, "eager").length === 1);
  });

  test("N: a plugin folder that vanishes for a while takes nothing down", async () => {
    const { sandbox, folder, daemon, log } = await daemonWith(good);
    renameSync(join(folder, "plugins"), join(folder, "hidden"));
    await log.line("PLUGIN_FOLDER");
    sandbox.site.events.add([CHANGE]);
    await until(() => ids(folder, "good").length === 1);
    renameSync(join(folder, "hidden"), join(folder, "plugins"));
    await until(() => daemon.status().folderProblems.length === 0);
    sandbox.site.events.add([CHANGE]);
    await until(() => ids(folder, "good").length === 2);
    expect(lane(daemon, "good")).toMatchObject({ reloads: 0 });
  });

  test("W: a callback with the wrong number of arguments is that plugin's failure", async () => {
    const bad = `def on(sg): pass\ndef registerCallbacks(reg): reg.registerCallback("s", "k", on)\n`;
    const { sandbox, folder, daemon, log } = await daemonWith({ "bad.py": bad, ...good });
    sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => ids(folder, "good").length === 2 && lane(daemon, "bad").activity === "failed");
    const line = await log.line("on failed on event");
    expect(line.message).toMatch(/TypeError: on\(\) takes 1 positional argument but 4 were given/);
    expect(line.code).toBe("CALLBACK_FAILED");
  });

  test.each(["KeyboardInterrupt()", "SystemExit(3)"])(
    "X: %s in a callback is that plugin's failure",
    async (thrown) => {
      const plugin = (body: string) => pythonCallbacks({ on: body });
      const { sandbox, folder, daemon, log } = await daemonWith({
        "bad.py": plugin(`raise ${thrown}`),
        ...good,
      });
      const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
      await until(() => ids(folder, "good").length === 2 && lane(daemon, "bad").activity === "failed");
      expect((await log.line("on failed on event")).message).toContain(thrown.replace(/\(.*/, ""));
      writeFileSync(join(folder, "plugins/bad.py"), plugin("pass"));
      await until(() => ids(folder, "on").length === 2);
      expect(ids(folder, "on")).toEqual([first, first + 1]);
    },
  );

  test("P: dataclasses with annotations as texts, pickles, and the import of a sibling work", async () => {
    const room = await PythonRoom.open();
    onTestFinished(() => room.close());
    await room.write("sibling.py", "def word(): return 'hello'\n");
    const { heard } = await room.load(
      "modern.py",
      `from __future__ import annotations
import pickle
from dataclasses import dataclass
from typing import ClassVar
import sibling
@dataclass
class Shot:
    kind: ClassVar[str] = "shot"
    code: str = "sh010"
def registerCallbacks(reg):
    back = pickle.loads(pickle.dumps(Shot()))
    reg.logger.info("%s %s %s", back, type(back) is Shot, sibling.word())
`,
    );
    expect(heard.messages).toEqual(["Shot(code='sh010') True hello"]);
  });
});
