import fc from "fast-check";
import { expect, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { Faults } from "../../src/sandbox/faults.ts";
import type { SeenRequest } from "../../src/sandbox/server/requests.ts";

const faults = () => new Faults(() => 0);
const read = (type: string): SeenRequest => ({ n: 1, method: "read", type, payload: {} });
const kindOf = (orders: Faults, request: SeenRequest | null) => orders.take(request)?.fault.kind ?? null;

test("an order hits `times` requests, in the order placed", () => {
  const orders = faults();
  orders.next({ kind: "status", status: 502, times: 2 });
  const second = orders.next({ kind: "html" });
  const hits = [1, 2, 3, 4].map(() => kindOf(orders, read("Shot")));
  expect(hits).toEqual(["status", "status", "html", null]);
  expect(second.hits).toBe(1);
  expect(orders.list()).toEqual([]);
});

test("match picks by wire method, by entity type, or by a function", () => {
  const orders = faults();
  orders.next({ kind: "html", match: { method: "read", type: "EventLogEntry" } });
  orders.next({ kind: "closed", match: ({ n }) => n === 7 });
  expect(kindOf(orders, read("Shot"))).toBe(null);
  expect(kindOf(orders, { ...read("EventLogEntry"), method: "summarize" })).toBe(null);
  expect(kindOf(orders, read("EventLogEntry"))).toBe("html");
  expect(kindOf(orders, { ...read("Shot"), n: 7 })).toBe("closed");
});

test("maintenance and `until: ended` last until ended, by handle, by id, or all at once", () => {
  const orders = faults();
  const first = orders.next({ kind: "maintenance" });
  for (let i = 0; i < 5; i += 1) expect(kindOf(orders, read("Shot"))).toBe("maintenance");
  first.end();
  first.end();
  expect(kindOf(orders, read("Shot"))).toBe(null);

  const second = orders.next({ kind: "html", until: "ended" });
  expect(kindOf(orders, read("Shot"))).toBe("html");
  expect(orders.end(second.id)).toBe(1);
  expect(orders.end(second.id)).toBe(0);
  orders.next({ kind: "html", until: "ended" });
  orders.next({ kind: "closed", until: { ms: 60_000 } });
  expect(orders.end()).toBe(2);
  expect(kindOf(orders, read("Shot"))).toBe(null);
});

test("an order with a time of life ends by itself", async () => {
  const orders = faults();
  const placed = orders.next({ kind: "html", until: { ms: 0 } });
  expect(placed.hits).toBe(0);
  while (orders.list().length > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(kindOf(orders, read("Shot"))).toBe(null);
});

test("a used-up hang can still be ended, which lets its request go", async () => {
  const orders = faults();
  const placed = orders.next({ kind: "hang" });
  const hit = orders.take(read("Shot"));
  expect(kindOf(orders, read("Shot"))).toBe(null);
  orders.end(placed.id);
  await hit?.ended;
});

test("only a reset before the request, without match, is taken before the body is read", () => {
  const orders = faults();
  orders.next({ kind: "html" });
  expect(kindOf(orders, null)).toBe(null);
  orders.end();
  orders.next({ kind: "reset", at: "request", match: { method: "read" } });
  expect(kindOf(orders, null)).toBe(null);
  expect(kindOf(orders, read("Shot"))).toBe("reset");
  orders.next({ kind: "reset", at: "request" });
  expect(kindOf(orders, read("Shot"))).toBe(null);
  expect(kindOf(orders, null)).toBe("reset");
});

test("chaos gives the same faults for the same seed, at about its rate, after the orders of next()", () => {
  const run = (seed: number) => {
    const orders = faults();
    orders.chaos({ seed, rate: 0.25, kinds: [{ kind: "html" }, { kind: "status", status: 500 }] });
    return Array.from({ length: 2000 }, () => kindOf(orders, read("Shot")));
  };
  expect(run(5)).toEqual(run(5));
  expect(run(5)).not.toEqual(run(6));
  const hits = run(5).filter(Boolean);
  expect(hits.length).toBeGreaterThan(400);
  expect(hits.length).toBeLessThan(600);
  expect(new Set(hits)).toEqual(new Set(["html", "status"]));

  const orders = faults();
  const chaos = orders.chaos({ seed: 1, rate: 1, kinds: [{ kind: "html" }] });
  orders.next({ kind: "closed" });
  expect(kindOf(orders, read("Shot"))).toBe("closed");
  expect(kindOf(orders, read("Shot"))).toBe("html");
  chaos.end();
  expect(kindOf(orders, read("Shot"))).toBe(null);
});

test("an order that is not understood is refused in one sentence, whatever it is", () => {
  expect(() => faults().next({ kind: "status", status: 200 })).toThrow(/fault at "status"/);
  expect(() => faults().next({ kind: "html", tiems: 3 } as never)).toThrow(/tiems/);
  expect(() => faults().chaos({ seed: 1, rate: 2, kinds: [{ kind: "html" }] })).toThrow(/"rate"/);
  fc.assert(
    fc.property(fc.object(), (order) => {
      try {
        faults()
          .next(order as never)
          .end();
      } catch (error) {
        expect(error).toBeInstanceOf(CallsheetError);
        expect((error as CallsheetError).code).toBe("USAGE");
      }
    }),
  );
});
