import type { RetryOptions } from "callsheet/client";
import { describe, expect, test } from "vitest";
import { connect, rejection } from "./connect.ts";
import { page, Recorder, type Scripted } from "./recorder.ts";

const closes: Scripted = { socket: (socket) => socket.destroy() };
const answer = (status: number, headers: Record<string, string> = {}): Scripted => ({
  status,
  headers,
  body: "",
});

async function site(...replies: Scripted[]): Promise<Recorder> {
  return Recorder.open((_request, index) => replies[Math.min(index, replies.length - 1)]!);
}

describe("HTTP 503 and 429 are back-pressure", () => {
  test.each([503, 429])("%i is tried again, waiting twice as long each time, with jitter", async (status) => {
    await using busy = await site(answer(status), answer(status), answer(status), {
      body: { results: true },
    });
    await using client = connect(busy.url);
    expect(await client.sg.delete("Shot", 1)).toBe(true);
    expect(busy.requests).toHaveLength(4);
    expect(client.pauses).toHaveLength(3);
    for (const [index, full] of [1000, 2000, 4000].entries()) {
      expect(client.pauses[index]).toBeGreaterThanOrEqual(full / 2);
      expect(client.pauses[index]).toBeLessThanOrEqual(full);
    }
  });

  test("it ends after busyAttempts with SITE_BUSY", async () => {
    await using busy = await site(answer(503));
    await using client = connect(busy.url, { retry: { busyAttempts: 3 } });
    const error = await rejection(client.sg.delete("Shot", 1));
    expect(error).toMatchObject({
      code: "SITE_BUSY",
      status: 503,
      attempts: 3,
      retriable: true,
      uncertain: false,
    });
    expect(busy.requests).toHaveLength(3);
  });

  test("pauses grow no longer than maxPauseMs", async () => {
    await using busy = await site(answer(503));
    await using client = connect(busy.url, { retry: { busyAttempts: 9, busyPauseMs: 10, maxPauseMs: 30 } });
    await rejection(client.sg.delete("Shot", 1));
    expect(client.pauses).toHaveLength(8);
    expect(Math.max(...client.pauses)).toBeLessThanOrEqual(30);
  });

  test("a Retry-After replaces our own pause", async () => {
    await using busy = await site(answer(503, { "retry-after": "7" }), { body: { results: true } });
    await using client = connect(busy.url);
    expect(await client.sg.delete("Shot", 1)).toBe(true);
    expect(client.pauses).toEqual([7000]);
  });

  test("a Retry-After may be a date; one in the past means now", async () => {
    const past = new Date(Date.now() - 60_000).toUTCString();
    await using busy = await site(answer(429, { "retry-after": past }), { body: { results: true } });
    await using client = connect(busy.url);
    expect(await client.sg.delete("Shot", 1)).toBe(true);
    expect(client.pauses).toEqual([]);
  });

  test("a Retry-After longer than maxPauseMs ends the call and is told", async () => {
    await using busy = await site(answer(503, { "retry-after": "3600" }));
    await using client = connect(busy.url);
    const error = await rejection(client.sg.delete("Shot", 1));
    expect(error).toMatchObject({ code: "SITE_BUSY", attempts: 1, retryAfterMs: 3_600_000 });
  });
});

describe("a connection closed without a byte of reply", () => {
  test("a read is sent once more", async () => {
    await using bad = await site(closes, page([{ type: "Shot", id: 1 }]));
    await using client = connect(bad.url);
    expect(await client.sg.find("Shot", [])).toHaveLength(1);
    expect(bad.requests).toHaveLength(2);
  });

  test("and only once more", async () => {
    await using bad = await site(closes);
    await using client = connect(bad.url);
    const error = await rejection(client.sg.findOne("Shot", []));
    expect(error).toMatchObject({
      code: "SITE_UNREACHABLE",
      failure: "closed",
      attempts: 2,
      uncertain: false,
    });
    expect(bad.requests).toHaveLength(2);
  });

  test.each(["create", "update", "delete", "revive", "batch"] as const)(
    "%s is not sent again",
    async (method) => {
      await using bad = await site(closes);
      await using client = connect(bad.url);
      const { sg } = client;
      const calls = {
        create: () => sg.create("Shot", {}),
        update: () => sg.update("Shot", 1, { code: "x" }),
        delete: () => sg.delete("Shot", 1),
        revive: () => sg.revive("Shot", 1),
        batch: () => sg.batch([{ request_type: "delete", entity_type: "Shot", entity_id: 1 }]),
      };
      const error = await rejection(calls[method]());
      expect(error).toMatchObject({
        method,
        failure: "closed",
        attempts: 1,
        uncertain: true,
        retriable: true,
      });
      expect(bad.requests).toHaveLength(1);
    },
  );

  test("a write is sent again when replayWrites says so", async () => {
    await using bad = await site(closes, { body: { results: { type: "Shot", id: 1 } } });
    await using client = connect(bad.url, { retry: { replayWrites: true } });
    expect(await client.sg.create("Shot", {})).toEqual({ type: "Shot", id: 1 });
    expect(bad.requests).toHaveLength(2);
  });
});

test.each<[string, RetryOptions, Scripted, number]>([
  ["gateway errors", { gatewayAttempts: 1 }, answer(502), 1],
  ["a busy site", { busyAttempts: 1 }, answer(503), 1],
  ["other statuses", {}, answer(500), 1],
  ["faults", {}, { body: { exception: true, error_code: 104, message: "no" } }, 1],
  ["truncated JSON", {}, { body: '{"results": tr' }, 1],
])("no repetition for %s", async (_name, retry, reply, attempts) => {
  await using bad = await site(reply);
  await using client = connect(bad.url, { retry });
  expect(await rejection(client.sg.delete("Shot", 1))).toMatchObject({ attempts });
  expect(bad.requests).toHaveLength(attempts);
});

test("each kind of trouble counts for itself", async () => {
  const troubles = [answer(502), answer(503), closes, answer(504), answer(503)];
  await using bad = await site(...troubles, page([]));
  await using client = connect(bad.url);
  expect(await client.sg.find("Shot", [])).toEqual([]);
  expect(bad.requests).toHaveLength(6);
});
