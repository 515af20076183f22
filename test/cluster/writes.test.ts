/** What a plugin is about to write to the site when its daemon stands still, or loses its database, is not sent once another has its event. */
import { afterEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { type LossyProxy, startProxy } from "../journal/postgres/proxy.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { python } from "../plugins-python/python.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 90_000;

/** Called for the first time it writes for ever, many at a time, so that some are on their way at any moment; called again, once. */
const TYPESCRIPT = `import { appendFileSync } from "node:fs";
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback(process.env.SCRIPT_NAME!, process.env.SCRIPT_KEY!, async (sg, _logger, event) => {
    const host = process.env.CALLSHEET_HOST!;
    appendFileSync(\`\${process.env.NOTES}/writer\`, \`\${event.id} \${event.redelivered} \${host}\\n\`);
    const write = () => sg.create("Tag", { name: [host, event.id, Math.random()].join(" ") });
    const onAndOn = async () => {
      do await write(); while (!event.redelivered);
    };
    await Promise.all(Array.from({ length: 8 }, onAndOn));
  }, { Shotgun_Task_Change: null });
}
`;
const PYTHON = `import logging, os, random, shotgun_api3

again = []


class Again(logging.Handler):
    def emit(self, record):
        if "comes again" in record.msg:
            again.append(record.args[0])


logging.getLogger("plugin.writer").addHandler(Again())


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SCRIPT_NAME"], os.environ["SCRIPT_KEY"], write, {"Shotgun_Task_Change": None})


def write(sg, logger, event, args):
    host = os.environ["CALLSHEET_HOST"]
    comes_again = event["id"] in again
    with open(os.environ["NOTES"] + "/writer", "a") as notes:
        notes.write("%d %s %s\\n" % (event["id"], "true" if comes_again else "false", host))
    while True:
        sg.create("Tag", {"name": "%s %d %s" % (host, event["id"], random.random())})
        if comes_again:
            return
`;
const LANGUAGES = [
  ["TypeScript", "ts", TYPESCRIPT],
  ...(python ? [["Python", "py", PYTHON] as const] : []),
] as const;

describe.skipIf(withoutPostgres)("a plugin in the middle of writing", { timeout: 300_000 }, () => {
  const server = useServer();
  let sandbox: Sandbox;
  let line: LossyProxy;
  let studio: ClusterStudio;
  /** Who wrote for the first event, write by write, as the site took them. */
  let writers: string[] = [];

  afterEach(async () => {
    await studio.end();
    line.hold(false);
    await line.close();
    await sandbox.close();
  });

  /** On ada, whose line to the database is `line`, and bob waits for its turn. */
  const writing = async (ending: string, source: string) => {
    sandbox = await openSandbox();
    line = await startProxy(server.port);
    writers = [];
    const { newestId } = sandbox.site.events;
    sandbox.site.onWrite(({ payload }) => {
      const [, host, id] = /"(ada|bob) (\d+) /.exec(JSON.stringify(payload))!;
      if (Number(id) === newestId + 1) writers.push(host!);
    });
    // where it is at first does not depend on names
    const hosts = { ada: { weight: 1000 }, bob: { weight: 0.001 } };
    const cluster = { url: { env: "DATABASE" }, schema: server.freshSchema(), lease: "3s", hosts };
    studio = new ClusterStudio(sandbox, cluster, {
      start: newestId + 1,
      python: { interpreter: python ?? "python3" },
    });
    studio.addFile("writer", ending, source);
    const url = new URL(server.url);
    url.port = String(line.port);
    const ada = studio.start("ada", { DATABASE: url.href });
    await happens(() => ada.words.includes("loaded writer"), "it is loaded on ada");
    const bob = studio.start("bob", { DATABASE: server.url });
    await happens(() => bob.words.includes("control API at"), "bob is there");
    sandbox.site.events.add([CHANGE]);
    await happens(() => writers.length > 50, "it writes");
    return { ada, bob };
  };
  const happens = (condition: () => boolean, what: string) =>
    until(condition, () => `not: ${what}\n${writers.join(" ")}\n${studio.words()}`, PATIENCE_MS);

  test.each(LANGUAGES)(
    "has none of it sent when its daemon is frozen, and thawed after a take-over: %s",
    async (_, ending, source) => {
      const { ada } = await writing(ending, source);
      ada.child.kill("SIGSTOP");
      await happens(() => writers.includes("bob"), "bob has the event, and writes");
      const before = writers.filter((host) => host === "ada").length;
      ada.child.kill("SIGCONT");
      await happens(() => ada.words.includes("writer was taken over"), "ada knows");
      await happens(() => ada.hosts().length === 0, "its python process has ended");
      // a way that was open would have been used by now: bob's is
      sandbox.site.events.add([CHANGE]);
      await happens(() => studio.notes("writer").length > 2, "the next event is delivered");
      expect(writers.filter((host) => host === "ada").length).toBe(before);
      const [first, again] = studio.notes("writer");
      expect(first).toMatchObject({ host: "ada", redelivered: false });
      expect(again).toMatchObject({ host: "bob", redelivered: true });
    },
  );

  test.each(LANGUAGES)(
    "writes no more once its lease may have run out while it is cut off from the database: %s",
    async (_, ending, source) => {
      const { ada } = await writing(ending, source);
      line.hold(true);
      await happens(() => writers.includes("bob"), "bob has the event, and writes");
      const firstOfBob = writers.indexOf("bob");
      line.hold(false);
      await happens(() => ada.words.includes("writer was taken over"), "ada knows");
      await happens(() => ada.hosts().length === 0, "its python process has ended");
      expect(writers.slice(firstOfBob)).not.toContain("ada");
    },
  );
});
