import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { consumer } from "./hook.ts";
import { rpc, sandboxForTest, send } from "./wire.ts";

const QUICK = { limits: { retryMs: [1, 1] } };

async function create(sandbox: Sandbox, type: string, fields: Record<string, unknown>): Promise<number> {
  const list = Object.entries(fields).map(([field_name, value]) => ({ field_name, value }));
  const { results } = await rpc(sandbox, "create", { type, fields: list, return_fields: ["id"] });
  return (results as { id: number }).id;
}

function update(sandbox: Sandbox, id: number, fields: Record<string, unknown>) {
  const list = Object.entries(fields).map(([field_name, value]) => ({ field_name, value }));
  return rpc(sandbox, "update", { type: "Project", id, fields: list });
}

test("a change is posted, signed, with the payload of a site", async () => {
  const sandbox = await sandboxForTest({ now: () => new Date("2026-05-13T10:20:30Z") });
  const hook = await consumer();
  const project = await create(sandbox, "Project", { name: "Film" });
  const { id } = sandbox.webhooks.register({ url: hook.url, secret: "s3cret" });
  await update(sandbox, project, { sg_description: "Kites" });
  await sandbox.webhooks.idle();
  expect(hook.got).toHaveLength(1);
  const { headers, body, data } = hook.got[0]!;
  const event = sandbox.site.events.newestId;
  expect(JSON.parse(body).timestamp).toBe("2026-05-13T10:20:30Z");
  expect(data).toEqual({
    id: `${event}.0.0`,
    event_log_entry_id: event,
    event_type: "Shotgun_Project_Change",
    operation: "update",
    user: { type: "ApiUser", id: 1 },
    entity: { type: "Project", id: project },
    project: { type: "Project", id: project },
    meta: expect.objectContaining({ old_value: null, new_value: "Kites" }),
    created_at: "2026-05-13 10:20:30.000000",
    attribute_name: "sg_description",
    session_uuid: null,
    delivery_id: headers["x-sg-delivery-id"],
  });
  expect(headers).toMatchObject({
    "x-sg-webhook-id": id,
    "x-sg-event-batch-size": "1",
    "x-sg-event-batch-index": "0",
    "x-sg-webhook-site-url": sandbox.url,
    "x-sg-signature": `sha1=${createHmac("sha1", "s3cret").update(body).digest("hex")}`,
  });
});

test("what a transaction wrote comes in its order, values at birth left out; rolled back, it never comes", async () => {
  const sandbox = await sandboxForTest();
  const hook = await consumer();
  sandbox.webhooks.register({ url: hook.url });
  const item = (name: string) => ({
    request_type: "create",
    type: "Project",
    fields: [{ field_name: "name", value: name }],
    return_fields: ["id"],
  });
  await rpc(sandbox, "batch", [item("One"), item("Two"), item("Three")]);
  await rpc(sandbox, "batch", [item("Four"), item("One")]);
  const last = await create(sandbox, "Project", { name: "Five" });
  await rpc(sandbox, "delete", { type: "Project", id: last });
  await rpc(sandbox, "revive", { type: "Project", id: last });
  await sandbox.webhooks.idle();
  expect(hook.got.map(({ data }) => `${data.operation} ${data.event_type}`)).toEqual([
    ...Array(4).fill("create Shotgun_Project_New"),
    "update Shotgun_Project_Change",
    "delete Shotgun_Project_Retirement",
    "revive Shotgun_Project_Revival",
    "update Shotgun_Project_Change",
  ]);
  const batches = hook.got.map(({ headers }) => headers["x-sg-event-batch-id"]);
  expect(new Set(batches.slice(0, 3)).size).toBe(1);
  expect(new Set(batches).size).toBe(4);
  expect(hook.got.slice(0, 4).map(({ headers }) => headers["x-sg-event-batch-index"])).toEqual([
    "0",
    "1",
    "2",
    "0",
  ]);
  expect(hook.got[0]!.headers).not.toHaveProperty("x-sg-signature");
});

test("filters: event types, fields, projects", async () => {
  const sandbox = await sandboxForTest();
  const hook = await consumer();
  const [one, two] = [
    await create(sandbox, "Project", { name: "One" }),
    await create(sandbox, "Project", { name: "Two" }),
  ];
  sandbox.webhooks.register({
    url: hook.url,
    events: { Shotgun_Project_Change: ["sg_description"], Shotgun_Project_Retirement: null },
    projects: [one],
  });
  for (const id of [one, two]) {
    await update(sandbox, id, { sg_description: "a", archived: true });
    await rpc(sandbox, "delete", { type: "Project", id });
  }
  await sandbox.webhooks.idle();
  expect(hook.got.map(({ data }) => [data.attribute_name, (data.entity as { id: number }).id])).toEqual([
    ["sg_description", one],
    [null, one],
  ]);
});

test("batched: always an array, at most 50 events", async () => {
  const sandbox = await sandboxForTest();
  const hook = await consumer();
  sandbox.webhooks.register({ url: hook.url, batched: true });
  const rows = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ event_type: `Studio_${at}`, meta: {} }));
  sandbox.site.events.add(rows(1));
  await sandbox.webhooks.idle();
  sandbox.site.events.add(rows(120));
  await sandbox.webhooks.idle();
  expect(hook.got.map(({ data }) => data.deliveries!.length)).toEqual([1, 50, 50, 20]);
  expect(hook.got[3]!.data.deliveries!.at(-1)!.event_type).toBe("Studio_119");
  expect(hook.got[1]!.headers["x-sg-event-batch-size"]).toBe("50");
});

test("batched: a delivery is no larger than one event may be", async () => {
  const sandbox = await sandboxForTest({ webhooks: { limits: { bodyBytes: 10_000 } } });
  const hook = await consumer();
  sandbox.webhooks.register({ url: hook.url, batched: true });
  const sizes = [3000, 3000, 3000, 9000, 50_000, 100, 100];
  sandbox.site.events.add(
    sizes.map((size) => ({ event_type: "Studio_Big", meta: { new_value: "x".repeat(size) } })),
  );
  await sandbox.webhooks.idle();
  const values = hook.got.map(({ data }) =>
    data.deliveries!.map(({ meta }) => (meta as { new_value?: string }).new_value?.length),
  );
  expect(values).toEqual([[3000, 3000], [3000], [9000, undefined], [100, 100]]);
  for (const { body } of hook.got) expect(body.length).toBeLessThan(11_000);
});

test("an answer that does not end is not waited for", async () => {
  const sandbox = await sandboxForTest();
  const hook = await consumer();
  hook.endless = true;
  const webhook = sandbox.webhooks.register({ url: hook.url });
  sandbox.site.events.add([{ event_type: "Studio_Thing" }]);
  await webhook.idle();
  expect(webhook.deliveries).toMatchObject([{ attempts: 1, delivered: true, response: "x".repeat(100) }]);
});

test("a delivery that fails is sent again; the answer is kept, 100 characters of it", async () => {
  const sandbox = await sandboxForTest({ webhooks: QUICK });
  const hook = await consumer();
  const webhook = sandbox.webhooks.register({ url: hook.url });
  hook.status = 500;
  hook.text = "x".repeat(200);
  sandbox.site.events.add([{ event_type: "First" }]);
  await webhook.idle();
  hook.status = 302;
  sandbox.site.events.add([{ event_type: "Second" }]);
  await webhook.idle();
  expect(hook.got.map(({ data }) => data.event_type)).toEqual(["First", "First", "First", "Second"]);
  expect(new Set(hook.got.slice(0, 3).map(({ data }) => data.delivery_id)).size).toBe(1);
  expect(webhook.deliveries).toMatchObject([
    { event_types: ["First"], attempts: 3, status: 500, response: "x".repeat(100), delivered: false },
    { event_types: ["Second"], attempts: 1, status: 302, delivered: true },
  ]);
});

test("no answer in time, and no answer at all", async () => {
  const sandbox = await sandboxForTest({
    webhooks: { limits: { retryMs: [], timeoutMs: 50, timeoutEachMs: 50 } },
  });
  const hook = await consumer();
  const webhook = sandbox.webhooks.register({ url: hook.url });
  hook.status = 0;
  sandbox.site.events.add([{ event_type: "Silence" }]);
  await webhook.idle();
  expect(webhook.deliveries).toMatchObject([{ status: null, response: expect.stringContaining("timeout") }]);
  const nobody = sandbox.webhooks.register({ url: "http://127.0.0.1:1/" });
  sandbox.site.events.add([{ event_type: "Nobody" }]);
  await nobody.idle();
  expect(nobody.deliveries).toMatchObject([
    { delivered: false, response: expect.stringContaining("ECONNREFUSED") },
  ]);
});

test("100 failures switch it off, and it is told so", async () => {
  const sandbox = await sandboxForTest({ webhooks: { limits: { retryMs: [] } } });
  const hook = await consumer();
  hook.status = 503;
  const webhook = sandbox.webhooks.register({ url: hook.url });
  sandbox.site.events.add(Array.from({ length: 99 }, () => ({ event_type: "Lost" })));
  await webhook.idle();
  expect(webhook.status).toBe("active");
  sandbox.site.events.add([{ event_type: "Lost" }, { event_type: "Forgotten" }]);
  await webhook.idle();
  expect(webhook.status).toBe("failed");
  expect(hook.got).toHaveLength(101);
  expect(hook.got.at(-1)!.data).toMatchObject({
    id: "0",
    event_type: "Webhook_Status_Change",
    meta: { old_value: "active", new_value: "failed" },
  });
  sandbox.site.events.add([{ event_type: "Later" }]);
  await webhook.idle();
  expect(hook.got).toHaveLength(101);
  hook.status = 200;
  webhook.setStatus("active", "Mended.");
  sandbox.site.events.add([{ event_type: "Back" }]);
  await webhook.idle();
  expect(hook.got.slice(101).map(({ data }) => data.event_type)).toEqual(["Webhook_Status_Change", "Back"]);
});

test("all webhooks share one budget of response time", async () => {
  const sandbox = await sandboxForTest({ webhooks: { limits: { budgetMs: 0.001, windowMs: 200 } } });
  const [one, two] = [await consumer(), await consumer()];
  for (const { url } of [one, two]) sandbox.webhooks.register({ url });
  const began = performance.now();
  sandbox.site.events.add([{ event_type: "A" }, { event_type: "B" }, { event_type: "C" }]);
  await sandbox.webhooks.idle();
  // The first of each goes at once, or one waits for the other; the rest wait a window each.
  expect(performance.now() - began).toBeGreaterThan(390);
  expect(one.got.map(({ data }) => data.event_type)).toEqual(["A", "B", "C"]);
  expect(two.got.map(({ data }) => data.event_type)).toEqual(["A", "B", "C"]);
});

test("an event above 1 MB loses its values, with a warning", async () => {
  const sandbox = await sandboxForTest();
  const hook = await consumer();
  const project = await create(sandbox, "Project", { name: "Film" });
  sandbox.webhooks.register({ url: hook.url });
  await update(sandbox, project, { sg_description: "x".repeat(1024 * 1024) });
  await sandbox.webhooks.idle();
  const { meta, warning } = hook.got[0]!.data as { meta: object; warning: string };
  expect(meta).toMatchObject({ attribute_name: "sg_description" });
  expect(meta).not.toHaveProperty("new_value");
  expect(warning).toContain("1 MB");
});

test("deliveries stay on this machine unless told otherwise", async () => {
  const sandbox = await sandboxForTest();
  for (const url of ["http://hooks.example/", "http://127.0.0.1.example/", "http://10.0.0.1/"])
    expect(() => sandbox.webhooks.register({ url })).toThrow("go to this machine only");
  expect(() => sandbox.webhooks.register({ url: "ftp://127.0.0.1/" })).toThrow("http or https");
  const open = await sandboxForTest({ webhooks: { anyHost: true } });
  expect(open.webhooks.register({ url: "http://hooks.example/" }).status).toBe("active");
});

test("over HTTP: register, look, switch off, remove", async () => {
  const sandbox = await sandboxForTest({ webhooks: QUICK });
  const hook = await consumer();
  const control = async (command: object) => {
    const headers = { authorization: `Bearer ${sandbox.scriptKey}` };
    const { status, text } = await send(`${sandbox.url}/sandbox/control`, {
      headers,
      body: JSON.stringify(command),
    });
    return { status, ...(JSON.parse(text) as Record<string, unknown>) };
  };
  const { id } = (await control({ do: "webhook", url: hook.url, secret: "s3cret" })) as unknown as {
    id: string;
  };
  sandbox.site.events.add([{ event_type: "Studio_Thing" }]);
  await sandbox.webhooks.idle();
  const listed = await control({ do: "webhooks" });
  expect(listed).toMatchObject({
    webhooks: [
      { id, status: "active", signed: true, deliveries: [{ event_types: ["Studio_Thing"], status: 200 }] },
    ],
  });
  expect(JSON.stringify(listed)).not.toContain("s3cret");
  expect(await control({ do: "webhook_status", id, status: "disabled" })).toMatchObject({
    status: "disabled",
  });
  await sandbox.webhooks.idle();
  expect(hook.got.at(-1)!.data.meta).toMatchObject({ new_value: "disabled" });
  expect(await control({ do: "webhook_remove", id })).toMatchObject({ removed: id });
  expect(await control({ do: "webhook_remove", id })).toEqual({
    status: 400,
    error: `There is no webhook ${id}.`,
  });
  expect(await control({ do: "webhook", url: "http://10.0.0.1/" })).toMatchObject({ status: 400 });
});
