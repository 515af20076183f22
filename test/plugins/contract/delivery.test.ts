/** What every kind of host keeps to: delivery, verdicts, stop and kill. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { event, Heard, type Room, run, runOf } from "../room.ts";
import { type Does, kinds } from "./kinds.ts";

describe.each(kinds)("in $name", (kind) => {
  let room: Room;

  beforeEach(async () => {
    room = await kind.open();
  });

  afterEach(() => room.close());

  const load = (does: readonly Does[], heard?: Heard) =>
    room.load(`a${kind.ending}`, kind.plugin(does), heard);

  /** `cb0 1001`: which callback said what. */
  const said = ({ lines }: Heard) =>
    lines.map(({ logger, message }) => `${logger.slice("plugin.a.".length)} ${message}`);

  test("a thousand events arrive once each, in order, from runs handed one after the other", async () => {
    const { host, heard } = await load(["tell the event"]);
    for (let first = 1; first <= 1000; first += 100) host.hand(run(first, 100));
    await heard.untilDone(1000);
    expect(heard.messages).toEqual(Array.from({ length: 1000 }, (_, i) => String(1001 + i)));
    expect(heard.lines.every(({ eventId, message }) => String(eventId) === message)).toBe(true);
    expect(room.slot).toMatchObject({ seq: 1000, begun: false, epoch: 1 });
    const calls = heard.notes.reduce((sum, note) => sum + (note.what === "progress" ? note.calls : 0), 0);
    expect(calls).toBe(1000);
  });

  test("the callbacks of an event are called in order, each finished before the next, and only those named", async () => {
    await room.write("go", "");
    const { host, heard } = await load(["wait for the file go", "tell the event", "tell the event"]);
    host.hand(
      runOf([
        { seq: 4, event: event(1), callbacks: [0, 2] },
        { seq: 9, event: event(2), callbacks: [1] },
      ]),
    );
    await heard.untilDone(9);
    expect(said(heard)).toEqual(["cb0 in", "cb0 out", "cb2 1", "cb1 2"]);
  });

  test("args is the same object each time; an event is shared by its callbacks, and fresh for the next", async () => {
    const { host, heard } = await load(["keep the event", "look at what is kept"]);
    host.hand(run(1, 1, { callbacks: [0, 1] }));
    host.hand(run(2, 1, { callbacks: [1] }));
    host.hand(run(3, 1, { callbacks: [0] }));
    await heard.untilDone(3);
    expect(heard.messages).toEqual(["1001", "kept0", "nothing0", "1001,1003"]);
  });

  test("while a callback runs, slot and host say so; afterwards they are at rest", async () => {
    const { host, heard } = await load(["nothing", "wait for the file go"]);
    expect(host.inHand()).toBeNull();
    host.hand(run(7, 1, { callbacks: [0, 1] }));
    await heard.until(({ messages }) => messages.includes("in"));
    expect(host.inHand()).toMatchObject({ seq: 7, callback: 1 });
    expect(room.slot).toMatchObject({ seq: 7, finishedCallbacks: 1, begun: true });
    await room.write("go", "");
    await heard.untilDone(7);
    expect(host.inHand()).toBeNull();
    expect(room.slot).toMatchObject({ seq: 7, begun: false });
  });

  test("time in hand is counted from the call, on the daemon's clock", async () => {
    const { host, heard } = await load(["never end"]);
    host.hand(run(1, 1));
    await heard.until(({ messages }) => messages.includes("in"));
    const first = host.inHand()!.forMs;
    const from = performance.now();
    while (performance.now() - from < 50) await new Promise((resolve) => setImmediate(resolve));
    expect(host.inHand()!.forMs - first).toBeGreaterThanOrEqual(49);
    expect(first).toBeGreaterThanOrEqual(0);
  });

  test("killed in the middle of an event: the slot says what had finished, and another host goes on from there", async () => {
    const { host, heard } = await load(["tell the event", "wait for the file go", "tell the event"]);
    host.hand(run(1, 3, { callbacks: [0, 1, 2] }));
    await heard.until(({ messages }) => messages.includes("in"));
    await host.kill();
    expect(heard.exits).toEqual([]);
    expect(heard.doneSeq).toBe(0);
    expect(room.slot).toMatchObject({ seq: 1, finishedCallbacks: 1, begun: true });
    await room.write("go", "");
    const { host: second, heard: again } = await load([
      "tell the event",
      "wait for the file go",
      "tell the event",
    ]);
    second.hand(run(1, 1, { callbacks: [1, 2], redelivered: true }));
    await again.untilDone(1);
    expect(said(again).filter((line) => line.startsWith("cb"))).toEqual(["cb1 in", "cb1 out", "cb2 1001"]);
  });

  test("a redelivered event that is killed again keeps the callbacks that had finished before", async () => {
    const { host, heard } = await load(["nothing", "nothing", "never end"]);
    host.hand(run(5, 1, { callbacks: [2], redelivered: true }));
    await heard.until(({ messages }) => messages.includes("in"));
    await host.kill();
    expect(room.slot).toMatchObject({ seq: 5, finishedCallbacks: 2, begun: true });
  });

  test("stop finishes the event in hand with all its callbacks, and drops what lies beyond", async () => {
    const { host, heard } = await load(["wait for the file go", "tell the event"]);
    host.hand(run(1, 500, { callbacks: [0, 1] }));
    host.hand(run(501, 500, { callbacks: [0, 1] }));
    await heard.until(({ messages }) => messages.includes("in"));
    const stopped = host.stop();
    await room.write("go", "");
    await stopped;
    const { doneSeq } = heard;
    if (kind.stopsAtOnce) expect(doneSeq).toBe(1);
    // on a busy machine the file may be there before the message is
    expect(doneSeq).toBeGreaterThan(0);
    expect(doneSeq).toBeLessThan(1000);
    const whole = Array.from({ length: doneSeq }, (_, i) => ["cb0 in", "cb0 out", `cb1 ${1001 + i}`]);
    expect(said(heard)).toEqual(whole.flat());
    expect(room.slot).toMatchObject({ seq: doneSeq, begun: false });
    expect(host.inHand()).toBeNull();
    expect(heard.exits).toEqual([]);
  });

  test("stop is noticed in the middle of a run of quick callbacks", async () => {
    const { host, heard } = await load(["tell the event", "take a millisecond"]);
    host.hand(run(1, 20_000, { callbacks: [0, 1] }));
    await heard.until(({ messages }) => messages.includes("1001"));
    await host.stop();
    expect(heard.doneSeq).toBeGreaterThan(0);
    expect(heard.doneSeq).toBeLessThan(20_000);
    expect(room.slot).toMatchObject({ seq: heard.doneSeq, begun: false });
  });

  test("an idle host stops, and one that was stopped twice", async () => {
    const { host, heard } = await load(["nothing"]);
    await Promise.all([host.stop(), host.stop()]);
    await host.kill();
    expect(heard.notes).toEqual([]);
  });

  test("long runs report on the way", async () => {
    const { host, heard } = await load(["take a millisecond"]);
    host.hand(run(1, 600));
    await heard.untilDone(600);
    expect(heard.notes.filter(({ what }) => what === "progress").length).toBeGreaterThan(1);
  });

  test("a failure waits for its verdict: retry calls the same callback again, continue goes on", async () => {
    const heard = new Heard();
    heard.judge = () => (heard.failures.length < 3 ? "retry" : "continue");
    const { host } = await load(["fail and count at 1002", "tell the event"], heard);
    host.hand(run(1, 3, { callbacks: [0, 1] }));
    await heard.untilDone(3);
    expect(
      heard.failures.map(({ seq, callback, error: { name, message } }) => [seq, callback, name, message]),
    ).toEqual([
      [2, 0, "TypeError", "no 1"],
      [2, 0, "TypeError", "no 2"],
      [2, 0, "TypeError", "no 3"],
    ]);
    expect(heard.messages).toEqual(["1001", "1002", "1003"]);
  });

  test("progress up to the failing event is reported before the failure", async () => {
    const { host, heard } = await load(["fail at 1003"]);
    host.hand(run(1, 5));
    await heard.until(({ failures }) => failures.length === 1);
    expect(heard.notes.map(({ what }) => what)).toEqual(["progress", "failed"]);
    expect(heard.doneSeq).toBe(2);
  });

  test("the verdict stop: nothing more is called, the failing event stays begun, and the host waits for its end", async () => {
    const { host, heard } = await load(["tell the event", "fail", "tell the event"]);
    host.hand(run(4, 3, { callbacks: [0, 1, 2] }));
    host.hand(run(7, 3, { callbacks: [0, 1, 2] }));
    await heard.until(({ failures }) => failures.length === 1);
    await host.stop();
    expect(said(heard)).toEqual(["cb0 1004"]);
    expect(room.slot).toMatchObject({ seq: 4, finishedCallbacks: 1, begun: true });
    // the calls count although no event is done: what lies before the first of them is
    const calls = heard.notes.map((note) => (note.what === "progress" ? note.calls : 0));
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(heard.doneSeq).toBe(3);
    expect(heard.exits).toEqual([]);
  });

  test.each(["stop", "kill"] as const)("%s does not wait for a verdict that never comes", async (end) => {
    const heard = new Heard();
    heard.judge = () => new Promise(() => {});
    const { host } = await load(["fail"], heard);
    host.hand(run(1, 1));
    await heard.until(({ failures }) => failures.length === 1);
    await host[end]();
    expect(room.slot).toMatchObject({ seq: 1, begun: true });
    expect(heard.exits).toEqual([]);
  });

  test("what is logged and printed carries the plugin's name and the event in hand", async () => {
    const { host, heard } = await load(["print", "tell the event"]);
    host.hand(run(1, 1, { callbacks: [0, 1] }));
    await heard.untilDone(1);
    expect(heard.lines).toEqual([
      { logger: "plugin.a", level: "info", message: "printed", eventId: 1001 },
      { logger: "plugin.a.cb1", level: "info", message: "1001", eventId: 1001 },
    ]);
  });
});
