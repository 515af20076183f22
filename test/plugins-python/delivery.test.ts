import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { event, Heard, run, runOf } from "../plugins/room.ts";
import { withoutPython } from "./python.ts";
import { FAKE_API, PythonRoom, plugin } from "./room.ts";

describe.skipIf(withoutPython)("a Python plugin", () => {
  let room: PythonRoom;

  beforeEach(async () => {
    room = await PythonRoom.open();
  });

  afterEach(() => room.close());

  test("gets an event as the Python client returns it: a plain dict, times as datetimes of the local zone", async () => {
    const see = `import datetime
    at = event.pop("created_at")
    due = event["meta"].pop("new_value")
    zones = [each.utcoffset() is not None and each.astimezone(datetime.timezone.utc).isoformat() for each in (at, due)]
    local = at.utcoffset() == at.astimezone().utcoffset()
    logger.info(json.dumps([type(event) is dict, zones, local, event], sort_keys=True))`;
    const { host, heard } = await room.load("a.py", plugin(see));
    const meta = {
      type: "attribute_change",
      new_value: "2026-07-01T12:00:00Z",
      text: "2026-13-45T12:00:00Z",
    };
    const sent = event(5, {
      meta,
      entity: null,
      user: { type: "HumanUser", id: 2 ** 53 - 1, name: "Zoë 🎬" },
    });
    host.hand(runOf([{ seq: 1, event: sent }]));
    await heard.untilDone(1);
    const { created_at: _, meta: __, ...rest } = sent;
    expect(JSON.parse(heard.messages[0]!)).toEqual([
      true,
      ["2026-11-01T08:00:00+00:00", "2026-07-01T12:00:00+00:00"],
      true,
      { ...rest, meta: { type: "attribute_change", text: "2026-13-45T12:00:00Z" } },
    ]);
  });

  test("that waits for its events in a cluster has made its connection by then", async () => {
    const content = plugin("pass").replace("        self.url", "        print('made')\n        self.url");
    const path = await room.write("a.py", content);
    const heard = new Heard();
    await room.hosts.start({
      plugin: { path, name: "a", language: "python", folder: 0 },
      slot: null,
      listener: heard,
      signal: new AbortController().signal,
    });
    await expect.poll(() => heard.messages).toEqual(["made"]);
  });

  test("says that it is done when it was asked to stop, though its exit takes longer", async () => {
    const start = `import atexit, os, time
def leave():
    while not os.path.exists(FOLDER + "/go"): time.sleep(0.01)
    open(FOLDER + "/left", "w").close()
atexit.register(leave)`.replaceAll("FOLDER", JSON.stringify(room.folder));
    const { host } = await room.load("a.py", `${start}\n${plugin("pass")}`);
    const gone = host.stop();
    await host.quiet;
    await room.write("go", "");
    await gone;
    expect(existsSync(join(room.folder, "left"))).toBe(true);
  });

  test("has the event's session on its own connection, made from the arguments of its registration", async () => {
    const { host, heard } = await room.load(
      "a.py",
      plugin(
        ...Array(2).fill(
          "logger.info('%s %s %s %s', sg.session, sg.url, sorted(sg.given.items()), sg.given['api_key'][::-1])",
        ),
      ),
    );
    host.hand(run(1, 1, { callbacks: [0, 1] }));
    await heard.untilDone(1);
    // a key is masked in what a plugin logs, but not backwards
    const given = (yek: string) =>
      `session-1001 https://studio.example [('api_key', '[hidden]'), ('ca_certs', None), ('connect', False), ('http_proxy', None), ('script_name', 'script')] ${yek}`;
    expect(heard.messages).toEqual([given("0-yek-eht"), given("1-yek-eht")]);
  });

  test("has its connection made when it is first called, and once", async () => {
    const told = FAKE_API.replace(
      "self.session = url, given, None",
      "self.session = url, given, None; print('made')",
    );
    const { host, heard } = await room.load("a.py", plugin("pass").replace(FAKE_API, told));
    expect(heard.messages).toEqual([]);
    host.hand(run(1, 3));
    await heard.untilDone(3);
    expect(heard.messages).toEqual(["made"]);
  });

  test("has no session set where the configuration says so", async () => {
    const without = await PythonRoom.open({ useSessionUuid: false });
    const { host, heard } = await without.load("a.py", plugin("logger.info(sg.session)"));
    host.hand(run(1, 1));
    await heard.untilDone(1);
    expect(heard.messages).toEqual(["None"]);
    await without.close();
  });

  test("that is stopped by the verdict calls nothing more, and its slot says where it was", async () => {
    const { host, heard } = await room.load(
      "a.py",
      plugin("logger.info('a')", "raise SystemExit(3)", "logger.info('c')"),
    );
    host.hand(run(7, 3, { callbacks: [0, 1, 2] }));
    await heard.until(({ failures }) => failures.length > 0);
    await host.stop();
    expect(heard.messages).toEqual(["a"]);
    expect(heard.failures[0]).toMatchObject({
      seq: 7,
      callback: 1,
      error: { name: "SystemExit", message: "3" },
    });
    expect(room.slot).toMatchObject({ seq: 7, begun: true, finishedCallbacks: 1 });
    expect(heard.exits).toEqual([]);
  });

  test("goes on after its finished callbacks when an event comes again, and a line says so", async () => {
    const { host, heard } = await room.load("a.py", plugin("logger.info('a')", "logger.info('b')"));
    host.hand(run(3, 1, { callbacks: [1], redelivered: true }));
    await heard.untilDone(3);
    expect(heard.messages).toEqual(["event 1003 comes again: it may have been begun before", "b"]);
  });
});
