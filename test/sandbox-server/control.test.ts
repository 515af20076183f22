import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { openSandbox } from "../../src/sandbox/open.ts";
import { outsideAddress, rpc, sandboxForTest, send } from "./wire.ts";

async function control(sandbox: Sandbox, command: unknown, key = sandbox.scriptKey) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const reply = await send(`${sandbox.url}/sandbox/control`, { headers, body: JSON.stringify(command) });
  return { status: reply.status, value: JSON.parse(reply.text) };
}

async function eventIds(sandbox: Sandbox): Promise<number[]> {
  const reply = await rpc(sandbox, "read", {
    type: "EventLogEntry",
    return_fields: ["id"],
    filters: { logical_operator: "and", conditions: [] },
    sorts: [{ field_name: "id", direction: "asc" }],
    paging: { entities_per_page: 500, current_page: 1 },
  });
  return (reply.results as { entities: { id: number }[] }).entities.map(({ id }) => id);
}

test("wants the script key, and the loopback interface", async () => {
  const sandbox = await sandboxForTest();
  expect(await control(sandbox, { do: "status" }, "wrong")).toMatchObject({ status: 401 });
  expect(await control(sandbox, { do: "status" }, "")).toMatchObject({ status: 401 });
  expect((await send(`${sandbox.url}/sandbox/control`, { body: "{}" })).status).toBe(401);
  expect((await control(sandbox, { do: "status" })).status).toBe(200);
});

test.skipIf(!outsideAddress)("refuses other interfaces, key or not", async () => {
  const sandbox = await openSandbox({ host: "0.0.0.0" });
  try {
    const url = `http://${outsideAddress}:${new URL(sandbox.url).port}/sandbox/control`;
    const headers = { authorization: `Bearer ${sandbox.scriptKey}` };
    expect((await send(url, { headers, body: '{"do": "status"}' })).status).toBe(403);
    expect((await control(sandbox, { do: "status" })).status).toBe(200);
  } finally {
    await sandbox.close();
  }
});

test("denies, and allows again", async () => {
  const sandbox = await sandboxForTest();
  const make = () =>
    rpc(sandbox, "create", { type: "Project", fields: [{ field_name: "sg_description", value: "x" }] });
  const rules = ["create_entity Project", "sudo"];
  const script = sandbox.scriptName;
  expect((await control(sandbox, { do: "deny", script, rules })).value).toEqual({ denied: 2 });
  expect((await make()).message).toMatch(/Project can not be created by this user. Rule: /);
  expect((await control(sandbox, { do: "deny", script, rules: [] })).value).toEqual({ denied: 0 });
  expect(await make()).toHaveProperty("results");
  for (const [wrong, message] of [
    [{ login: "nobody", rules }, "There is no person with the login nobody."],
    [{ script, rules: ["fly"] }, '"fly" is no permission rule.'],
    [{ rules }, "deny needs either script or login."],
  ] as const)
    expect(await control(sandbox, { do: "deny", ...wrong })).toEqual({
      status: 400,
      value: { error: message },
    });
});

test("orders, lists and ends faults and chaos", async () => {
  const sandbox = await sandboxForTest();
  const { value } = await control(sandbox, { do: "fault", order: { kind: "maintenance" } });
  expect((await send(`${sandbox.url}/api3/json`, { body: "{}" })).status).toBe(503);
  const status = await control(sandbox, { do: "status" });
  expect(status.value).toMatchObject({ faults: [{ id: value.id, hits: 1 }], requests: { "?": { "": 1 } } });
  expect((await control(sandbox, { do: "end", id: value.id })).value).toEqual({ ended: 1 });
  expect((await send(`${sandbox.url}/api3/json`, { body: "{}" })).status).toBe(200);

  await control(sandbox, {
    do: "chaos",
    order: { seed: 1, rate: 1, kinds: [{ kind: "status", status: 504 }] },
  });
  expect((await send(`${sandbox.url}/api3/json`, { body: "{}" })).status).toBe(504);
  expect((await control(sandbox, { do: "end" })).value).toEqual({ ended: 1 });
  expect((await control(sandbox, { do: "drop_idle" })).value).toHaveProperty("dropped");
});

test("steers the event log: ids skipped, reserved, filled late, abandoned, rows added", async () => {
  const sandbox = await sandboxForTest();
  const start = sandbox.site.events.newestId;
  await control(sandbox, { do: "skip_ids", count: 10 });
  const late = (await control(sandbox, { do: "reserve", count: 3 })).value;
  const never = (await control(sandbox, { do: "reserve", count: 2 })).value;
  await rpc(sandbox, "create", {
    type: "Project",
    fields: [{ field_name: "name", value: "After the gap" }],
    return_fields: ["id"],
  });
  const before = (await eventIds(sandbox)).filter((id) => id > start);
  expect(Math.min(...before)).toBeGreaterThan(never.last);
  await control(sandbox, { do: "commit", id: late.id });
  await control(sandbox, { do: "abandon", id: never.id });
  const ids = (await eventIds(sandbox)).filter((id) => id > start && !before.includes(id));
  expect(ids).toEqual([late.first, late.first + 1, late.last]);
  expect(late.first).toBe(start + 11);

  const added = await control(sandbox, { do: "add", rows: [{ event_type: "Toolkit_App_Startup" }] });
  expect(await eventIds(sandbox)).toContain(added.value.newest_id);
  expect(await control(sandbox, { do: "commit", id: late.id })).toMatchObject({ status: 400 });
});

test("holds a transaction: its rows come after its release, its caller waits", async () => {
  const sandbox = await sandboxForTest();
  const start = sandbox.site.events.newestId;
  const { value: held } = await control(sandbox, { do: "hold_next" });
  let answered = false;
  const waiting = rpc(sandbox, "create", {
    type: "Project",
    fields: [{ field_name: "name", value: "Slow import" }],
    return_fields: ["id"],
  }).then((reply) => {
    answered = true;
    return reply;
  });
  await sandbox.requests.waitFor((requests) => requests.count("create") === 1);
  await rpc(sandbox, "create", {
    type: "Project",
    fields: [{ field_name: "name", value: "Quick one" }],
    return_fields: ["id"],
  });
  const quick = (await eventIds(sandbox)).filter((id) => id > start);
  expect(answered).toBe(false);
  await control(sandbox, { do: "release", id: held.id });
  expect(await waiting).toMatchObject({ results: { type: "Project" } });
  expect(await control(sandbox, { do: "release", id: held.id })).toMatchObject({ status: 400 });
  const late = (await eventIds(sandbox)).filter((id) => id > start && !quick.includes(id));
  expect(late.length).toBeGreaterThan(0);
  expect(Math.max(...late)).toBeLessThan(Math.min(...quick));
});

test("restores the site to an earlier event", async () => {
  const sandbox = await sandboxForTest();
  const start = sandbox.site.events.newestId;
  await rpc(sandbox, "create", {
    type: "Project",
    fields: [{ field_name: "name", value: "Lost" }],
    return_fields: ["id"],
  });
  expect(sandbox.site.events.newestId).toBeGreaterThan(start);
  expect((await control(sandbox, { do: "restore", last_id: start })).value).toEqual({ newest_id: start });
});

test("whatever else it is told, it answers 400 and one sentence", async () => {
  const sandbox = await sandboxForTest();
  for (const command of [null, [], { do: "dance" }, { do: "reserve", count: 0 }, { do: "release", id: 99 }])
    expect(await control(sandbox, command)).toMatchObject({
      status: 400,
      value: { error: expect.any(String) },
    });
  expect(await control(sandbox, { do: "fault", order: { kind: "status" } })).toMatchObject({
    status: 400,
    value: { error: expect.stringContaining("status") },
  });
  const doing = fc.constantFrom(
    "fault",
    "chaos",
    "reserve",
    "commit",
    "release",
    "abandon",
    "restore",
    "add",
    "end",
  );
  const known = fc.record(
    {
      do: doing,
      order: fc.jsonValue(),
      id: fc.jsonValue(),
      count: fc.integer(),
      rows: fc.jsonValue(),
      last_id: fc.integer(),
    },
    { requiredKeys: ["do"] },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), known), async (command) => {
      const { status, value } = await control(sandbox, command);
      expect([200, 400]).toContain(status);
      if (status === 400) expect(typeof value.error).toBe("string");
    }),
    { numRuns: 100 },
  );
});
