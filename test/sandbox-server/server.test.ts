import { Agent } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { MAX_BODY_BYTES } from "../../src/sandbox/server/call.ts";
import { call, dial, drain, outsideAddress, rawPost, rpc, sandboxForTest, send } from "./wire.ts";

const INFO = '{"method_name": "info", "params": []}';

function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
}

test("answers info without credentials, at the root and below any prefix, in any case", async () => {
  const sandbox = await sandboxForTest();
  for (const path of ["/api3/json", "/studio/api3/json", "/a/b/API3/JSON?x=1"]) {
    const { status, headers, text } = await send(sandbox.url + path, { body: INFO });
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(text).toContain('"version"');
  }
});

test("answers faults with HTTP 200", async () => {
  const sandbox = await sandboxForTest();
  const reply = await send(`${sandbox.url}/api3/json`, {
    body: '{"method_name": "read", "params": [{"script_name": "x", "script_key": "y"}, {}]}',
  });
  expect(reply.status).toBe(200);
  expect(JSON.parse(reply.text)).toMatchObject({ exception: true, error_code: 102 });
});

test("other paths and methods get plain statuses", async () => {
  const { url } = await sandboxForTest();
  const home = await send(`${url}/`, { method: "GET" });
  expect([home.status, home.headers["content-type"]]).toEqual([200, "text/plain; charset=utf-8"]);
  expect(home.text).toContain("/api3/json");
  expect((await send(`${url}/`, { method: "HEAD" })).bytes).toHaveLength(0);
  expect((await send(`${url}/nothing`, { method: "GET" })).status).toBe(404);
  expect((await send(`${url}/api3/json`, { method: "GET" })).status).toBe(405);
  expect((await send(`${url}/sandbox/control`, { method: "GET" })).status).toBe(405);
});

test("keeps connections alive", async () => {
  const sandbox = await sandboxForTest();
  const agent = keepAlive();
  const first = await send(`${sandbox.url}/api3/json`, { body: INFO, agent });
  expect(first.headers.connection).toBe("keep-alive");
  await send(`${sandbox.url}/api3/json`, { body: INFO, agent });
  expect(sandbox.faults.dropIdle()).toBe(1);
});

test.each([
  ["empty", "", /not valid JSON/],
  ["cut", '{"method_name": "info"', /not valid JSON/],
  ["not UTF-8", Buffer.from([0xff, 0xfe, 0x00]), /not valid JSON/],
  ["a list", "[1, 2]", /must be a JSON object/],
  ["null", "null", /must be a JSON object/],
  ["no method", '{"params": []}', /method_name/],
  ["a number as method", '{"method_name": 7, "params": []}', /method_name/],
  ["params an object", '{"method_name": "info", "params": {}}', /params/],
  ["deep", `{"method_name": "info", "params": ${"[".repeat(1e5)}${"]".repeat(1e5)}}`, /deeper/],
  [
    "deep objects",
    `{"method_name": "info", "params": [${'{"a":'.repeat(5e3)}1${"}".repeat(5e3)}]}`,
    /deeper/,
  ],
])("a body that is %s gets a fault", async (_name, body, message) => {
  const sandbox = await sandboxForTest();
  const { status, text } = await send(`${sandbox.url}/api3/json`, { body });
  expect(status).toBe(200);
  const fault = JSON.parse(text);
  expect(fault).toMatchObject({ exception: true, error_code: 103 });
  expect(fault.message).toMatch(message);
});

test("a packed body gets a fault that says so", async () => {
  const sandbox = await sandboxForTest();
  const headers = { "content-encoding": "gzip" };
  const { status, text } = await send(`${sandbox.url}/api3/json`, { headers, body: gzipSync(INFO) });
  expect(status).toBe(200);
  expect(JSON.parse(text).message).toBe(
    "The request body is not valid JSON. Send it without the content-encoding 'gzip'.",
  );
});

test("a body that is too large gets a fault, and the connection goes on", async () => {
  const sandbox = await sandboxForTest();
  const agent = keepAlive();
  const body = Buffer.alloc(MAX_BODY_BYTES + 1, " ");
  const { status, text } = await send(`${sandbox.url}/api3/json`, { body, agent });
  expect(status).toBe(200);
  expect(JSON.parse(text).message).toContain(`larger than ${MAX_BODY_BYTES} bytes`);
  expect((await send(`${sandbox.url}/api3/json`, { body: INFO, agent })).status).toBe(200);
});

test("a byte order mark, chunked bodies and pipelined requests are understood", async () => {
  const sandbox = await sandboxForTest();
  const marked = await send(`${sandbox.url}/api3/json`, { body: `\uFEFF${INFO}` });
  expect(marked.text).toContain('"version"');

  const socket = await dial(sandbox);
  socket.write(rawPost(INFO) + rawPost(INFO));
  const half = INFO.length >> 1;
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  socket.write(
    "POST /api3/json HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n" +
      `${chunk(INFO.slice(0, half))}${chunk(INFO.slice(half))}0\r\n\r\n`,
  );
  const { text } = await drain(socket);
  expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
});

test("what is not HTTP is refused, and a peer that leaves in the middle hurts nobody", async () => {
  const sandbox = await sandboxForTest();
  const garbage = await dial(sandbox);
  garbage.write("\x00\x01\x02 this is not HTTP\r\n\r\n");
  expect((await drain(garbage)).text).toMatch(/^HTTP\/1\.1 400/);

  const gone = await dial(sandbox);
  gone.write(rawPost(INFO).slice(0, -5));
  gone.resetAndDestroy();
  const promising = await dial(sandbox);
  promising.write("POST /api3/json HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999999\r\n\r\n{");
  promising.destroy();
  expect(await rpc(sandbox, "info")).toHaveProperty("version");
});

test("gzip: never to this machine by default, always when told so, and only for clients that ask", async () => {
  const accepts = { "accept-encoding": "gzip, deflate" };
  const quiet = await sandboxForTest();
  const body = call(quiet, "schema_entity_read");
  const plain = await send(`${quiet.url}/api3/json`, { body, headers: accepts });
  expect(plain.headers["content-encoding"]).toBe(undefined);

  const eager = await sandboxForTest({ gzip: "always" });
  const request = call(eager, "schema_entity_read");
  const packed = await send(`${eager.url}/api3/json`, { body: request, headers: accepts });
  expect(packed.headers["content-encoding"]).toBe("gzip");
  expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 3);
  expect(JSON.parse(gunzipSync(packed.bytes).toString())).toEqual(JSON.parse(plain.text));
  const unasked = await send(`${eager.url}/api3/json`, { body: request });
  expect(unasked.headers["content-encoding"]).toBe(undefined);
});

test.skipIf(!outsideAddress)("gzip: large replies to other machines are packed by default", async () => {
  const sandbox = await sandboxForTest({ host: "0.0.0.0" });
  const url = `http://${outsideAddress}:${new URL(sandbox.url).port}/api3/json`;
  const headers = { "accept-encoding": "gzip" };
  const large = await send(url, { body: call(sandbox, "schema_entity_read"), headers });
  expect(large.headers["content-encoding"]).toBe("gzip");
  const small = await send(url, { body: INFO, headers });
  expect(small.headers["content-encoding"]).toBe(undefined);
});

test("counts the requests it sees, refused ones too", async () => {
  const sandbox = await sandboxForTest();
  const more = sandbox.requests.more(2, "info");
  await rpc(sandbox, "info");
  await rpc(sandbox, "read", { type: "Shot" });
  await send(`${sandbox.url}/api3/json`, { body: "nonsense" });
  await rpc(sandbox, "info");
  await more;
  expect(sandbox.requests.count()).toBe(4);
  expect(sandbox.requests.count("read", "Shot")).toBe(1);
  expect(sandbox.requests.count("?")).toBe(1);
});

// Whatever a body says, the reply is one JSON object with HTTP 200, and never shows our insides.
test("any JSON in, one JSON object out", async () => {
  const sandbox = await sandboxForTest();
  const agent = keepAlive();
  const warnings: unknown[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on("warning", warn);
  onTestFinished(() => {
    process.off("warning", warn);
  });
  const auth = { script_name: sandbox.scriptName, script_key: sandbox.scriptKey };
  const methods = [
    "info",
    "read",
    "create",
    "update",
    "delete",
    "revive",
    "batch",
    "summarize",
    "schema_read",
  ];
  const names = [
    "schema_field_read",
    "schema_entity_read",
    "toString",
    "__proto__",
    "constructor",
    "no_such",
  ];
  const keys = fc.constantFrom(
    "type",
    "id",
    "filters",
    "fields",
    "paging",
    "return_fields",
    "conditions",
    "path",
  );
  const types = fc.constantFrom("Shot", "Task", "EventLogEntry", "__proto__", "toString", "Nope");
  const payload = fc.oneof(
    fc.jsonValue({ maxDepth: 6 }),
    fc.dictionary(fc.oneof(keys, fc.string()), fc.oneof(types, fc.jsonValue())),
    fc.record({
      type: types,
      return_fields: fc.oneof(fc.array(fc.oneof(keys, fc.string())), fc.jsonValue()),
      filters: fc.record({
        logical_operator: fc.constantFrom("and", "or", "nor"),
        conditions: fc.jsonValue(),
      }),
      paging: fc.oneof(
        fc.record({ entities_per_page: fc.integer(), current_page: fc.integer() }),
        fc.jsonValue(),
      ),
      fields: fc.array(fc.record({ field_name: fc.string(), value: fc.jsonValue() })),
      id: fc.oneof(fc.integer(), fc.jsonValue()),
    }),
  );
  const bodies = fc.record({
    method_name: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...methods) },
      fc.constantFrom(...names),
      fc.jsonValue(),
    ),
    params: fc.oneof(
      { weight: 8, arbitrary: fc.tuple(fc.constant(auth), payload) },
      fc.array(fc.oneof(fc.constant(auth), fc.jsonValue()), { maxLength: 3 }),
      fc.jsonValue(),
    ),
  });
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const { status, text } = await send(`${sandbox.url}/api3/json`, { body: JSON.stringify(body), agent });
      expect(status).toBe(200);
      const reply = JSON.parse(text);
      expect(typeof reply).toBe("object");
      if (reply.exception)
        expect(reply.message).not.toMatch(/node:|\.ts\b|\.js\b|\bat \w+ \(|SQLITE|no such column/);
      expect(text).not.toContain("Internal error");
    }),
    { numRuns: 400 },
  );
  expect(warnings).toEqual([]);
});
