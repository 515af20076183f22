/** Python plugins under a whole daemon: states that are no errors, and a folder in one process. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, daemonWith, lane } from "../daemon/whole.ts";
import { python, withoutPython } from "./python.ts";

const IN_FOLDER = { python: { interpreter: python ?? "python3", group: "folder" } };
const ALONE = { python: { interpreter: python ?? "python3" } };

/** Writes down the ids that it gets, after `body`. */
const recorder = (name: string, body = "pass") => `import os
notes = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "notes-${name}")
def on(sg, logger, event, args):
    ${body}
    with open(notes, "a") as file: file.write("%d\\n" % event["id"])
def registerCallbacks(reg): reg.registerCallback("s", "the-key", on)
`;

function noted(folder: string, name: string): number[] {
  const file = join(folder, `notes-${name}`);
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
}

describe.skipIf(withoutPython)("the daemon", () => {
  test("tells a helper and a plugin without callbacks from trouble; the latter's events pass by", async () => {
    const plugins = {
      "helper.py": "VALUE = 1\n",
      "quiet.py": "def registerCallbacks(reg): pass\n",
      "good.py": recorder("good"),
    };
    const { sandbox, folder, daemon, log } = await daemonWith(plugins, ALONE);
    expect([lane(daemon, "helper").activity, lane(daemon, "quiet").activity]).toEqual(["helper", "idle"]);
    const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => noted(folder, "good").length === 2 && lane(daemon, "quiet").backlog === 0);
    expect(await log.line("helper is taken for a helper")).toMatchObject({ level: "info" });
    expect(await log.line("loaded quiet (0 callbacks")).toMatchObject({ level: "warn" });
    expect(log.lines.filter(({ level }) => level === "error" || level === "critical")).toEqual([]);
    writeFileSync(join(folder, "plugins/helper.py"), recorder("helper"));
    await until(() => noted(folder, "helper").length === 2);
    expect(noted(folder, "helper")).toEqual([first, first + 1]);
    expect(lane(daemon, "helper").activity).toBe("running");
  });

  test("loads plugins side by side: those that wait for one another at load are all there in the end", async () => {
    const waiting = (own: string, other: string) => `import os, time
here = os.path.dirname(os.path.abspath(__file__))
open(os.path.join(here, "..", "${own}"), "w").close()
while not os.path.exists(os.path.join(here, "..", "${other}")): time.sleep(0.005)
def registerCallbacks(reg): pass
`;
    const plugins = { "a.py": waiting("a", "b"), "b.py": waiting("b", "a") };
    const { daemon } = await daemonWith(plugins, { ...ALONE, loadTimeout: "15s" });
    expect([lane(daemon, "a").activity, lane(daemon, "b").activity]).toEqual(["idle", "idle"]);
  });

  test("a plugin that ends the process of its folder stops alone; the others get every event once", async () => {
    const bad = (body: string) => recorder("bad", body);
    const { sandbox, folder, daemon, log } = await daemonWith(
      { "bad.py": bad("os._exit(3)"), "good.py": recorder("good"), "other.py": recorder("other") },
      IN_FOLDER,
    );
    const { first } = sandbox.site.events.add(Array.from({ length: 20 }, () => CHANGE));
    await until(() => lane(daemon, "bad").activity === "failed");
    await until(() => [noted(folder, "good"), noted(folder, "other")].every(({ length }) => length >= 20));
    expect(lane(daemon, "bad").failure).toMatchObject({
      code: "HOST_EXITED",
      eventId: first,
      callback: "on",
    });
    expect(await log.line("goes on in a new host: bad ended the process they share")).toMatchObject({
      level: "warn",
    });
    writeFileSync(join(folder, "plugins/bad.py"), bad("pass"));
    await until(() => noted(folder, "bad").length === 20);
    const all = Array.from({ length: 20 }, (_, i) => first + i);
    expect([noted(folder, "bad"), noted(folder, "good"), noted(folder, "other")]).toEqual([all, all, all]);
    await log.line("comes again");
    expect(log.lines.filter(({ message }) => message.includes("comes again"))).toHaveLength(1);
  });

  test("a call past its timeout ends the process of its folder; the others go on at once", async () => {
    const slow = recorder("slow", "__import__('time').sleep(600)").replace(", on)", ", on, timeout='300ms')");
    const { sandbox, folder, daemon } = await daemonWith(
      { "slow.py": slow, "good.py": recorder("good") },
      IN_FOLDER,
    );
    sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => lane(daemon, "slow").activity === "failed" && noted(folder, "good").length === 2);
    expect(lane(daemon, "slow").failure).toMatchObject({ code: "CALLBACK_TIMEOUT" });
    expect(lane(daemon, "good").failure).toBeNull();
  });
});
