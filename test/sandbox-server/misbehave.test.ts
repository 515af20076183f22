import { Agent } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { call, dial, drain, rawPost, rpc, sandboxForTest, send } from "./wire.ts";

const INFO = '{"method_name": "info", "params": []}';
const post = (sandbox: Sandbox, headers = {}) => send(`${sandbox.url}/api3/json`, { body: INFO, headers });
const newProject = (sandbox: Sandbox, name: string) =>
  rpc(sandbox, "create", {
    type: "Project",
    fields: [{ field_name: "name", value: name }],
    return_fields: ["id"],
  });

test("a status, with and without Retry-After, as often as ordered", async () => {
  const sandbox = await sandboxForTest();
  sandbox.faults.next({ kind: "status", status: 502, times: 2 });
  sandbox.faults.next({ kind: "status", status: 503, retryAfter: 7 });
  expect((await post(sandbox)).status).toBe(502);
  expect((await post(sandbox)).status).toBe(502);
  const busy = await post(sandbox);
  expect([busy.status, busy.headers["retry-after"]]).toEqual([503, "7"]);
  expect((await post(sandbox)).status).toBe(200);
});

test("the request of a failed answer is not carried out, unless ordered so", async () => {
  const sandbox = await sandboxForTest();
  const before = sandbox.site.events.newestId;
  sandbox.faults.next({ kind: "closed" });
  await expect(newProject(sandbox, "One")).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(sandbox.site.events.newestId).toBe(before);
  sandbox.faults.next({ kind: "closed", applied: true });
  await expect(newProject(sandbox, "Two")).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(sandbox.site.events.newestId).toBeGreaterThan(before);
});

test("reset: before the body is read, and instead of the answer", async () => {
  const sandbox = await sandboxForTest();
  sandbox.faults.next({ kind: "reset", at: "request" });
  const early = await dial(sandbox);
  early.write(rawPost(INFO).slice(0, -3));
  expect(await drain(early)).toEqual({ text: "", code: "ECONNRESET" });
  expect(sandbox.requests.count()).toBe(0);

  sandbox.faults.next({ kind: "reset" });
  const late = await dial(sandbox);
  late.write(rawPost(INFO));
  expect(await drain(late)).toEqual({ text: "", code: "ECONNRESET" });
  expect(sandbox.requests.count()).toBe(1);
});

test("closed: the connection ends without a byte and without a reset", async () => {
  const sandbox = await sandboxForTest();
  sandbox.faults.next({ kind: "closed" });
  const socket = await dial(sandbox);
  socket.write(rawPost(INFO));
  expect(await drain(socket)).toEqual({ text: "", code: null });
});

test("truncated: the announced length does not come", async () => {
  const sandbox = await sandboxForTest();
  const whole = await post(sandbox);
  sandbox.faults.next({ kind: "truncated", bytes: 10 });
  const socket = await dial(sandbox);
  socket.write(rawPost(INFO));
  const { text, code } = await drain(socket);
  expect(code).toBe(null);
  expect(text).toContain(`content-length: ${whole.bytes.length}`);
  expect(text.split("\r\n\r\n")[1]).toBe(whole.text.slice(0, 10));
  sandbox.faults.next({ kind: "truncated" });
  await expect(post(sandbox)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("replies that are not what they say: JSON, gzip, HTML", async () => {
  const sandbox = await sandboxForTest();
  sandbox.faults.next({ kind: "wrong_json" });
  const wrong = await post(sandbox);
  expect(wrong.headers["content-type"]).toMatch(/json/);
  expect(() => JSON.parse(wrong.text)).toThrow();
  sandbox.faults.next({ kind: "broken_gzip" });
  expect((await post(sandbox)).headers["content-encoding"]).toBe("gzip");
  sandbox.faults.next({ kind: "html" });
  const page = await post(sandbox);
  expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
});

test("slow: late, and in pieces, but right", async () => {
  const sandbox = await sandboxForTest();
  const whole = await post(sandbox);
  sandbox.faults.next({ kind: "slow", ms: 5 });
  expect((await post(sandbox)).text).toBe(whole.text);
  sandbox.faults.next({ kind: "slow", chunkMs: 1, chunkBytes: 50 });
  expect((await post(sandbox)).text).toBe(whole.text);
  sandbox.faults.next({ kind: "slow", ms: 3_600_000 });
  const socket = await dial(sandbox);
  socket.write(rawPost(INFO));
  await sandbox.requests.waitFor((requests) => requests.count() === 4);
  socket.destroy();
});

test("hang: no answer until it is ended, then the right one", async () => {
  const sandbox = await sandboxForTest();
  const order = sandbox.faults.next({ kind: "hang" });
  let answered = false;
  const hanging = post(sandbox).then((reply) => {
    answered = true;
    return reply;
  });
  await sandbox.requests.waitFor((requests) => requests.count() === 1);
  expect((await post(sandbox)).status).toBe(200);
  expect(answered).toBe(false);
  order.end();
  expect((await hanging).text).toContain('"version"');
});

test("maintenance lasts until it is ended", async () => {
  const sandbox = await sandboxForTest();
  const order = sandbox.faults.next({ kind: "maintenance" });
  for (let i = 0; i < 4; i += 1) expect((await post(sandbox)).status).toBe(503);
  order.end();
  expect((await post(sandbox)).status).toBe(200);
});

test("drop_idle: a right answer, then the connection that was to be kept is closed", async () => {
  const sandbox = await sandboxForTest();
  sandbox.faults.next({ kind: "drop_idle" });
  const socket = await dial(sandbox);
  socket.write(rawPost(INFO));
  const { text, code } = await drain(socket);
  expect(code).toBe(null);
  expect(text).toMatch(/^HTTP\/1\.1 200/);
  expect(text).toMatch(/connection: keep-alive/i);
  expect(text).toContain('"version"');
});

test("faults hit only what they match, on the wire as well", async () => {
  const sandbox = await sandboxForTest();
  sandbox.faults.next({ kind: "status", status: 500, match: { method: "read", type: "EventLogEntry" } });
  expect((await post(sandbox)).status).toBe(200);
  const body = call(sandbox, "read", { type: "EventLogEntry" });
  expect((await send(`${sandbox.url}/api3/json`, { body })).status).toBe(500);
});

test("unplugged, connections are reset and refused; plugged in, it answers on the same port", async () => {
  const sandbox = await sandboxForTest();
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  sandbox.faults.next({ kind: "hang" });
  const hanging = post(sandbox);
  await sandbox.requests.waitFor((requests) => requests.count() === 1);
  const cut = expect(hanging).rejects.toMatchObject({ code: "ECONNRESET" });
  await sandbox.unplug();
  await cut;
  await expect(post(sandbox)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  const { url } = sandbox;
  await sandbox.plugIn();
  expect(sandbox.url).toBe(url);
  expect((await post(sandbox)).status).toBe(200);
});
