/** Holding back together: the gate by itself, and several clients on one transport. */
import { openHttpTransport, Shotgun } from "callsheet/client";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type GateOptions, SiteGate } from "../../src/client/gate.ts";
import { rejection } from "./connect.ts";
import { Recorder } from "./recorder.ts";

interface Reply {
  status: number;
  headers: Record<string, string>;
  shared?: boolean;
}

const reply = (status: number): Reply => ({ status, headers: {} });

/** A gate, what has been sent through it, and the means to answer that. */
function opened(options: Partial<GateOptions> = {}) {
  const gate = new SiteGate<Reply>({ limit: 2, holdMs: 1, maxHoldMs: 50, ...options });
  const sent: { name: string; answer(reply: Reply): void; fail(error: Error): void }[] = [];
  const run = (name: string, signal?: AbortSignal) =>
    gate.run(
      (done) => {
        const { promise, resolve, reject } = Promise.withResolvers<Reply>();
        sent.push({ name, answer: resolve, fail: reject });
        return promise.finally(done);
      },
      (refusal) => ({ ...refusal, shared: true }),
      signal,
    );
  const names = () => sent.map(({ name }) => name);
  const until = async (count: number) => {
    while (sent.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { run, sent, names, until };
}

test("no more than the limit are under way; the others follow in their order", async () => {
  const { run, sent, names, until } = opened();
  const all = ["a", "b", "c", "d"].map((name) => run(name));
  await until(2);
  expect(names()).toEqual(["a", "b"]);
  sent[1]!.answer(reply(200));
  await until(3);
  sent[0]!.answer(reply(200));
  await until(4);
  expect(names()).toEqual(["a", "b", "c", "d"]);
  for (const { answer } of sent) answer(reply(200));
  expect(await Promise.all(all)).toHaveLength(4);
});

test("after a refusal one goes first, and those that wait share what it gets", async () => {
  const { run, sent, names, until } = opened({ limit: 10 });
  const first = run("a");
  await until(1);
  sent[0]!.answer(reply(503));
  expect(await first).toEqual(reply(503));
  const waiting = ["b", "c", "d"].map((name) => run(name));
  await until(2);
  expect(names()).toEqual(["a", "b"]);
  sent[1]!.answer(reply(429));
  expect(await Promise.all(waiting)).toEqual([
    reply(429),
    { ...reply(429), shared: true },
    { ...reply(429), shared: true },
  ]);
  expect(names()).toEqual(["a", "b"]);
});

test.each([
  ["seconds", "3"],
  ["a date", new Date(3000).toUTCString()],
])("a Retry-After of %s is kept by all", async (_name, header) => {
  vi.useFakeTimers({ now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const { run, sent, names } = opened({ limit: 10, maxHoldMs: 10_000 });
  const first = run("a");
  await vi.advanceTimersByTimeAsync(0);
  sent[0]!.answer({ status: 503, headers: { "retry-after": header } });
  await first;
  const second = run("b");
  await vi.advanceTimersByTimeAsync(2990);
  expect(names()).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(20);
  expect(names()).toEqual(["a", "b"]);
  sent[1]!.answer(reply(200));
  expect(await second).toEqual(reply(200));
});

test("when the one that goes first is taken, all others follow", async () => {
  const { run, sent, names, until } = opened({ limit: 10 });
  void run("a");
  await until(1);
  sent[0]!.answer(reply(503));
  const waiting = ["b", "c", "d"].map((name) => run(name));
  await until(2);
  sent[1]!.answer(reply(200));
  await until(4);
  expect(names()).toEqual(["a", "b", "c", "d"]);
  for (const { answer } of sent) answer(reply(200));
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
});

test("when the one that goes first breaks, the others are not kept waiting", async () => {
  const { run, sent, until } = opened({ limit: 10 });
  void run("a");
  await until(1);
  sent[0]!.answer(reply(503));
  const waiting = [run("b"), run("c")];
  await until(2);
  sent[1]!.fail(new Error("cut"));
  expect(await rejection(waiting[0]!)).toMatchObject({ message: "cut" });
  await until(3);
  sent[2]!.answer(reply(200));
  expect(await waiting[1]).toEqual(reply(200));
});

test("refusals of requests that were under way together count once", async () => {
  const { run, sent, names, until } = opened({ limit: 10 });
  const together = ["a", "b", "c"].map((name) => run(name));
  await until(3);
  for (const { answer } of sent) answer(reply(503));
  await Promise.all(together);
  const next = run("d");
  await until(4);
  expect(names()).toEqual(["a", "b", "c", "d"]);
  sent[3]!.answer(reply(200));
  expect(await next).toEqual(reply(200));
});

test("a late success of one that was under way before does not end the holding back", async () => {
  const { run, sent, names, until } = opened({ limit: 10 });
  const together = [run("a"), run("b")];
  await until(2);
  sent[0]!.answer(reply(503));
  await together[0];
  sent[1]!.answer(reply(200));
  await together[1];
  const waiting = [run("c"), run("d")];
  await until(3);
  expect(names()).toEqual(["a", "b", "c"]);
  sent[2]!.answer(reply(503));
  expect(await waiting[1]).toEqual({ ...reply(503), shared: true });
});

test("one that waits can be called off, and does not go", async () => {
  const { run, sent, names, until } = opened({ limit: 1 });
  const first = run("a");
  await until(1);
  const abort = new AbortController();
  const second = run("b", abort.signal);
  const third = run("c");
  abort.abort(new Error("enough"));
  expect(await rejection(second)).toMatchObject({ message: "enough" });
  sent[0]!.answer(reply(200));
  await first;
  await until(2);
  expect(names()).toEqual(["a", "c"]);
  sent[1]!.answer(reply(200));
  await third;
});

describe("clients on one transport", () => {
  const script = { scriptName: "s", scriptKey: "k", pause: async () => {} };

  test("a busy site sees one request at a time, and each client counts its own attempts", async () => {
    await using site = await Recorder.open(() => ({ status: 503, body: "" }));
    const transport = openHttpTransport({ busyHoldMs: 5 });
    const clients = Array.from({ length: 10 }, () => {
      return new Shotgun(site.url, { ...script, transport, retry: { busyAttempts: 3 } });
    });
    await clients[0]!.info();
    const errors = await Promise.all(clients.map((sg) => rejection(sg.delete("Shot", 1))));
    for (const error of errors) expect(error).toMatchObject({ code: "SITE_BUSY", attempts: 3 });
    // Ten went together before anybody knew; without sharing there would be thirty.
    expect(site.requests.length).toBeLessThan(20);
    await transport.close();
  });

  test("connections caps what is under way at a site", async () => {
    let underWay = 0;
    let most = 0;
    await using site = await Recorder.open(async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay--;
      return { body: { results: true } };
    });
    const transport = openHttpTransport({ connections: 3 });
    const clients = [1, 2, 3].map(() => new Shotgun(site.url, { ...script, transport }));
    await Promise.all(clients.flatMap((sg) => [1, 2, 3, 4].map((id) => sg.delete("Shot", id))));
    expect(most).toBe(3);
    expect(site.connections).toBeLessThanOrEqual(3);
    await transport.close();
  });

  test("one that is closed takes nothing from the others, and opens again", async () => {
    await using site = await Recorder.open(() => ({}));
    const one = new Shotgun(site.url, script);
    const other = new Shotgun(site.url, script);
    await one.delete("Shot", 1);
    await one.close();
    await one.close();
    await other.delete("Shot", 2);
    await one.delete("Shot", 3);
    await other.close();
    await one.delete("Shot", 4);
    expect(site.requests).toHaveLength(4);
    await one.close();
  });

  test("two at once use the same pool", async () => {
    await using site = await Recorder.open(() => ({}));
    await using one = new Shotgun(site.url, script);
    await using other = new Shotgun(site.url, script);
    for (const id of [1, 2, 3, 4]) await one.delete("Shot", id);
    const { connections } = site;
    for (const id of [1, 2, 3, 4]) await other.delete("Shot", id);
    expect(site.connections).toBe(connections);
  });
});
