import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { event, run, runOf } from "../plugins/room.ts";
import { withoutPython } from "./python.ts";
import { PythonRoom, plugin } from "./room.ts";

describe.skipIf(withoutPython)("a Python plugin", () => {
  let room: PythonRoom;

  beforeEach(async () => {
    room = await PythonRoom.open();
  });

  afterEach(() => room.close());

  test("gets a thousand events once each, in order, from runs handed one after the other", async () => {
    const { host, heard } = await room.load("a.py", plugin("logger.info('%d', event['id'])"));
    for (let first = 1; first <= 1000; first += 100) host.hand(run(first, 100));
    await heard.untilDone(1000);
    expect(heard.messages).toEqual(Array.from({ length: 1000 }, (_, i) => String(1001 + i)));
    expect(heard.lines.every(({ eventId, message }) => String(eventId) === message)).toBe(true);
    expect(room.slot).toMatchObject({ seq: 1000, begun: false, epoch: 1 });
    const calls = heard.notes.reduce((sum, note) => sum + (note.what === "progress" ? note.calls : 0), 0);
    expect(calls).toBe(1000);
  });

  test("has its callbacks called in order, and only those named for an event", async () => {
    const { host, heard } = await room.load(
      "a.py",
      plugin("logger.info('0')", "logger.info('1')", "logger.info('2')"),
    );
    host.hand(
      runOf([
        { seq: 4, event: event(1), callbacks: [1] },
        { seq: 9, event: event(2), callbacks: [0, 2] },
      ]),
    );
    await heard.untilDone(9);
    expect(heard.messages).toEqual(["1", "0", "2"]);
    expect(heard.lines.map(({ logger }) => logger)).toEqual(["plugin.a.cb1", "plugin.a.cb0", "plugin.a.cb2"]);
  });

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

  test("keeps args and globals; an event's dict is shared by the callbacks, and fresh for the next event", async () => {
    const { host, heard } = await room.load(
      "a.py",
      plugin(
        "args['seen'].append(event['id']); event['mark'] = id(event); logger.info(len(args['seen']))",
        "logger.info(event['mark'] == id(event)); logger.info(len(args['seen']))",
      ),
    );
    host.hand(run(1, 2, { callbacks: [0, 1] }));
    await heard.untilDone(2);
    expect(heard.messages).toEqual(["1", "True", "0", "2", "True", "0"]);
  });

  test("has the event's session on its own connection, made from the arguments of its registration", async () => {
    const { host, heard } = await room.load(
      "a.py",
      plugin(...Array(2).fill("logger.info('%s %s %s', sg.session, sg.url, sorted(sg.given.items()))")),
    );
    host.hand(run(1, 1, { callbacks: [0, 1] }));
    await heard.untilDone(1);
    const given = (key: string) =>
      `session-1001 https://studio.example [('api_key', '${key}'), ('ca_certs', None), ('connect', False), ('http_proxy', None), ('script_name', 'script')]`;
    expect(heard.messages).toEqual([given("the-key-0"), given("the-key-1")]);
  });

  test("that fails waits for the verdict, and does what it says", async () => {
    const { host, heard } = await room.load(
      "a.py",
      plugin(
        "args['seen'].append(1)\n    if len(args['seen']) < 3: raise ValueError('no %d' % len(args['seen']))",
        "logger.info('b')",
      ),
    );
    const verdicts = ["retry", "continue"] as const;
    heard.judge = () => verdicts[heard.failures.length - 1]!;
    host.hand(run(1, 2, { callbacks: [0, 1] }));
    await heard.untilDone(2);
    expect(heard.failures.map(({ seq, callback, error }) => [seq, callback, error.message])).toEqual([
      [1, 0, "no 1"],
      [1, 0, "no 2"],
    ]);
    expect(heard.messages).toEqual(["b", "b"]);
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
    expect(heard.messages).toEqual(["event 1003 comes again: its host ended in the middle of it", "b"]);
  });

  test("finishes the event in hand when it is stopped, and begins no other", async () => {
    const wait =
      "logger.info('begun')\n    while not os.path.exists(args_file): time.sleep(0.005)\n    logger.info('done')";
    const { host, heard } = await room.load(
      "a.py",
      `args_file = ${JSON.stringify(`${room.folder}/go`)}\n${plugin(wait)}`,
    );
    host.hand(run(1, 5));
    await heard.until(({ messages }) => messages.includes("begun"));
    expect(host.inHand()).toMatchObject({ seq: 1, callback: 0 });
    const stopped = host.stop();
    await room.write("go", "");
    await stopped;
    expect(heard.messages).toEqual(["begun", "done"]);
    expect(room.slot).toMatchObject({ seq: 1, begun: false });
    expect(host.inHand()).toBeNull();
    expect(heard.doneSeq).toBe(1);
  });

  test("that idles stops at once", async () => {
    const { host, heard } = await room.load("a.py", plugin("pass"));
    await host.stop();
    expect(heard.exits).toEqual([]);
  });

  test("says how long its call has been going on", async () => {
    const { host, heard } = await room.load("a.py", plugin("logger.info('begun'); time.sleep(600)"));
    host.hand(run(1, 1));
    await heard.until(({ messages }) => messages.includes("begun"));
    const before = host.inHand()!.forMs;
    while (host.inHand()!.forMs < before + 50) await new Promise((resolve) => setImmediate(resolve));
    expect(host.inHand()).toMatchObject({ seq: 1, callback: 0 });
    await host.kill();
    expect(heard.exits).toEqual([]);
    expect(room.slot).toMatchObject({ seq: 1, begun: true });
  });
});
