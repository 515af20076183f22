/** A real HTTP server that answers as scripted and keeps what it was sent. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Received {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  /** The body as it came. */
  text: string;
  /** The body as JSON; what `JSON.parse` makes of it. Empty for a body of another kind. */
  body: { method_name: string; params: unknown[] };
  bytes: Buffer;
  /** Counts connections from 1. */
  connection: number;
}

/** A reply; `socket` takes the connection over instead and does to it what it likes. */
export interface Scripted {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  socket?: (socket: Socket) => void;
}

export type Script = (request: Received, index: number) => Scripted | Promise<Scripted>;

const INFO = { version: [8, 80, 0], api_max_entities_per_page: 500 };

export interface RecorderOptions {
  /** Reply to `info`; requests for it are not counted among `requests`. Default: a current site. */
  info?: unknown;
  /** Another server than plain HTTP. */
  server?: Server;
  scheme?: "http" | "https";
}

export class Recorder {
  readonly requests: Received[] = [];
  readonly infos: Received[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Map<Socket, number>();
  readonly #scheme: string;

  static async open(script: Script, options: RecorderOptions = {}): Promise<Recorder> {
    const recorder = new Recorder(script, options);
    await new Promise<void>((done) => recorder.#server.listen(0, "127.0.0.1", done));
    return recorder;
  }

  private constructor(
    script: Script,
    { info = INFO, server = createServer(), scheme = "http" }: RecorderOptions,
  ) {
    this.#server = server;
    this.#scheme = scheme;
    server.on(scheme === "https" ? "secureConnection" : "connection", (socket: Socket) => {
      this.#sockets.set(socket, ++this.connections);
      socket.on("error", () => {});
    });
    server.on("request", async (incoming: IncomingMessage, reply) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of incoming) chunks.push(chunk);
      } catch {
        // The client went away in the middle of its request.
        return;
      }
      const bytes = Buffer.concat(chunks);
      const text = bytes.toString("utf8");
      const connection = this.#sockets.get(incoming.socket) ?? 0;
      const { method = "", url: path = "", headers } = incoming;
      const request: Received = {
        method,
        path,
        headers,
        text,
        bytes,
        body: jsonOf(text, headers),
        connection,
      };
      const isInfo = request.body.method_name === "info" && info !== null;
      (isInfo ? this.infos : this.requests).push(request);
      const scripted = isInfo ? { body: info } : await script(request, this.requests.length - 1);
      if (scripted.socket) return scripted.socket(incoming.socket);
      const { status = 200, body = { results: true } } = scripted;
      const raw = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      reply.writeHead(status, scripted.headers ?? { "content-type": "application/json; charset=utf-8" });
      reply.end(raw);
    });
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The payload of the only request, or of the one at `index`. */
  payload(index = 0): Record<string, unknown> {
    return this.requests[index]?.body.params[1] as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

function jsonOf(text: string, headers: IncomingMessage["headers"]): Received["body"] {
  return headers["content-type"]?.includes("json") ? JSON.parse(text) : { method_name: "", params: [] };
}

/** A reply to `read`. */
export function page(entities: unknown[], hasNextPage = false): Scripted {
  return { body: { results: { entities, paging_info: { has_next_page: hasNextPage } } } };
}
