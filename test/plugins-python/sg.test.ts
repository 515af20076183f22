import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openHttpTransport } from "../../src/client/http.ts";
import { Shotgun } from "../../src/client/shotgun.ts";
import type { Transport } from "../../src/client/transport.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { openTestSandbox, studio, TestLog, until } from "../daemon/rig.ts";
import { run } from "../plugins/room.ts";
import { withoutPython } from "./python.ts";
import { PythonRoom } from "./room.ts";

describe.skipIf(withoutPython)("sg in a Python plugin, where shotgun_api3 is not installed", () => {
  let site: Sandbox;
  let transport: Transport;
  let room: PythonRoom;

  beforeEach(async () => {
    site = await openSandbox({ studio: "small" });
    transport = openHttpTransport();
    const { url } = site;
    room = await PythonRoom.open({
      site: { url, timeoutMs: 20_000, httpProxy: null, caCerts: null },
      transport,
    });
  });

  afterEach(async () => {
    await room.close();
    await transport.close();
    await site.close();
  });

  /** Without what may be installed, so that the stand-in is found. */
  function plugin(body: string, key = site.scriptKey): string {
    const credentials = `${JSON.stringify(site.scriptName)}, ${JSON.stringify(key)}`;
    return `import sys
sys.path[:] = [each for each in sys.path if "site-packages" not in each and "dist-packages" not in each]
import shotgun_api3
def on(sg, logger, event, args):
    ${body}
def registerCallbacks(reg):
    reg.registerCallback(${credentials}, on)
`;
  }

  test("reads and writes the site, with the Python client's values and the event's session", async () => {
    const { host, heard } = await room.load(
      "a.py",
      plugin(`assert isinstance(sg, shotgun_api3.Shotgun)
    project = sg.find_one("Project", [["name", "is", "Demo: Animation"]], ["name", "created_at"])
    note = sg.create("Note", {"project": project, "subject": "from %d" % event["id"]}, return_fields=["subject", "created_at"])
    same = sg.find("Note", [["created_at", "is", note["created_at"]], ["id", "is", note["id"]]])
    entries = sg.find("EventLogEntry", filters=[["entity", "is", note]], fields=["session_uuid"], limit=1)
    sg.update("Note", note["id"], {"subject": "changed"})
    sg.batch([{"request_type": "delete", "entity_type": "Note", "entity_id": note["id"]}])
    zone = project["created_at"].utcoffset() is not None
    logger.info("%s %s %d %s %s", project["name"], note["subject"], len(same), entries[0]["session_uuid"], zone)`),
    );
    host.hand(run(1, 2));
    await heard.until(
      ({ messages, failures, doneSeq }) => doneSeq === 2 || messages.length > 2 || failures.length > 0,
    );
    expect(heard.failures.map(({ error }) => error.stack)).toEqual([]);
    expect(heard.messages).toEqual([
      "Demo: Animation from 1001 1 session-1001 True",
      "Demo: Animation from 1002 1 session-1002 True",
    ]);
  });

  test("raises what the Python client raises", async () => {
    const { host, heard } = await room.load(
      "a.py",
      plugin(`try: sg.find("Nothing", [])
    except shotgun_api3.Fault as error: logger.info("%s", type(error).__name__)
    try: shotgun_api3.Shotgun(sg.base_url, "x", "wrong").find("Shot", [])
    except shotgun_api3.AuthenticationFault as error: logger.info("refused")
    try: shotgun_api3.Shotgun("http://127.0.0.1:1", "x", "wrong")
    except ConnectionRefusedError as error: logger.info("away")`),
    );
    host.hand(run(1, 1));
    await heard.untilDone(1);
    expect(heard.messages).toEqual(["Fault", "refused", "away"]);
  });

  test("can be used by several threads of the plugin at once", async () => {
    const { host, heard } = await room.load(
      "a.py",
      plugin(`from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda n: sg.find_one("Task", [["id", "is", n]])["id"], range(1, 17)))
    logger.info(ids == list(range(1, 17)))`),
    );
    host.hand(run(1, 1));
    await heard.until(({ doneSeq, failures }) => doneSeq === 1 || failures.length > 0);
    expect(heard.messages).toEqual(["True"]);
  });

  test.each(["fork", "spawn", "forkserver"])(
    "works in processes of multiprocessing, as events do: %s",
    async (way) => {
      const credentials = [site.url, site.scriptName, site.scriptKey]
        .map((each) => JSON.stringify(each))
        .join(", ");
      const work = `import multiprocessing
from callsheet import RetryAfter
def work(event):
    sg = shotgun_api3.Shotgun(${credentials})
    return event["id"], event["created_at"], sg.find_one("Project", [])["type"]
`;
      const body = `with multiprocessing.get_context("${way}").Pool(2) as pool:
        got = pool.map_async(work, [event, event]).get(25)
    logger.info(got == [(event["id"], event["created_at"], "Project")] * 2)`;
      const { host, heard } = await room.load("a.py", plugin(body).replace("def on", `${work}def on`));
      host.hand(run(1, 1));
      await heard.until(({ doneSeq, failures }) => doneSeq === 1 || failures.length > 0);
      expect(heard.messages).toEqual(["True"]);
    },
  );
});

test.skipIf(withoutPython)("an installed shotgun_api3 is taken instead of the stand-in", async () => {
  const room = await PythonRoom.open();
  await room.write(
    "installed/shotgun_api3/__init__.py",
    "class Shotgun:\n    def __init__(self, *args, **kwargs): self.given = args, kwargs\n    def set_session_uuid(self, uuid): self.uuid = uuid\n",
  );
  const other = await PythonRoom.open({
    path: [join(room.folder, "installed")],
    site: { url: "https://studio.example", timeoutMs: 5000, httpProxy: "u:p@proxy:3128", caCerts: "/ca.pem" },
  });
  try {
    const { host, heard } = await other.load(
      "a.py",
      "def on(sg, logger, event, args): logger.info('%s %s %s', sg.given, sg.uuid, sg.given[1]['api_key'][::-1])\ndef registerCallbacks(reg): reg.registerCallback('name', 'the-key', on)\n",
    );
    host.hand(run(1, 1));
    await heard.untilDone(1);
    // a key is masked in what a plugin logs, but not backwards
    expect(heard.messages).toEqual([
      "(('https://studio.example',), {'script_name': 'name', 'api_key': '[hidden]', 'http_proxy': 'u:p@proxy:3128', 'ca_certs': '/ca.pem', 'connect': False}) session-1001 yek-eht",
    ]);
  } finally {
    await other.close();
    await room.close();
  }
});

test.skipIf(withoutPython)(
  "the daemon runs Python plugins: from the site to a write on it, and reloads them",
  async () => {
    const sandbox = await openTestSandbox();
    const { scriptName, scriptKey } = sandbox;
    const source = (mark: string) => `def on(sg, logger, event, args):
    logger.info("${mark} %s by %s", event["meta"]["entity_type"], sg.find_one("Project", [])["type"])
def registerCallbacks(reg):
    reg.registerCallback(${JSON.stringify(scriptName)}, ${JSON.stringify(scriptKey)}, on, {"Shotgun_Shot_New": None})
`;
    const { config, folder } = await studio(sandbox, { "watch.py": source("one") });
    const log = new TestLog();
    const daemon = await startDaemon({ config, log });
    try {
      await log.line("loaded watch (1 callback");
      await using site = new Shotgun(sandbox.url, { scriptName, scriptKey });
      const project = await site.create("Project", { name: "P" });
      await site.create("Shot", { project, code: "sh010" });
      await log.line("one Shot by Project");
      writeFileSync(join(folder, "plugins", "watch.py"), source("two"));
      await log.line("reloaded watch");
      await site.create("Shot", { project, code: "sh020" });
      expect(await log.line("two Shot by Project")).toMatchObject({
        name: expect.stringContaining("plugin.watch.on"),
        level: "info",
      });
      await until(() => daemon.status().plugins[0]!.backlog === 0);
      expect(daemon.status().plugins[0]).toMatchObject({ name: "watch", calls: 2, failure: null });
    } finally {
      await daemon.stop();
    }
  },
);
