import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { regained } from "../../src/daemon/cluster/lane-life.ts";

test("who waits for a lease leaves nothing behind, however often it lapses, and waits no longer than it is wanted", async () => {
  const stop = new AbortController();
  for (let lapse = 0; lapse < 20; lapse += 1) await regained({ sure: async () => {} }, stop.signal);
  expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  const refused = regained({ sure: () => Promise.reject(new Error("another's")) }, stop.signal);
  await expect(refused).rejects.toThrow("another's");
  expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  const waiting = regained({ sure: () => new Promise(() => {}) }, stop.signal);
  stop.abort();
  await waiting;
});
