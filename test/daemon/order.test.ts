import { describe, expect, it } from "vitest";
import { openOrder } from "../../src/daemon/order.ts";

function lane(folder: number, path: string, doneSeq: number, active = true) {
  return { file: { path, name: path, language: "typescript" as const, folder }, doneSeq, active };
}

describe("strict order", () => {
  const first = lane(0, "/b/z.ts", 9);
  const second = lane(1, "/a/B.ts", 7);
  const third = lane(1, "/a/a.ts", 3);

  it("goes by folder in configuration order, then by file name in byte order", () => {
    const order = openOrder("strict");
    for (const one of [third, second, first]) order.add(one);
    expect([first, second, third].map((one) => order.limit(one))).toEqual([Number.POSITIVE_INFINITY, 9, 7]);
  });

  it("does not wait for lanes that are not active, nor for those that are gone", () => {
    const order = openOrder("strict");
    const failed = lane(0, "/b/failed.ts", 0, false);
    for (const one of [failed, first, second, third]) order.add(one);
    expect(order.limit(third)).toBe(7);
    order.remove(second);
    expect(order.limit(third)).toBe(9);
  });

  it("wakes those who wait when a lane moves", async () => {
    const order = openOrder("strict");
    const waiting = order.change(new AbortController().signal);
    order.moved();
    await waiting;
  });
});

describe("independent order", () => {
  it("has no limits", () => {
    const order = openOrder("independent");
    const slow = lane(0, "/a.ts", 0);
    const fast = lane(0, "/b.ts", 0);
    order.add(slow);
    order.add(fast);
    expect(order.limit(fast)).toBe(Number.POSITIVE_INFINITY);
  });
});
