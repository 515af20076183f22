/** The transport over undici: keep-alive, gzip and deflate, an HTTP proxy, own certificate authorities. */
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { inflateRaw, unzip } from "node:zlib";
import type { Dispatcher, request as sendRequest } from "undici";
import { CallsheetError } from "../errors.ts";
import { describeFailure } from "./http-failure.ts";
import {
  type SendOptions,
  type Transport,
  TransportError,
  type WireReply,
  type WireRequest,
} from "./transport.ts";

export interface HttpTransportOptions {
  /** `[user:password@]host[:port]`, port 8080 by default. Every request goes through a CONNECT tunnel (protocol notes 1.4). */
  httpProxy?: string | undefined;
  /** Path of a PEM file with the certificate authorities to trust. Default: Node's own list. */
  caCerts?: string | undefined;
  /** Connections held open at most, each for one request at a time; further requests wait. Default 32. */
  connections?: number | undefined;
}

/**
 * Opens nothing yet; the HTTP library is loaded and connections are made on the first request, and kept for the next.
 * @throws CallsheetError SITE_ARGUMENT for a wrong proxy address or an unreadable certificate file
 */
export function openHttpTransport(options: HttpTransportOptions = {}): Transport {
  const proxy = options.httpProxy === undefined ? null : parseProxy(options.httpProxy);
  const ca = options.caCerts === undefined ? {} : { ca: readCertificates(options.caCerts) };
  let undici: Promise<Http> | null = null;
  const open = () => {
    undici ??= openUndici(proxy, ca, options.connections ?? 32);
    return undici;
  };
  return {
    send: async (request, sendOptions) => send(await open(), request, sendOptions),
    close: async () => (await undici)?.dispatcher.close(),
  };
}

interface Http {
  dispatcher: Dispatcher;
  request: typeof sendRequest;
}

async function openUndici(proxy: Proxy | null, ca: { ca?: string }, connections: number): Promise<Http> {
  const { Agent, ProxyAgent, request } = await import("undici");
  // Our own deadline covers the whole request, so undici's timers are off. The official client speaks HTTP/1.1 too.
  const common = { connections, headersTimeout: 0, bodyTimeout: 0, allowH2: false };
  const dispatcher =
    proxy === null
      ? new Agent({ ...common, connect: ca })
      : new ProxyAgent({ ...common, ...proxy, proxyTunnel: true, requestTls: ca });
  return { dispatcher, request };
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CallsheetError("SITE_ARGUMENT", `The certificate file ${path} cannot be read.`, {
      hint: "Give caCerts the path of a PEM file.",
      cause: error,
    });
  }
}

interface Proxy {
  uri: string;
  token?: string;
}

function parseProxy(address: string): Proxy {
  const match = /^(?:(.*)@)?([^@/:\s]+|\[[^\]]+\])(?::(\d{1,5}))?$/.exec(address);
  const port = Number(match?.[3] ?? 8080);
  if (!match || port > 65535) {
    // The address is not repeated: it may contain a password.
    throw new CallsheetError("SITE_ARGUMENT", "The httpProxy address is not understood.", {
      hint: "Write it as host, host:port or user:password@host:port, without http:// in front.",
    });
  }
  const uri = `http://${match[2]}:${port}`;
  if (match[1] === undefined) return { uri };
  return { uri, token: `Basic ${Buffer.from(match[1]).toString("base64")}` };
}

async function send(http: Http, request: WireRequest, options: SendOptions): Promise<WireReply> {
  const deadline = new AbortController();
  const abort = () => deadline.abort(options.signal?.reason);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener("abort", abort);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    deadline.abort();
  }, options.timeoutMs);
  let began = false;
  try {
    const { url, method, headers, body } = request;
    const reply = await http.request(url, {
      dispatcher: http.dispatcher,
      method,
      headers,
      body,
      signal: deadline.signal,
    });
    began = true;
    const bytes = await decompress(await reply.body.bytes(), reply.headers["content-encoding"]);
    const { statusCode: status, statusText } = reply;
    return { status, statusText, headers: plainHeaders(reply.headers), body: bytes };
  } catch (error) {
    if (timedOut) throw new TransportError("timeout", `no whole reply within ${options.timeoutMs} ms`);
    options.signal?.throwIfAborted();
    throw error instanceof TransportError ? error : describeFailure(error, began);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", abort);
  }
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = typeof value === "string" ? value : value.join(", ");
  }
  return plain;
}

const unzipAsync = promisify(unzip);
const inflateRawAsync = promisify(inflateRaw);

async function decompress(bytes: Uint8Array, encoding: string | string[] | undefined): Promise<Uint8Array> {
  if (encoding === undefined || encoding === "identity" || bytes.length === 0) return bytes;
  if (encoding !== "gzip" && encoding !== "x-gzip" && encoding !== "deflate") {
    throw new TransportError("malformed", `the reply is encoded as ${encoding}, which was not asked for`);
  }
  try {
    // Some servers send deflate without its two-byte header, recognised by the low four bits.
    const bare = encoding === "deflate" && ((bytes[0] ?? 0) & 0x0f) !== 8;
    return await (bare ? inflateRawAsync(bytes) : unzipAsync(bytes));
  } catch (error) {
    throw new TransportError(
      "malformed",
      `the ${encoding} reply cannot be unpacked: ${(error as Error).message}`,
    );
  }
}
