import { Writable } from "node:stream";
import { expect, test } from "vitest";
import type { SandboxCommandOptions } from "../../src/cli/sandbox.ts";
import { runSandbox } from "../../src/cli/sandbox.ts";
import { sandboxForTest, send } from "./wire.ts";

/** Runs the command until `use` is done with what it printed. */
async function run(
  options: Partial<SandboxCommandOptions>,
  use: (printed: string) => Promise<void> = async () => {},
) {
  const stop = new AbortController();
  const printed = Promise.withResolvers<string>();
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      printed.resolve(String(chunk));
      done();
    },
  });
  const running = runSandbox(
    { port: 0, json: false, ...options },
    { stdout, stderr: stdout, signal: stop.signal },
  );
  const text = await Promise.race([printed.promise, running.then(() => "")]);
  await use(text);
  stop.abort();
  return { text, status: await running };
}

test("--json prints one line that is enough to log in, and ends with status 0", async () => {
  const options = { json: true, script: "daemon:se:cret", user: "boss:pass" };
  const { text, status } = await run(options, async (line) => {
    const ready = JSON.parse(line);
    expect(ready).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      script_name: "daemon",
      script_key: "se:cret",
      login: "boss",
      password: "pass",
    });
    const body = JSON.stringify({
      method_name: "schema_entity_read",
      params: [{ script_name: ready.script_name, script_key: ready.script_key }],
    });
    expect((await send(`${ready.url}/api3/json`, { body })).text).toContain('"results"');
  });
  expect(text.endsWith("}\n")).toBe(true);
  expect(text.trim()).not.toContain("\n");
  expect(status).toBe(0);
});

test("without --json a person reads where it is, what is in it and how to get in", async () => {
  const { text, status } = await run({ studio: "small", artists: 2, script: "daemon:secret" });
  for (const part of ["http://127.0.0.1:", "daemon", "secret", "producer", "studio", "2, changing", "Ctrl-C"])
    expect(text).toContain(part);
  expect(status).toBe(0);
});

test("the artists it was asked for are at work", async () => {
  await run({ json: true, studio: "small", artists: 3 }, async (line) => {
    const ready = JSON.parse(line);
    const headers = { authorization: `Bearer ${ready.script_key}` };
    let written = 0;
    while (written === 0) {
      const { text } = await send(`${ready.url}/sandbox/control`, { headers, body: '{"do": "status"}' });
      const { create = {}, update = {}, batch = {} } = JSON.parse(text).requests;
      written = Object.keys({ ...create, ...update, ...batch }).length;
    }
  });
});

test.each([
  [{ port: 70_000 }, /--port/],
  [{ port: Number.NaN }, /--port/],
  [{ script: "no-colon" }, /--script .*NAME:KEY/],
  [{ user: "boss:" }, /--user .*LOGIN:PASSWORD/],
  [{ studio: "huge" as never }, /--studio/],
  [{ schema: "no/such/file.json" }, /--schema no\/such\/file.json cannot be read: ENOENT/],
  [{ artists: -1 }, /--artists/],
])("refuses %o in one sentence", async (options, message) => {
  await expect(run(options)).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringMatching(message),
  });
});

test("a bad pair is refused without repeating it, since it may hold a secret", async () => {
  await expect(run({ script: ":hunter2" })).rejects.toSatisfy(
    (error: Error) => !error.message.includes("hunter2"),
  );
});

test("a taken port is refused with a hint", async () => {
  const sandbox = await sandboxForTest();
  const port = Number(new URL(sandbox.url).port);
  await expect(run({ port })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    hint: expect.stringMatching(/0 for any free one/),
  });
});
