/** The transport over undici: keep-alive, gzip and deflate, an HTTP proxy, own certificate authorities. */
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { CallsheetError } from "../errors.ts";
import { SiteGate } from "./gate.ts";
import { type Arriving, exchange, type Http, readWhole } from "./http-exchange.ts";
import { requireTransportOptions } from "./option-checks.ts";
import { streamOf } from "./stream.ts";
import type { SendOptions, Transport, WireRequest } from "./transport.ts";

export interface HttpTransportOptions {
  /** `[user:password@]host[:port]`, port 8080 by default. Every request goes through a CONNECT tunnel (protocol notes 1.4). */
  httpProxy?: string | undefined;
  /** Path of a PEM file with the certificate authorities to trust. Default: Node's own list. */
  caCerts?: string | undefined;
  /** Requests to one site at a time, and connections held open to it, at most; further requests wait. Default 32. */
  connections?: number | undefined;
  /**
   * When a site answers 503 or 429, all who use this transport leave it alone for so long, milliseconds, twice as long
   * after each further refusal, up to 30,000 or what its `Retry-After` says; then one request goes first. Default 500;
   * 0 never holds back.
   */
  busyHoldMs?: number | undefined;
}

const MAX_HOLD_MS = 30_000;

/**
 * Opens nothing yet; the HTTP library is loaded and connections are made on the first request, and kept for the next.
 * @throws CallsheetError SITE_ARGUMENT for a wrong proxy address or an unreadable certificate file
 */
export function openHttpTransport(options: HttpTransportOptions = {}): Transport {
  requireTransportOptions(options);
  const proxy = options.httpProxy === undefined ? null : parseProxy(options.httpProxy);
  const ca = options.caCerts === undefined ? {} : { ca: readCertificates(options.caCerts) };
  const { connections = 32, busyHoldMs = 500 } = options;
  let undici: Promise<Http> | null = null;
  const open = () => {
    undici ??= openUndici(proxy, ca, connections);
    return undici;
  };
  const gates = new Map<string, SiteGate<Arriving>>();
  const gateTo = (url: string) => {
    const { origin } = new URL(url);
    const gate =
      gates.get(origin) ?? new SiteGate({ limit: connections, holdMs: busyHoldMs, maxHoldMs: MAX_HOLD_MS });
    gates.set(origin, gate);
    return gate;
  };
  const start = async (request: WireRequest, sendOptions: SendOptions) => {
    const http = await open();
    const send = (done: () => void) => exchange(http, request, sendOptions, done);
    return gateTo(request.url).run(send, withoutBody, sendOptions.signal);
  };
  return {
    send: async (request, sendOptions) => readWhole(await start(request, sendOptions)),
    stream: async (request, sendOptions) => {
      const { pieces, stop, ...head } = await start(request, sendOptions);
      return { ...head, body: streamOf(pieces, stop) };
    },
    close: async () => (await undici)?.dispatcher.close(),
  };
}

/** A refusal as those get it who did not ask themselves. */
function withoutBody(reply: Arriving): Arriving {
  const headers = Object.fromEntries(
    Object.entries(reply.headers).filter(([name]) => !name.startsWith("content-")),
  );
  return { ...reply, headers, pieces: Readable.from([]) };
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
