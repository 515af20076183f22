/** No key or password in anything that could be printed. */
import { inspect } from "node:util";
import { Shotgun, type Transport } from "callsheet/client";
import { describe, expect, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { connect, KEY, rejection } from "./connect.ts";
import { openProxy } from "./proxy.ts";
import { Recorder, type Scripted } from "./recorder.ts";

const PASSWORD = "hunter2&friends";
const FORMS = [
  KEY,
  encodeURIComponent(KEY),
  PASSWORD,
  encodeURIComponent(PASSWORD),
  btoa(`jane:${PASSWORD}`),
];

function expectNoSecret(value: unknown): void {
  const shown = [inspect(value, { depth: Infinity, showHidden: true, getters: true }), String(value)];
  if (value instanceof Error) shown.push(value.stack ?? "");
  if (value instanceof CallsheetError) shown.push(value.describe(), JSON.stringify(value));
  for (const text of shown) for (const form of FORMS) expect(text).not.toContain(form);
}

test("the client itself shows its site and its script's name only", async () => {
  await using site = await Recorder.open(() => ({}));
  const url = site.url.replace("//", `//jane:${encodeURIComponent(PASSWORD)}@`);
  await using client = connect(url, { httpProxy: `jane:${PASSWORD}@127.0.0.1:1` });
  expectNoSecret(client.sg);
  expect(JSON.parse(JSON.stringify(client.sg))).toEqual({ url: site.url, scriptName: "test script" });
  await client.sg.close();
});

describe("errors", () => {
  const echo = { "content-type": "application/json" };
  test.each<[string, Scripted]>([
    ["a fault that repeats it", { body: { exception: true, message: `bad ${KEY}`, error_code: 102 } }],
    [
      "a fault of another kind",
      { body: { exception: true, message: `params: {"k":"${KEY}"}`, error_code: 103 } },
    ],
    ["a page that repeats it", { headers: { "content-type": "text/html" }, body: `<p>${KEY}` }],
    [
      "a page that repeats it encoded",
      { headers: { "content-type": "text/html" }, body: encodeURIComponent(KEY) },
    ],
    ["JSON that breaks off", { headers: echo, body: `{"script_key": "${KEY}` }],
    ["a content type with it", { headers: { "content-type": `text/${KEY}` }, body: "" }],
    ["403 with it", { status: 403, body: `no: ${KEY}` }],
    ["a redirect to it", { status: 302, headers: { location: `/?key=${encodeURIComponent(KEY)}` } }],
    ["500", { status: 500, body: KEY }],
    ["a closed connection", { socket: (socket) => socket.destroy() }],
    ["something that is not HTTP", { socket: (socket) => socket.end(`${KEY}\r\n\r\n`) }],
    ["a reply of the wrong shape", { body: { results: KEY } }],
  ])("%s", async (_name, reply) => {
    await using site = await Recorder.open(() => reply);
    await using client = connect(site.url);
    const error = await rejection(client.sg.delete("Shot", 1));
    expect(error).toBeInstanceOf(CallsheetError);
    expectNoSecret(error);
  });

  test("wrong arguments that contain it", async () => {
    await using client = connect("http://site.example");
    expectNoSecret(await rejection(client.sg.delete(KEY, KEY as never)));
    expectNoSecret(await rejection(client.sg.find("Shot", KEY as never)));
  });

  test("a transport of another's making that tells all", async () => {
    const transport: Transport = {
      send: async (request) => {
        throw new Error("failed", { cause: request });
      },
      close: async () => {},
    };
    await using client = connect("http://site.example", { transport });
    expectNoSecret(await rejection(client.sg.delete("Shot", 1)));
  });

  test("timeouts, aborts and proxies", async () => {
    await using site = await Recorder.open(() => ({ socket: () => {} }));
    await using slow = connect(site.url.replace("//", `//jane:${encodeURIComponent(PASSWORD)}@`), {
      timeoutMs: 30,
    });
    expectNoSecret(await rejection(slow.sg.delete("Shot", 1)));
    expectNoSecret(await rejection(slow.sg.delete("Shot", 1, { signal: AbortSignal.timeout(1) })));
    await using proxy = await openProxy(407);
    await using refused = connect(site.url, { httpProxy: `jane:${PASSWORD}@127.0.0.1:${proxy.port}` });
    expectNoSecret(await rejection(refused.sg.delete("Shot", 1)));
  });

  test("an attachment somewhere else", async () => {
    await using client = connect("http://site.example", { sessionToken: "t" });
    const url = `smb://jane:${PASSWORD}@server/movie.mov`;
    expectNoSecret(await rejection(client.sg.downloadAttachment({ url })));
  });

  test("options that are refused", () => {
    const refused = { httpProxy: { password: PASSWORD }, extraAuthParams: [PASSWORD] };
    for (const [name, value] of Object.entries(refused)) {
      let error: unknown;
      try {
        connect("http://site.example", { [name]: value } as object);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: "SITE_ARGUMENT", message: expect.stringContaining(name) });
      expectNoSecret(error);
    }
  });

  test("a url that is refused", () => {
    for (const url of [
      `ftp://jane:${PASSWORD}@site`,
      `https//jane:${PASSWORD}@site`,
      `http://jane:${PASSWORD}@`,
      `jane:${PASSWORD}@site.example`,
      `https:/jane:${PASSWORD}@`,
      `https://jane:${PASSWORD}\n@si te`,
    ]) {
      let error: unknown;
      try {
        new Shotgun(url, { scriptName: "s", scriptKey: KEY });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: "SITE_ARGUMENT" });
      expectNoSecret(error);
    }
  });
});
