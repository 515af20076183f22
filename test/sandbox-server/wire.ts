/** Talking to a sandbox from tests: a plain HTTP client, and raw sockets for what no client would send. */
import { once } from "node:events";
import type { Agent, IncomingHttpHeaders } from "node:http";
import { request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { onTestFinished } from "vitest";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/open.ts";
import { openSandbox } from "../../src/sandbox/open.ts";

/** An address of this machine that is not loopback; undefined on a machine without a network. */
export const outsideAddress = Object.values(networkInterfaces())
  .flat()
  .find((address) => address && !address.internal && address.family === "IPv4")?.address;

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
}

/** A sandbox that is closed when the test ends. */
export async function sandboxForTest(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await openSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** One request; rejects with the system's error (`code`) when no whole reply comes. */
export function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer; agent?: Agent } = {},
): Promise<Reply> {
  const { method = "POST", headers = {}, body = "", agent } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, ...(agent ? { agent } : {}) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode: status = 0, headers: got } = response;
        resolve({ status, headers: got, bytes, text: bytes.toString() });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** One method call over HTTP; returns the parsed body. */
export async function rpc(
  sandbox: Sandbox,
  method: string,
  payload?: unknown,
): Promise<Record<string, unknown>> {
  const { text } = await send(`${sandbox.url}/api3/json`, { body: call(sandbox, method, payload) });
  return JSON.parse(text);
}

/** The body of a method call, with the script's credentials unless it is `info`. */
export function call(sandbox: Sandbox, method: string, payload?: unknown): string {
  const auth = { script_name: sandbox.scriptName, script_key: sandbox.scriptKey };
  const params = method === "info" ? [] : [auth, ...(payload === undefined ? [] : [payload])];
  return JSON.stringify({ method_name: method, params });
}

/** A raw connection, closed when the test ends. */
export async function dial(sandbox: Sandbox): Promise<Socket> {
  const { hostname, port } = new URL(sandbox.url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  return socket;
}

/** A POST to the API as raw bytes. */
export function rawPost(body: string): string {
  return `POST /api3/json HTTP/1.1\r\nhost: sandbox\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Everything a socket receives until the peer closes, and the error code when it was reset. */
export async function drain(socket: Socket): Promise<{ text: string; code: string | null }> {
  let text = "";
  let code: string | null = null;
  socket.on("data", (chunk) => {
    text += chunk.toString();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    code = error.code ?? "?";
  });
  await new Promise((resolve) => socket.once("close", resolve));
  return { text, code };
}
