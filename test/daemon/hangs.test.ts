/** Plugins that hang where a daemon might wait for them: while they are loaded again, and in a replay. In threads and in python processes. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withoutPython } from "../plugins-python/python.ts";
import { ended, WHO } from "./replay/rig.ts";
import { until } from "./rig.ts";
import { CHANGE, daemonWith, ids, lane, notes, recorder } from "./whole.ts";

const REAL = { dryRun: false, keepGoing: false };

interface Language {
  file: string;
  /** Notes what it gets, outside of replays. `atLoad` and `inReplay`: lines of the file, and of the callback in a replay. */
  plugin(parts?: { atLoad?: string; inReplay?: string }): string;
  hang: string;
  /** Only in a replay, where there is a file `hang` beside the plugins. */
  hangIfAsked: string;
}

const typescript: Language = {
  file: "stuck.ts",
  plugin: ({
    atLoad = "",
    inReplay = "return;",
  } = {}) => `import { existsSync, writeFileSync } from "node:fs";
${atLoad}
${recorder("stuck", "null", `if (event.replay) { ${inReplay} }`)}`,
  hang: "for (;;);",
  hangIfAsked: `if (existsSync(new URL("../hang", import.meta.url))) for (;;);`,
};

const python: Language = {
  file: "stuck.py",
  plugin: ({ atLoad = "", inReplay = "return" } = {}) => `import json, os
from callsheet import replay
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
${atLoad}
def registerCallbacks(reg):
    reg.registerCallback("s", "k", note)
def note(sg, logger, event, args):
    if replay():
        ${inReplay}
    with open(os.path.join(HERE, "notes"), "a") as out:
        out.write(json.dumps({"file": "stuck", "id": event["id"]}) + "\\n")
`,
  hang: "while True: pass",
  hangIfAsked: `if os.path.exists(os.path.join(HERE, "hang")):
    while True: pass`,
};

const LANGUAGES = [
  ["a thread", typescript],
  ...(withoutPython ? [] : [["a python process", python] as const]),
] as const;

describe.each(LANGUAGES)("in %s", (_, { file, plugin, hang, hangIfAsked }) => {
  it("a plugin that hangs while it is loaded again is ended and told, and has all its events when it is mended", {
    timeout: 120_000,
  }, async () => {
    const { sandbox, folder, daemon, log } = await daemonWith(
      { [file]: plugin() },
      // long enough for a good one on a busy machine
      { loadTimeout: "8s" },
    );
    const before = sandbox.site.events.add([CHANGE]);
    await until(() => notes(folder, "stuck").length === 1);
    writeFileSync(join(folder, "plugins", file), plugin({ atLoad: hang }));
    await until(() => lane(daemon, "stuck").activity === "loading");
    const meanwhile = sandbox.site.events.add([CHANGE, CHANGE]);
    const told = await log.line("did not finish loading within 8 s");
    expect(told).toMatchObject({ level: "error", code: "PLUGIN_LOAD_TIMEOUT" });
    await until(() => lane(daemon, "stuck").activity === "unloadable");
    writeFileSync(join(folder, "plugins", file), plugin());
    await until(() => notes(folder, "stuck").length === 3);
    expect(ids(folder, "stuck")).toEqual([before.first, meanwhile.first, meanwhile.last]);
  });

  it("a plugin that hangs while it is loaded again holds up neither the others nor a daemon that is to stop", async () => {
    const plugins = { [file]: plugin(), "calm.ts": recorder("calm") };
    const { sandbox, folder, daemon } = await daemonWith(plugins, { loadTimeout: "10m" });
    writeFileSync(join(folder, "plugins", file), plugin({ atLoad: hang }));
    await until(() => lane(daemon, "stuck").activity === "loading");
    sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => notes(folder, "calm").length === 2);
    expect(lane(daemon, "stuck")).toMatchObject({ activity: "loading", backlog: 2 });
    // it would wait for ten minutes otherwise
    await daemon.stop();
  });

  it("a plugin that hangs in a replay delays neither its lane nor others, and can be stopped", async () => {
    const inReplay = file.endsWith(".py")
      ? `open(os.path.join(HERE, "pid"), "w").write(str(os.getpid()))\n        ${hang}`
      : hang;
    const { sandbox, folder, daemon } = await daemonWith(
      { [file]: plugin({ inReplay }), "calm.ts": recorder("calm") },
      { shutdownTimeout: "300ms" },
    );
    const { first } = sandbox.site.events.add([CHANGE]);
    await until(() => notes(folder, "stuck").length === 1);
    await daemon.replays.start("stuck", { from: { eventId: first }, ...REAL }, WHO);
    await until(async () => (await daemon.replays.get(1)).inHand?.eventId === first);
    sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => notes(folder, "stuck").length === 3 && notes(folder, "calm").length === 3);
    if (file.endsWith(".py")) await until(() => existsSync(join(folder, "pid")));
    await daemon.replays.stop(1, WHO);
    expect(await ended(daemon, 1)).toMatchObject({
      state: "stopped",
      doneId: first - 1,
      counts: { events: 0 },
    });
    if (file.endsWith(".py")) await until(() => !runs(Number(readFileSync(join(folder, "pid"), "utf8"))));
  });

  it("a plugin that hangs while it is loaded for a replay fails that replay alone, in a sentence", {
    timeout: 120_000,
  }, async () => {
    const { sandbox, folder, daemon } = await daemonWith(
      { [file]: plugin({ atLoad: hangIfAsked }) },
      { loadTimeout: "8s" },
    );
    const { first } = sandbox.site.events.add([CHANGE]);
    await until(() => notes(folder, "stuck").length === 1);
    writeFileSync(join(folder, "hang"), "");
    await daemon.replays.start("stuck", { from: { eventId: first }, ...REAL }, WHO);
    sandbox.site.events.add([CHANGE]);
    await until(() => notes(folder, "stuck").length === 2);
    const { state, problem } = await ended(daemon, 1);
    expect({ state, problem }).toMatchObject({
      state: "failed",
      problem: { code: "PLUGIN_LOAD_TIMEOUT", message: expect.stringContaining("did not finish loading") },
    });
    sandbox.site.events.add([CHANGE]);
    await until(() => notes(folder, "stuck").length === 3);
  });
});

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
