/** The daemon is killed in the middle of replays: none begins anew, none is lost, and at most the event in hand comes again. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteJournal } from "../../../src/journal/sqlite/open.ts";
import { readAddress } from "../../../src/server/address-file.ts";
import { callsheet } from "../../cli/process.ts";
import { said } from "../../cli/said.ts";
import { withoutPython } from "../../plugins-python/python.ts";
import { openTestSandbox, studio, until } from "../rig.ts";
import { CHANGE } from "../whole.ts";

const EVENTS = 120;
/** The one in whose middle the daemon is killed. */
const HELD = 60;

/** Each notes what it gets; b stays at the event that says so until there is a file `go`. */
const TYPESCRIPT = `import { appendFileSync, existsSync } from "node:fs";
const notes = new URL("../notes.typescript", import.meta.url);
export function registerCallbacks(reg) {
  for (const name of ["a", "b"]) reg.registerCallback({ scriptName: "s", scriptKey: "k", name, callback: async (sg, logger, event) => {
    if (!event.replay) return;
    appendFileSync(notes, event.id + " " + name + (event.redelivered ? " redelivered" : "") + "\\n");
    while (event.meta?.hold && name === "b" && !existsSync(new URL("../go", import.meta.url))) await new Promise((done) => setTimeout(done, 5));
  } });
}`;

const PYTHON = `import os, time
from callsheet import replay
NOTES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "notes.python")
GO = os.path.join(os.path.dirname(NOTES), "go")
def note(name):
    def call(sg, logger, event, args):
        if replay() is None:
            return
        with open(NOTES, "a") as file:
            file.write("%d %s\\n" % (event["id"], name))
        while event["meta"] and event["meta"].get("hold") and name == "b" and not os.path.exists(GO):
            time.sleep(0.005)
    return call
def registerCallbacks(reg):
    for name in ["a", "b"]:
        reg.registerCallback("s", "k", note(name), name=name)
`;

test.skipIf(withoutPython)("a kill in the middle", { timeout: 120_000 }, async () => {
  const sandbox = await openTestSandbox();
  const plugins = { "typescript.ts": TYPESCRIPT, "python.py": PYTHON };
  const { folder, config } = await studio(sandbox, plugins, { server: { port: 0 } });
  const run = () => callsheet(["run"], { cwd: folder });
  let daemon = run();
  await daemon.says(/"message":"loaded typescript/);
  await daemon.says(/"message":"loaded python/);
  await daemon.says(/first start/);
  const { first, last } = sandbox.site.events.add(
    Array.from({ length: EVENTS }, (_, i) => (i === HELD ? { ...CHANGE, meta: { hold: true } } : CHANGE)),
  );
  await until(async () => (await ask("/status")).reader.position === last);
  const notes = (plugin: string) => {
    const file = join(folder, `notes.${plugin}`);
    if (!existsSync(file)) appendFileSync(file, "");
    return readFileSync(file, "utf8").split("\n").slice(0, -1);
  };
  const names = Object.keys(plugins).map((file) => file.split(".")[0]!);
  for (const name of names)
    expect(await ask(`/plugins/${name}/replays`, { fromId: first, dryRun: false, why: "x" })).toMatchObject({
      state: "running",
    });
  const heldCall = `${first + HELD} b`;
  await until(() => names.every((name) => notes(name).includes(heldCall)));
  daemon.kill("SIGKILL");
  await daemon.ended;
  const listed = JSON.parse((await said("replays", "--state", config.state, "--json")).stdout);
  expect(listed.replays.map(({ state }: { state: string }) => state)).toEqual(["interrupted", "interrupted"]);
  daemon = run();
  await daemon.says(/page and control API/);
  for (const id of [1, 2]) {
    const interrupted = await ask(`/replays/${id}`);
    const counts = { events: HELD, matched: HELD };
    expect(interrupted).toMatchObject({ state: "interrupted", doneId: first + HELD - 1, counts });
    await ask(`/replays/${id}/resume`, {});
  }
  appendFileSync(join(folder, "go"), "");
  for (const id of [1, 2]) {
    await until(async () => (await ask(`/replays/${id}`)).state !== "running");
    const counts = { events: EVENTS, matched: EVENTS, failed: 0 };
    expect(await ask(`/replays/${id}`)).toMatchObject({ state: "finished", counts });
  }
  daemon.kill("SIGTERM");
  expect(await daemon.ended).toMatchObject({ status: 0 });
  const wanted = Array.from({ length: EVENTS }, (_, i) => [`${first + i} a`, `${first + i} b`]).flat();
  for (const name of names) {
    const calls = notes(name).map((line) => line.replace(" redelivered", ""));
    const repeats = calls.filter((call, at) => calls.indexOf(call) !== at);
    expect(repeats, name).toEqual([heldCall]);
    expect(calls.filter((call, at) => calls.indexOf(call) === at)).toEqual(wanted);
  }
  expect(notes("typescript").filter((line) => line.endsWith("redelivered"))).toEqual([
    `${heldCall} redelivered`,
  ]);
  // the lanes know nothing of it
  const journal = await openSqliteJournal({ folder: config.state });
  onTestFinished(() => journal.close());
  for (const { cursor, failure } of await journal.lanes())
    expect([cursor, failure]).toEqual([{ seq: EVENTS, begun: null }, null]);

  // biome-ignore lint/suspicious/noExplicitAny: whatever came back is looked at by the test
  async function ask(path: string, body?: object): Promise<any> {
    const { url, token } = readAddress(config.state)!;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
    return (await fetch(`${url}/api/v1${path}`, { ...init, headers })).json();
  }
});
