import { expect, test } from "vitest";
import { Requests } from "../../src/sandbox/server/requests.ts";

test("counts all, by method, and by method and type", () => {
  const requests = new Requests();
  requests.note("info", []);
  requests.note("read", [{}, { type: "Shot" }]);
  requests.note("read", [{}, { type: "EventLogEntry" }]);
  requests.note("read", [{}, { type: "EventLogEntry" }]);
  expect(requests.count()).toBe(4);
  expect(requests.count("read")).toBe(3);
  expect(requests.count("read", "EventLogEntry")).toBe(2);
  expect(requests.count("batch")).toBe(0);
  expect(JSON.parse(JSON.stringify(requests))).toEqual({
    info: { "": 1 },
    read: { Shot: 1, EventLogEntry: 2 },
  });
});

test("names that no site has are counted together, so that counters stay few", () => {
  const requests = new Requests();
  requests.note("x".repeat(1000), [{}, { type: "no such type!" }]);
  requests.note(42, "not a list");
  requests.note("__proto__", [{}, { type: "__proto__" }]);
  expect(requests.count("?")).toBe(2);
  expect(requests.count("__proto__", "__proto__")).toBe(1);
  expect(requests.recent.map(({ type }) => type)).toEqual([null, null, "__proto__"]);
});

test("waitFor resolves when its predicate first holds, more() counts from now", async () => {
  const requests = new Requests();
  requests.note("read", []);
  const more = requests.more(2, "read");
  let done = false;
  void more.then(() => {
    done = true;
  });
  requests.note("read", []);
  requests.note("info", []);
  await Promise.resolve();
  expect(done).toBe(false);
  requests.note("read", []);
  await more;
  await requests.waitFor((seen) => seen.count() === 4);
});

test("a wait ends with its signal's reason, and with what its predicate throws", async () => {
  const requests = new Requests();
  const controller = new AbortController();
  const waiting = requests.waitFor(() => false, controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(requests.waitFor(() => false, controller.signal)).rejects.toThrow("enough");

  let calls = 0;
  const failing = requests.waitFor(() => {
    calls += 1;
    if (calls === 2) throw new Error("bad predicate");
    return false;
  });
  requests.note("info", []);
  await expect(failing).rejects.toThrow("bad predicate");
});

test("only the newest 100 requests are remembered", () => {
  const requests = new Requests();
  for (let i = 0; i < 250; i += 1) requests.note("read", [{}, { type: "Shot", page: i }]);
  expect(requests.recent).toHaveLength(100);
  expect(requests.recent.at(-1)).toMatchObject({ n: 250, method: "read", payload: { page: 249 } });
});
