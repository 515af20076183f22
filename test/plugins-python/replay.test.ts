/** Replays of Python plugins: the mark, and dry runs with the stand-in and with an installed client. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { Shotgun } from "../../src/client/shotgun.ts";
import type { CaughtWrite } from "../../src/daemon/replay/dry/caught.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { ended, WHO } from "../daemon/replay/rig.ts";
import { openTestSandbox, temporaryFolder, until } from "../daemon/rig.ts";
import { CHANGE, daemonWith } from "../daemon/whole.ts";
import { INSTALLED } from "./installed-client.ts";
import { withoutPython } from "./python.ts";

let sandbox: Sandbox;
let site: Shotgun;
let shot: { type: string; id: number };

beforeEach(async () => {
  sandbox = await openTestSandbox();
  const { url, scriptName, scriptKey } = sandbox;
  site = new Shotgun(url, { scriptName, scriptKey, dates: "string" });
  onTestFinished(() => site.close());
  const project = await site.create("Project", { name: "Night Bus" });
  shot = await site.create("Shot", { project, code: "sh010", sg_status_list: "wtg" });
});

/** @param body of a callback, that is called in a replay */
function plugin(body: string): string {
  const credentials = `${JSON.stringify(sandbox.scriptName)}, ${JSON.stringify(sandbox.scriptKey)}`;
  return `import callsheet
import shotgun_api3
SHOT = ${shot.id}
def on_task(sg, logger, event, args):
    assert type(event) is dict and "replay" not in event
    replay = callsheet.replay()
    if replay is None:
        logger.info("live")
        return
${body.replaceAll(/^/gm, "    ")}
def registerCallbacks(reg):
    reg.registerCallback(${credentials}, on_task, {"Shotgun_Task_Change": None})
`;
}

async function replayed(source: string, options: { dryRun: boolean; config?: object }) {
  const { daemon, log } = await daemonWith({ "p.py": source }, options.config ?? {}, sandbox);
  const { first } = sandbox.site.events.add([CHANGE]);
  await log.line("live");
  await until(() => daemon.status().plugins[0]!.backlog === 0);
  const newest = await newestId();
  const { dryRun } = options;
  await daemon.replays.start(
    "p",
    { from: { eventId: first }, to: { eventId: first }, dryRun, keepGoing: true },
    WHO,
  );
  const end = await ended(daemon, 1);
  const failures = await daemon.replays.failures(1, 10);
  const kept = await daemon.replays.writes<CaughtWrite>(1, { after: 0, limit: 500 });
  const said = log.lines
    .filter((line) => line.replay === 1 && line.name.startsWith("plugin."))
    .map(({ message }) => message);
  return {
    daemon,
    end,
    first,
    failures,
    writes: kept.map(({ write }) => write),
    said,
    unchanged: (await newestId()) === newest,
  };
}

async function newestId(): Promise<number> {
  const entry = await site.findOne("EventLogEntry", [], [], {
    order: [{ field_name: "id", direction: "desc" }],
  });
  return entry!.id;
}

const WRITES = `import os, tempfile
sg.update("Shot", SHOT, {"sg_status_list": "fin", "code": "sh010"})
logger.info("%s", sg.find_one("Shot", [["id", "is", SHOT]], ["sg_status_list"])["sg_status_list"])
note = sg.create("Note", {"subject": "hello"}, return_fields=["subject"])
sg.update("Note", note["id"], {"subject": "changed"})
logger.info("%s %s", note["id"], sg.find_one("Note", [["id", "is", note["id"]]], ["subject"])["subject"])
logger.info("%s", sg.delete("Shot", SHOT))
logger.info("%s", len(sg.batch([{"request_type": "create", "entity_type": "Note", "data": {"subject": "one"}}])))
path = os.path.join(tempfile.mkdtemp(), "frame.png")
with open(path, "wb") as file:
    file.write(b"not really a picture")
logger.info("%s", sg.upload("Version", 5, path, field_name="sg_uploaded_movie") < 0)`;

const CAUGHT = ["update", "create", "update", "delete", "create", "upload"];

test.skipIf(withoutPython)(
  "callbacks see the mark, and event stays a plain dict",
  { timeout: 60_000 },
  async () => {
    const { end, said, failures } = await replayed(
      plugin(`logger.info("%s", sorted(replay.items()))
sg.update("Shot", SHOT, {"code": "sh011"})`),
      { dryRun: false },
    );
    expect(failures).toEqual([]);
    expect(end).toMatchObject({ state: "finished", counts: { matched: 1, failed: 0, writes: 0 } });
    expect(said).toEqual(["[('dry_run', False), ('id', 1)]"]);
    expect(await site.findOne("Shot", [["id", "is", shot.id]], ["code"])).toMatchObject({ code: "sh011" });
  },
);

test.skipIf(withoutPython)("a dry run catches what the stand-in writes", { timeout: 60_000 }, async () => {
  const { end, said, failures, writes, unchanged } = await replayed(plugin(WRITES), { dryRun: true });
  expect(failures.map(({ failure }) => failure.stack)).toEqual([]);
  expect(end).toMatchObject({ state: "finished" });
  expect(unchanged).toBe(true);
  expect(writes.map(({ method }) => method)).toEqual(CAUGHT);
  expect(writes[0]).toMatchObject({
    callback: "on_task",
    entity: { ...shot, name: "sh010" },
    fields: [
      { field: "sg_status_list", before: "wtg", after: "fin", changed: true },
      { field: "code", changed: false },
    ],
  });
  expect(said).toEqual(["fin", "-1 changed", "True", "1", "True"]);
});

test.skipIf(withoutPython)(
  "a dry run catches what an installed shotgun_api3 writes",
  { timeout: 60_000 },
  async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "shotgun_api3"));
    writeFileSync(join(folder, "shotgun_api3/__init__.py"), INSTALLED);
    const { said, failures, writes, unchanged } = await replayed(
      plugin(`assert shotgun_api3.__file__.startswith(${JSON.stringify(folder)})
${WRITES.replaceAll(', return_fields=["subject"]', "")}`),
      { dryRun: true, config: { python: { path: [folder] } } },
    );
    expect(failures.map(({ failure }) => failure.stack)).toEqual([]);
    expect(unchanged).toBe(true);
    expect(writes.map(({ method }) => method)).toEqual(CAUGHT);
    expect(writes.at(-1)).toMatchObject({
      entity: { type: "Version", id: 5 },
      given: { field: "sg_uploaded_movie" },
    });
    expect(said).toEqual(["fin", "-1 changed", "True", "1", "True"]);
  },
);

test.skipIf(withoutPython)(
  "what would write in any other way is refused: another client, and processes of multiprocessing",
  { timeout: 90_000 },
  async () => {
    const { url, scriptName, scriptKey } = sandbox;
    const { said, unchanged } = await replayed(
      plugin(`import json, multiprocessing, urllib.request
auth = {"script_name": ${JSON.stringify(scriptName)}, "script_key": ${JSON.stringify(scriptKey)}}
fields = [{"field_name": "code", "value": "past"}]
body = {"method_name": "update", "params": [auth, {"type": "Shot", "id": SHOT, "fields": fields}]}
try:
    urllib.request.urlopen(${JSON.stringify(`${url}/api3/json`)}, json.dumps(body).encode())
except Exception as error:
    logger.info("%s: %s", type(error).__name__, error)
logger.info("%s", urllib.request.urlopen(${JSON.stringify(`${url}/`)}).status)
for way in ["fork", "spawn"]:
    with multiprocessing.get_context(way).Pool(1) as pool:
        try:
            pool.apply_async(write, [SHOT]).get(25)
        except Exception as error:
            logger.info("%s: %s", way, error)`).replace(
        "def on_task",
        `def write(number):
    shotgun_api3.Shotgun(${[url, scriptName, scriptKey].map((each) => JSON.stringify(each)).join(", ")}).update("Shot", number, {"code": "past"})
def on_task`,
      ),
      { dryRun: true },
    );
    expect(unchanged).toBe(true);
    expect(said).toEqual([
      expect.stringMatching(/^DryRunRefused: this is a dry run, and POST \/api3\/json would reach the site/),
      "200",
      expect.stringMatching(/^fork: .*this is a dry run/),
      expect.stringMatching(/^spawn: .*this is a dry run/),
    ]);
    expect(await site.findOne("Shot", [["id", "is", shot.id]], ["code"])).toMatchObject({ code: "sh010" });
  },
);
