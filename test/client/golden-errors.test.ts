/** What the official client makes of a site's bad days, recorded case by case, against ours. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import * as client from "callsheet/client";
import { Shotgun, type ShotgunOptions } from "callsheet/client";
import { describe, expect, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { connect, rejection } from "./connect.ts";
import { type RecordedCall, readCases } from "./python.ts";
import { Recorder, type Scripted } from "./recorder.ts";

interface Case {
  name: string;
  call: RecordedCall;
  server: {
    status?: number;
    body?: unknown;
    content_type?: string;
    headers?: Record<string, string>;
    sequence?: (number | { status: number; location: string })[];
    socket?: string;
    tls?: string;
    info_version?: (number | string)[];
    env?: Record<string, string>;
    none?: boolean;
  };
  exception: { class: string; message: string; attrs: { errcode?: number; errmsg?: string } } | null;
  value?: unknown;
  attempts: number;
  sleeps_s: number[];
}

const LATER: [RegExp, string][] = [
  [/^(form|storage|download|share_thumbnail)_/, "uploads and downloads come with the complete client"],
  [/^gate_(sudo|session|work|follow|note|text|activity|update_project|share|upload)/, "later methods"],
  [
    /^ctor_(script_and_login|login|password|session|auth_token)/,
    "other credentials than a script's come later",
  ],
  [/^session_token_missing/, "session tokens come with the complete client"],
];

/** Where ours differs on purpose. Each of these is tested in the file named. */
const DIFFERENT = new Map(
  Object.entries({
    http_429: "sent again with back-off: retry.test.ts",
    http_503: "sent again with back-off: retry.test.ts",
    http_303_with_location: "redirects are not followed: reply.test.ts",
    http_308_with_location: "redirects are not followed: reply.test.ts",
    http_204_empty: "no JSON is an error: reply.test.ts",
    html_200: "no JSON is an error: reply.test.ts",
    no_results_key: "delete is answered by true or false: reply.test.ts",
    top_level_list: "delete is answered by true or false: reply.test.ts",
    results_null: "delete is answered by true or false: reply.test.ts",
    close_before_reply: "a write is not sent twice: retry.test.ts",
    close_before_reply_then_ok: "a write is not sent twice: retry.test.ts",
    garbage_status_line: "a write is not sent twice: http.test.ts",
    keepalive_closed_by_server: "http.test.ts",
    set_cookie_ignored: "http.test.ts",
    env_retry_interval_not_int: "an option, not the environment",
    env_retry_interval_negative: "an option, not the environment",
    no_credentials_then_call: "a client without credentials cannot be made",
    handshake_fault_oxygen: "info needs no credentials; the class is tested with fault_110",
  }),
);

const cases = readCases<Case>("errors.jsonl");
const reasonToSkip = ({ name }: Case) =>
  DIFFERENT.get(name) ?? LATER.find(([names]) => names.test(name))?.[1];

describe("the recorded failures of the official client", () => {
  for (const recorded of cases) {
    if (reasonToSkip(recorded) === undefined) test(recorded.name, () => check(recorded));
  }

  test("every case that is left out exists", () => {
    const left = cases.filter(reasonToSkip);
    for (const name of DIFFERENT.keys()) expect(cases.map((row) => row.name)).toContain(name);
    for (const [names] of LATER) expect(left.some((row) => names.test(row.name))).toBe(true);
    expect(cases.length - left.length).toBeGreaterThanOrEqual(65);
  });
});

async function check(recorded: Case): Promise<void> {
  const { name, server } = recorded;
  if (name.startsWith("ctor_")) return checkConstructor(name);
  if (name.startsWith("handshake_")) return checkHandshake(recorded);
  if (server.info_version) return checkGate(recorded);
  if (server.tls !== undefined) return checkTls(recorded);
  if (name in UNREACHABLE) return checkUnreachable(recorded);
  await using site = await Recorder.open((_request, index) => replyOf(recorded, index));
  await using made = connect(site.url, server.socket?.includes("never") ? { timeoutMs: 300 } : {});
  const [type] = recorded.call.args as [string];
  const call = recorded.call.method === "find" ? made.sg.find(type, []) : made.sg.delete(type, 1);
  await compare(recorded, call, () => site.requests.length, made.pauses);
}

/** Names of the Python exceptions on the left; ours on the right. */
const CLASSES: Record<string, string> = {
  JSONDecodeError: "ReplyError",
  AttributeError: "ReplyError",
  KeyError: "ReplyError",
  TypeError: "ReplyError",
  UnicodeDecodeError: "ReplyError",
  FailedToDecompressContent: "UnreachableError",
  ConnectionResetError: "UnreachableError",
  IncompleteRead: "UnreachableError",
  TimeoutError: "UnreachableError",
  ConnectionRefusedError: "UnreachableError",
  ServerNotFoundError: "UnreachableError",
  SSLCertVerificationError: "UnreachableError",
  SSLEOFError: "UnreachableError",
  SSLError: "UnreachableError",
};

async function compare(recorded: Case, call: Promise<unknown>, attempts: () => number, pauses: number[]) {
  const { exception } = recorded;
  if (exception === null) expect(await call).toEqual(recorded.value);
  else {
    const error = await rejection(call);
    expect(error).toBeInstanceOf(client.ShotgunError);
    expect(error).toMatchObject({ name: CLASSES[exception.class] ?? exception.class });
    if (error instanceof client.ProtocolError) {
      expect(error.status).toBe(exception.attrs.errcode);
      expect(error.message).toContain(
        recorded.name === "http_403" ? "API access is blocked" : error.statusText,
      );
    }
    if (error instanceof client.Fault && !exception.message.startsWith("Authentication using")) {
      expect(error.message).toBe(exception.message);
    }
    if (recorded.attempts > 0) expect(error).toMatchObject({ attempts: recorded.attempts });
  }
  expect(attempts()).toBe(recorded.attempts);
  expect(pauses).toEqual(recorded.sleeps_s.map((seconds) => seconds * 1000));
}

function replyOf({ name, server }: Case, index: number): Scripted {
  const json = { "content-type": server.content_type ?? "application/json; charset=utf-8" };
  const headers = {
    ...json,
    ...(server.headers?.["Content-Encoding"] ? { "content-encoding": "gzip" } : {}),
  };
  if (name in SOCKETS) return { socket: SOCKETS[name]! };
  if (name === "gzip_body") return { headers, body: gzipSync('{"results": true}') };
  if (name === "no_content_type_is_json") return { headers: {}, body: '{"results": true}' };
  if (name === "latin1_body") return { headers, body: Buffer.from("7b22e9227d", "hex") };
  if (name === "utf8_bom") return { headers, body: '\uFEFF{"results": true}' };
  const step = server.sequence?.[index] ?? server.status ?? 200;
  if (typeof step === "object") return { status: step.status, headers: { location: step.location } };
  const body = server.body ?? (step < 300 ? { results: true } : "boom");
  return { status: step, headers, body };
}

const SOCKETS: Record<string, (socket: Socket) => void> = {
  connection_reset: (socket) => socket.resetAndDestroy(),
  truncated_body: (socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"resu'),
  read_timeout: () => {},
};

const UNREACHABLE: Record<string, () => Promise<string>> = {
  connection_refused: async () => {
    const server = createTcpServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return `http://127.0.0.1:${port}`;
  },
  unknown_host: async () => "http://no-such-host.invalid",
};

async function checkUnreachable(recorded: Case): Promise<void> {
  await using made = connect(await UNREACHABLE[recorded.name]!());
  await compare(recorded, made.sg.delete("Shot", 1), () => 0, made.pauses);
}

const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url);

async function checkTls(recorded: Case): Promise<void> {
  const { name, server } = recorded;
  const interval = server.env?.SHOTGUN_API_RETRY_INTERVAL;
  const options: Partial<ShotgunOptions> = {
    ...(interval ? { retry: { tlsPauseMs: Number(interval) } } : {}),
    ...(name.includes("trusted") ? { caCerts: fixture("localhost-cert.pem").pathname } : {}),
  };
  let connections = 0;
  const tls = {
    key: readFileSync(fixture("localhost-key.pem")),
    cert: readFileSync(fixture("localhost-cert.pem")),
  };
  const listener = name.startsWith("tls_eof")
    ? createTcpServer((socket) => socket.on("data", () => socket.destroy()))
    : name.startsWith("tls_plain")
      ? createTcpServer((socket) => socket.on("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")))
      : createHttpsServer(tls, (_request, reply) => {
          reply.setHeader("content-type", "application/json");
          reply.end('{"results": true}');
        });
  listener.on("connection", (socket: Socket) => {
    connections++;
    socket.on("error", () => {});
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  try {
    const { port } = listener.address() as AddressInfo;
    await using made = connect(`https://127.0.0.1:${port}`, options);
    await compare(recorded, made.sg.delete("Shot", 1), () => connections, made.pauses);
  } finally {
    listener.close();
  }
}

const CONSTRUCTORS: Record<string, () => unknown> = {
  ctor_no_credentials: () => new Shotgun("http://127.0.0.1", {} as ShotgunOptions),
  ctor_key_without_name: () => new Shotgun("http://127.0.0.1", { scriptKey: "k" } as ShotgunOptions),
  ctor_name_without_key: () => new Shotgun("http://127.0.0.1", { scriptName: "s" } as ShotgunOptions),
  ctor_bad_scheme: () => new Shotgun("ftp://x", { scriptName: "s", scriptKey: "k" }),
  ctor_bad_proxy_port: () => client.openHttpTransport({ httpProxy: "http://someserver.com" }),
};

function checkConstructor(name: string): void {
  let error: unknown;
  try {
    CONSTRUCTORS[name]!();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(CallsheetError);
  expect(error).toMatchObject({ code: "SITE_ARGUMENT" });
}

async function checkHandshake({ server, exception }: Case): Promise<void> {
  await using site = await Recorder.open(() => ({ body: server.body }), { info: null });
  await using made = connect(site.url);
  if (exception === null) return expect(await made.sg.info()).toEqual(server.body);
  const tooOld = exception.message.includes("or higher");
  expect(await rejection(made.sg.info())).toMatchObject({ code: tooOld ? "SITE_TOO_OLD" : "SITE_REPLY" });
}

async function checkGate({ name, server }: Case): Promise<void> {
  await using site = await Recorder.open(() => ({}), { info: { version: server.info_version } });
  await using made = connect(site.url);
  const options = name.includes("archived")
    ? { includeArchivedProjects: false }
    : { additionalFilterPresets: [{ preset_name: "LATEST" }] };
  expect(await rejection(made.sg.find("Shot", [], [], options))).toMatchObject({
    code: "SITE_TOO_OLD",
    attempts: 0,
  });
  expect(site.requests).toHaveLength(0);
}
