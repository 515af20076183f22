/** One request and its reply: reading the body, sending text, and the ways a reply can go wrong. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const zip = promisify(gzip);

/** "remote": replies of 8 kB and more, to peers on other machines. "always": every reply. Both only when the client accepts gzip. */
export type GzipPolicy = "remote" | "always" | "never";

const WORTH_BYTES = 8 * 1024;

export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #policy: GzipPolicy;
  readonly #gone = new AbortController();

  constructor(request: IncomingMessage, response: ServerResponse, policy: GzipPolicy) {
    this.request = request;
    this.response = response;
    this.#policy = policy;
    response.once("close", () => this.#gone.abort());
  }

  /** Aborts when the reply is complete or the connection is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get fromLoopback(): boolean {
    return isLoopback(this.request.socket.remoteAddress);
  }

  /** The whole body, or null when it is larger than `limit` bytes; what is too much is read and dropped. */
  async body(limit: number): Promise<Buffer | null> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
    }
    return size <= limit ? Buffer.concat(chunks, size) : null;
  }

  /** HTTP 200 with a JSON text. */
  json(text: string): Promise<void> {
    return this.send(200, "application/json; charset=utf-8", text);
  }

  async send(
    status: number,
    type: string,
    text: string,
    headers: Record<string, string | number> = {},
  ): Promise<void> {
    const plain = Buffer.from(text);
    const packed = this.#wantsGzip(plain.length) ? await zip(plain, { level: 1 }) : null;
    const encoding: IncomingHttpHeaders = packed ? { "content-encoding": "gzip" } : {};
    const body = packed ?? plain;
    this.response.writeHead(status, {
      "content-type": type,
      "content-length": body.length,
      vary: "accept-encoding",
      ...encoding,
      ...headers,
    });
    this.response.end(this.request.method === "HEAD" ? undefined : body);
  }

  /** HTTP 200 with the bytes of a file, as they are. */
  bytes(type: string, body: Buffer, headers: Record<string, string>): void {
    this.response.writeHead(200, { "content-type": type, "content-length": body.length, ...headers });
    this.response.end(this.request.method === "HEAD" ? undefined : body);
  }

  // Packing a page costs more than a loopback connection ever saves.
  #wantsGzip(bytes: number): boolean {
    if (!/\bgzip\b/.test(String(this.request.headers["accept-encoding"] ?? ""))) return false;
    if (this.#policy === "remote") return bytes >= WORTH_BYTES && !this.fromLoopback;
    return this.#policy === "always";
  }
}

function isLoopback(address: string | undefined): boolean {
  if (!address) return false;
  const plain = address.startsWith("::ffff:") ? address.slice(7) : address;
  return plain === "::1" || plain.startsWith("127.");
}
