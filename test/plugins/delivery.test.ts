import { afterEach, beforeEach, expect, test } from "vitest";
import { event, Heard, Room, run, runOf } from "./room.ts";

let room: Room;

beforeEach(async () => {
  room = await Room.open();
});

afterEach(() => room.close());

/** A plugin whose callbacks log what they see; `bodies` come after. */
function plugin(...bodies: string[]): string {
  const names = bodies.map((_, i) => `cb${i}`);
  return `export function registerCallbacks(reg) {
    ${names.map((name) => `reg.registerCallback("script", "key", ${name}, null, { seen: [] });`).join("\n")}
  }
  ${bodies.map((body, i) => `async function ${names[i]}(sg, logger, event, args) { ${body} }`).join("\n")}`;
}

test("a thousand events arrive once each, in order, from runs handed one after the other", async () => {
  const { host, heard } = await room.load("a.ts", plugin("logger.info('%d', event.id);"));
  for (let first = 1; first <= 1000; first += 100) host.hand(run(first, 100));
  await heard.untilDone(1000);
  expect(heard.messages).toEqual(Array.from({ length: 1000 }, (_, i) => String(1001 + i)));
  expect(heard.lines.every(({ eventId, message }) => String(eventId) === message)).toBe(true);
  expect(room.slot).toMatchObject({ seq: 1000, begun: false, epoch: 1 });
  const calls = heard.notes.reduce((sum, note) => sum + (note.what === "progress" ? note.calls : 0), 0);
  expect(calls).toBe(1000);
});

test("callbacks of an event are called in order, and an async one is awaited", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin(
      "await new Promise((resolve) => setTimeout(resolve, 5)); logger.info('first %d', event.id);",
      "logger.info('second %d', event.id);",
    ),
  );
  host.hand(run(1, 2, { callbacks: [0, 1] }));
  await heard.untilDone(2);
  expect(heard.messages).toEqual(["first 1001", "second 1001", "first 1002", "second 1002"]);
  expect(heard.lines.map(({ logger }) => logger)).toContain("plugin.a.cb1");
});

test("only the callbacks named for an event are called", async () => {
  const { host, heard } = await room.load(
    "a.ts",
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
});

test("an event is as documented: the site's fields, a Date, and redelivered", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin("logger.info('%j', [event, event.created_at instanceof Date])"),
  );
  const first = event(5, { meta: null, entity: null, user: { type: "HumanUser", id: 1, name: "Zoë 🎬" } });
  host.hand(
    runOf([
      { seq: 1, event: first, redelivered: true },
      { seq: 2, event: event(6) },
    ]),
  );
  await heard.untilDone(2);
  expect(heard.messages.map((text) => JSON.parse(text))).toEqual([
    [{ ...first, created_at: "2026-11-01T08:00:00.000Z", redelivered: true }, true],
    [{ ...event(6), created_at: "2026-11-01T08:00:00.000Z", redelivered: false }, true],
  ]);
});

test("args is the same object each time; the event is fresh each time, and shared by the callbacks", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin(
      "args.seen.push(event.id); event.extra = 'kept'; logger.info('%j', args.seen)",
      "logger.info('%s %j', event.extra, args.seen)",
    ),
  );
  host.hand(run(1, 1, { callbacks: [0, 1] }));
  host.hand(run(2, 1, { callbacks: [1, 0] }));
  await heard.untilDone(2);
  expect(heard.messages).toEqual(["[1001]", "kept []", "undefined []", "[1001,1002]"]);
});

test("while a callback runs, the slot and the control block say so; afterwards they are at rest", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin("logger.info('quick')", "logger.info('waiting'); await new Promise((go) => setTimeout(go, 30))"),
  );
  expect(host.inHand()).toBeNull();
  host.hand(run(7, 1, { callbacks: [0, 1] }));
  await heard.until(({ messages }) => messages.includes("waiting"));
  expect(host.inHand()).toMatchObject({ seq: 7, callback: 1 });
  expect(room.slot).toMatchObject({ seq: 7, finishedCallbacks: 1, begun: true });
  await heard.untilDone(7);
  expect(host.inHand()).toBeNull();
  expect(room.slot).toMatchObject({ seq: 7, begun: false });
});

test("time in hand is counted from the call, on the daemon's clock", async () => {
  const { host, heard } = await room.load("a.ts", plugin("logger.info('in'); await new Promise(() => {})"));
  host.hand(run(1, 1));
  await heard.until(({ messages }) => messages.includes("in"));
  const from = performance.now();
  const first = host.inHand()!.forMs;
  while (performance.now() - from < 50) await new Promise((resolve) => setImmediate(resolve));
  const grown = host.inHand()!.forMs - first;
  expect(grown).toBeGreaterThanOrEqual(49);
  expect(first).toBeGreaterThanOrEqual(0);
});

test("killed in the middle of an event: the slot says what had finished, and redelivery goes on from there", async () => {
  const source = plugin(
    "logger.info('0 %d %s', event.id, event.redelivered)",
    "logger.info('1 %d %s', event.id, event.redelivered); if (event.id === 1002 && !event.redelivered) for (;;);",
    "logger.info('2 %d %s', event.id, event.redelivered)",
  );
  const { host, heard } = await room.load("a.ts", source);
  host.hand(run(1, 3, { callbacks: [0, 1, 2] }));
  await heard.until(({ messages }) => messages.includes("1 1002 false"));
  await host.kill();
  expect(heard.exits).toEqual([]);
  expect(room.slot).toMatchObject({ seq: 2, finishedCallbacks: 1, begun: true });
  const { host: second, heard: again } = await room.load("a.ts", source);
  second.hand(run(2, 1, { callbacks: [1, 2], redelivered: true }));
  await again.untilDone(2);
  expect(again.messages).toEqual(["1 1002 true", "2 1002 true"]);
});

test("a redelivered event that is killed again keeps the callbacks that had finished before", async () => {
  const { host, heard } = await room.load("a.ts", plugin("", "", "logger.info('in'); for (;;);"));
  host.hand(run(5, 1, { callbacks: [2], redelivered: true }));
  await heard.until(({ messages }) => messages.includes("in"));
  await host.kill();
  expect(room.slot).toMatchObject({ seq: 5, finishedCallbacks: 2, begun: true });
});

test("stop finishes the event in hand with all its callbacks, and drops what lies beyond", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin(
      "logger.info('0 %d', event.id); await new Promise((go) => setTimeout(go, 20))",
      "logger.info('1 %d', event.id)",
    ),
  );
  host.hand(run(1, 50, { callbacks: [0, 1] }));
  host.hand(run(51, 50, { callbacks: [0, 1] }));
  await heard.until(({ messages }) => messages.includes("0 1003"));
  await host.stop();
  expect(heard.messages.slice(-2)).toEqual(["0 1003", "1 1003"]);
  expect(heard.doneSeq).toBe(3);
  expect(room.slot).toMatchObject({ seq: 3, begun: false });
  expect(heard.exits).toEqual([]);
});

test("stop is noticed in the middle of a run of sync callbacks", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    `export function registerCallbacks(reg) { reg.registerCallback("s", "k", on); }
    function on(sg, logger, event) {
      if (event.id === 1001) logger.info("begun");
      const from = performance.now();
      while (performance.now() - from < 1);
    }`,
  );
  host.hand(run(1, 20_000));
  await heard.until(({ messages }) => messages.includes("begun"));
  await host.stop();
  expect(heard.doneSeq).toBeGreaterThan(0);
  expect(heard.doneSeq).toBeLessThan(20_000);
  expect(room.slot).toMatchObject({ seq: heard.doneSeq, begun: false });
});

test("an idle host stops, and one that was stopped twice", async () => {
  const { host, heard } = await room.load("a.ts", plugin("logger.info('x')"));
  await Promise.all([host.stop(), host.stop()]);
  await host.kill();
  expect(heard.notes).toEqual([]);
});

test("long runs of sync callbacks let timers run and report on the way", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    `let ticks = 0; setInterval(() => { ticks += 1; }, 1);
    export function registerCallbacks(reg) { reg.registerCallback("s", "k", on); }
    function on(sg, logger, event) {
      const from = performance.now();
      while (performance.now() - from < 1);
      if (event.id === 1600) logger.info("%d", ticks);
    }`,
  );
  host.hand(run(1, 600));
  await heard.untilDone(600);
  expect(Number(heard.messages[0])).toBeGreaterThan(1);
  expect(heard.notes.filter(({ what }) => what === "progress").length).toBeGreaterThan(1);
});

test("a failure waits for its verdict: retry calls the same callback again, continue goes on", async () => {
  const heard = new Heard();
  heard.judge = () => (heard.failures.length < 3 ? "retry" : "continue");
  const { host } = await room.load(
    "a.ts",
    plugin(
      "if (event.id === 1002) { args.seen.push(1); throw new Error('no ' + args.seen.length); }",
      "logger.info('%d', event.id)",
    ),
    heard,
  );
  host.hand(run(1, 3, { callbacks: [0, 1] }));
  await heard.untilDone(3);
  expect(heard.failures.map(({ seq, callback, error }) => [seq, callback, error.message])).toEqual([
    [2, 0, "no 1"],
    [2, 0, "no 2"],
    [2, 0, "no 3"],
  ]);
  expect(heard.messages).toEqual(["1001", "1002", "1003"]);
});

test("progress up to the failing event is reported before the failure", async () => {
  const { host, heard } = await room.load("a.ts", plugin("if (event.id === 1003) throw new Error('no')"));
  host.hand(run(1, 5));
  await heard.until(({ failures }) => failures.length === 1);
  expect(heard.notes.map(({ what }) => what)).toEqual(["progress", "failed"]);
  expect(heard.doneSeq).toBe(2);
});

test("the verdict stop: nothing more is called, the failing event stays begun, and the host waits for its end", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin("logger.info('0 %d', event.id)", "throw new Error('no')"),
  );
  host.hand(run(4, 3, { callbacks: [0, 1] }));
  host.hand(run(7, 3, { callbacks: [0, 1] }));
  await heard.until(({ failures }) => failures.length === 1);
  await host.stop();
  expect(heard.messages).toEqual(["0 1004"]);
  expect(room.slot).toMatchObject({ seq: 4, finishedCallbacks: 1, begun: true });
  expect(heard.doneSeq).toBe(0);
});

test("stop and kill do not wait for a verdict that never comes", async () => {
  for (const end of ["stop", "kill"] as const) {
    const heard = new Heard();
    heard.judge = () => new Promise(() => {});
    const { host } = await room.load("a.ts", plugin("throw new Error('no')"), heard);
    host.hand(run(1, 1));
    await heard.until(({ failures }) => failures.length === 1);
    await host[end]();
    expect(room.slot).toMatchObject({ seq: 1, begun: true });
  }
});

test("what a callback throws may be an instruction, whichever copy of Callsheet it comes from", async () => {
  const heard = new Heard();
  heard.judge = () => "continue";
  const { host } = await room.load(
    "a.ts",
    `import { RetryAfter, SkipEvent, StopPlugin } from "callsheet";
    class Foreign extends Error { name = "RetryAfter"; delay = 7; }
    const thrown = [new RetryAfter(1500), new SkipEvent(), new StopPlugin("enough"), new Foreign(), new RetryAfter(NaN),
      new RetryAfter(-1), new RetryAfter(Infinity), Object.assign(new Error("x"), { name: "RetryAfter" }), new Error("x")];
    export function registerCallbacks(reg) { reg.registerCallback("s", "k", () => { throw thrown.shift(); }); }`,
    heard,
  );
  host.hand(run(1, 9));
  await heard.untilDone(9);
  expect(heard.failures.map(({ instruction }) => instruction)).toEqual([
    { kind: "retry", delayMs: 1500 },
    { kind: "skip" },
    { kind: "stop" },
    { kind: "retry", delayMs: 7 },
    { kind: "retry", delayMs: 0 },
    { kind: "retry", delayMs: 0 },
    { kind: "retry", delayMs: 2 ** 31 - 1 },
    { kind: "none" },
    { kind: "none" },
  ]);
  expect(heard.failures[2]!.error.message).toBe("enough");
});

test("a rejected promise, a thenable that throws and a getter that throws are failures like any other", async () => {
  const heard = new Heard();
  heard.judge = () => "continue";
  const { host } = await room.load(
    "a.ts",
    `export function registerCallbacks(reg) {
      reg.registerCallback("s", "k", () => Promise.reject(new Error("rejected")));
      reg.registerCallback("s", "k", () => ({ then() { throw new Error("thenable"); } }));
      reg.registerCallback("s", "k", () => ({ get then() { throw new Error("getter"); } }));
    }`,
    heard,
  );
  host.hand(run(1, 1, { callbacks: [0, 1, 2] }));
  await heard.untilDone(1);
  expect(heard.failures.map(({ error }) => error.message)).toEqual(["rejected", "thenable", "getter"]);
});
