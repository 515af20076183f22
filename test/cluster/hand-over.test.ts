/** Plugins that go from one host of a cluster to another while both are there: the other has loaded them by then. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { python } from "../plugins-python/python.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 90_000;

/** Notes that it is loaded, then waits for `gate`, if bob loads it. */
const GATED = {
  ts: `import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Registrar } from "callsheet";
const { NOTES, CALLSHEET_HOST: host, SCRIPT_NAME, SCRIPT_KEY } = process.env;
appendFileSync(\`\${NOTES}/PLUGIN.loads\`, \`\${host}\\n\`);
while (host === "bob" && !existsSync(\`\${NOTES}/gate\`)) await wait(10);
LOADED
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback(SCRIPT_NAME!, SCRIPT_KEY!, function note(_sg, _logger, event) {
    appendFileSync(\`\${NOTES}/PLUGIN\`, \`\${event.id} \${event.redelivered} \${host}\\n\`);
  });
}
`,
  py: `import os, time

notes = os.environ["NOTES"] + "/PLUGIN"
host = os.environ["CALLSHEET_HOST"]
with open(notes + ".loads", "a") as loads:
    loads.write(host + "\\n")
while host == "bob" and not os.path.exists(os.environ["NOTES"] + "/gate"):
    time.sleep(0.01)


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SCRIPT_NAME"], os.environ["SCRIPT_KEY"], note)


def note(sg, logger, event, args):
    with open(notes, "a") as lines:
        lines.write("%d false %s\\n" % (event["id"], host))
`,
};

describe.skipIf(withoutPostgres)("a plugin that is handed over", { timeout: 300_000 }, () => {
  const server = useServer();
  let sandbox!: Sandbox;
  let studio: ClusterStudio;
  let visible: number[] = [];
  let feeding: NodeJS.Timeout | null = null;

  beforeEach(async () => {
    sandbox = await openSandbox();
    visible = [];
    open();
  });
  const open = (more: object = {}) => {
    const { newestId } = sandbox.site.events;
    const cluster = {
      ...{ url: server.url, schema: server.freshSchema(), lease: "3s" },
      // it is bob's where he is
      hosts: { ada: { weight: 0.001 }, bob: { weight: 1000 } },
    };
    // a host that is to be ready is waited for as long as a callback
    studio = new ClusterStudio(sandbox, cluster, {
      start: newestId + 1,
      shutdownTimeout: "60s",
      ...more,
    });
  };
  afterEach(async () => {
    if (feeding) clearInterval(feeding);
    await studio.end();
    await sandbox.close();
  });

  const add = (name: string, language: "ts" | "py", loaded = "") =>
    studio.addFile(name, language, GATED[language].replaceAll("PLUGIN", name).replace("LOADED", loaded));
  const happens = (condition: () => boolean | Promise<boolean>, what: string) =>
    until(condition, () => `not: ${what}\n${studio.words()}`, PATIENCE_MS);
  const loads = (name: string) => {
    const file = join(studio.folder, "notes", `${name}.loads`);
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  };
  const notesOf = (name: string, host: string) => studio.notes(name).filter((note) => note.host === host);
  const every = (condition: (name: string) => boolean) => studio.plugins.every(condition);
  const openGate = () => writeFileSync(join(studio.folder, "notes", "gate"), "");
  const feed = () => {
    feeding = setInterval(() => visible.push(sandbox.site.events.add([CHANGE]).first), 50);
  };
  /** Ada has them, and bob, who is there by now, loads what he is to have. */
  const bobLoads = async (how: (ada: ReturnType<ClusterStudio["start"]>) => void, one = false) => {
    const ada = studio.start("ada");
    feed();
    await happens(() => every((name) => notesOf(name, "ada").length > 5), "ada has them");
    studio.start("bob");
    await happens(async () => {
      const { cluster } = JSON.parse(await studio.callsheet("ada", "status", "--json"));
      return cluster.hosts.length === 2;
    }, "bob is there");
    how(ada);
    const isLoaded = (name: string) => loads(name).includes("bob");
    await happens(() => (one ? studio.plugins.some(isLoaded) : every(isLoaded)), "bob loads them");
    return ada;
  };
  /** Events still go to ada while bob is not ready; afterwards to bob, each once. */
  const goesOver = async () => {
    const before = new Map(studio.plugins.map((name) => [name, notesOf(name, "ada").length]));
    await happens(() => every((name) => notesOf(name, "ada").length > before.get(name)! + 3), "ada goes on");
    openGate();
    await happens(() => every((name) => notesOf(name, "bob").length > 5), "bob goes on");
    await settled();
    for (const name of studio.plugins) {
      // on a busy machine ada's lease may have run out for a moment, and ada loaded it again
      const hosts = loads(name);
      expect([hosts[0], hosts.at(-1), hosts.indexOf("bob")], name).toEqual(["ada", "bob", hosts.length - 1]);
    }
  };
  /** Everything is delivered, and once. */
  const settled = async () => {
    clearInterval(feeding!);
    await happens(() => every((name) => studio.judge(name, visible).lost.length === 0), "all is delivered");
    for (const name of studio.plugins)
      expect(studio.judge(name, visible), name).toMatchObject({ lost: [], repeats: 0, disorder: 0 });
  };

  test("when its host is asked to stop goes over once the next has loaded it, and none comes again", async () => {
    add("one", "ts");
    add("two", "ts");
    if (python) add("py", "py");
    const { ended } = await bobLoads(({ child }) => void child.kill("SIGTERM"));
    await goesOver();
    expect(await ended).toMatchObject({ code: 0 });
  });

  test("to a better host goes over in the same way", async () => {
    add("one", "ts");
    if (python) add("py", "py");
    await bobLoads(() => {}, true);
    // one at a time, so that one which goes does not wait while others are loaded
    expect(studio.plugins.filter((name) => loads(name).includes("bob"))).toHaveLength(1);
    await goesOver();
  });

  test("goes over with all others where their order is strict", async () => {
    await studio.end();
    open({ order: "strict" });
    add("one", "ts");
    add("two", "ts");
    await bobLoads(() => {});
    await goesOver();
  });

  test("that does not load beforehand is loaded when it is the next one's", async () => {
    const once = `if (readFileSync(\`\${NOTES}/one.loads\`, "utf8").split("bob").length === 2) throw new Error("not yet");`;
    add("one", "ts", once);
    await bobLoads(({ child }) => void child.kill("SIGTERM"));
    openGate();
    await happens(() => notesOf("one", "bob").length > 5, "bob goes on");
    await settled();
    expect(loads("one")).toEqual(["ada", "bob", "bob"]);
  });

  test("to a host that dies meanwhile waits for no longer than a lease", async () => {
    add("one", "ts");
    const { ended } = await bobLoads(({ child }) => void child.kill("SIGTERM"));
    await studio.daemons.get("bob")!.kill();
    expect(await ended).toMatchObject({ code: 0 });
    studio.start("cyd");
    await happens(() => notesOf("one", "cyd").length > 5, "another goes on");
    await settled();
  });
});
