/** The recorded bad days of a site: what a server does, case by case, and what the official client made of it. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type RecordedCall, readCases } from "./python.ts";
import type { Received, Recorder, Scripted } from "./recorder.ts";

export interface FailureCase {
  name: string;
  /** `storage`: the site has a cloud storage. */
  call: RecordedCall & { storage?: boolean };
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
  exception: {
    class: string;
    message: string;
    bases: string[];
    attrs: { errcode?: number; errmsg?: string };
  } | null;
  value?: unknown;
  attempts: number;
  sleeps_s: number[];
}

export const recordedFailures = readCases<FailureCase>("errors.jsonl");

/** Files travel by other ways than calls. */
export const ABOUT_FILES = /^(form|storage|download|share_thumbnail)_/;

export function replyOf({ name, server }: FailureCase, index: number): Scripted {
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
  close_before_reply: (socket) => socket.destroy(),
  close_before_reply_then_ok: (socket) => socket.destroy(),
  garbage_status_line: (socket) => socket.end("GARBAGE\r\n\r\n"),
  connection_reset: (socket) => socket.resetAndDestroy(),
  truncated_body: (socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"resu'),
  read_timeout: () => {},
};

export const UNREACHABLE: Record<string, () => Promise<string>> = {
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

const text = (body: string): Scripted => ({ headers: { "content-type": "text/plain" }, body });

/** What a site and its storage say to files on their way. */
export const fileReplyOf = {
  /** To the request that the case is about, for the time `index` from 0. */
  counted({ name, server: { status = 200, body, sequence, socket } }: FailureCase, index: number): Scripted {
    if (socket !== undefined) return { socket: (connection) => connection.destroy() };
    if (name === "form_not_utf8") return { body: Buffer.from([0xff]) };
    if (name === "storage_put_no_etag") return { body: "" };
    return {
      status: Number(sequence?.[index] ?? status),
      headers: { etag: '"e"' },
      body: body ?? (name.startsWith("download") ? "" : "1:5\n"),
    };
  },

  /** To all others. */
  others(request: Received, site: Recorder): Scripted {
    if (request.path.endsWith("link_info"))
      return text(`1\n${site.url}/s3/k?sig=1\nnow\nAttachment\n\nrest\n`);
    if (request.path.endsWith("link_file")) return text("1:9\n");
    return { body: { results: { session_id: "s-1" } } };
  },
};

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

export const CERTIFICATE = fixture("localhost-cert.pem");

/** A server whose secure connections go wrong as the case says. */
export async function openTls(name: string) {
  let connections = 0;
  const tls = {
    key: readFileSync(fixture("localhost-key.pem")),
    cert: readFileSync(CERTIFICATE),
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
  const { port } = listener.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    close: () => listener.close(),
  };
}
