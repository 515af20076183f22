/** The HTTP server's connections: listening, going away and coming back, dropping idle ones. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { CallsheetError } from "../../errors.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const KEEP_ALIVE_MS = 60_000;

export class Listener {
  readonly #host: string;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #port: number;
  #handler: Handler;

  private constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
    this.#handler = (_request, response) => response.writeHead(503).end();
    this.#server = this.#makeServer();
  }

  /**
   * Listens; requests get HTTP 503 until {@link serve} is called.
   * @throws CallsheetError PORT_IN_USE; USAGE when the address cannot be listened on
   */
  static async open(host: string, port: number): Promise<Listener> {
    const listener = new Listener(host, port);
    await listener.plugIn();
    return listener;
  }

  get url(): string {
    const any = this.#host === "0.0.0.0" || this.#host === "::";
    const host = any ? "127.0.0.1" : this.#host;
    return `http://${host.includes(":") ? `[${host}]` : host}:${this.#port}`;
  }

  serve(handler: Handler): void {
    this.#handler = handler;
  }

  /** Closes connections that are idle between two requests; returns how many. */
  dropIdle(): number {
    const before = [...this.#sockets].filter((socket) => !socket.destroyed);
    this.#server.closeIdleConnections();
    return before.filter((socket) => socket.destroyed).length;
  }

  /** Resets every connection and refuses new ones, until `plugIn`. */
  async unplug(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  /** Listens again on the same port. */
  async plugIn(): Promise<void> {
    if (this.#server.listening) return;
    this.#server = this.#makeServer();
    await listen(this.#server, this.#host, this.#port);
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends for good; requests in hand are cut off. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #makeServer(): Server {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) =>
      this.#handler(request, response),
    );
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    return server;
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): CallsheetError {
  if (error.code === "EADDRINUSE")
    return new CallsheetError("PORT_IN_USE", `Port ${port} on ${host} is taken by another program.`, {
      hint: "Choose another port, or 0 for any free one.",
      cause: error,
    });
  return new CallsheetError("USAGE", `The sandbox cannot listen on ${host} port ${port} (${error.code}).`, {
    hint: "Choose a port of 1024 or above, and an address of this machine.",
    cause: error,
  });
}
