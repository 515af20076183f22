/** A daemon with its server, and what asks it. */
import { expect } from "vitest";
import type { Daemon } from "../../src/daemon/daemon.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { readAddress } from "../../src/server/address-file.ts";
import { daemonWith } from "../daemon/whole.ts";

export interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever came back is looked at by the tests
  json: any;
  headers: Headers;
}

export interface Asking {
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

export const FREE_PORT = { server: { port: 0 } };

export async function servedDaemon(plugins: Record<string, string>, options: object = {}, sandbox?: Sandbox) {
  const parts = await daemonWith(plugins, { ...FREE_PORT, ...options }, sandbox);
  const { daemon, config } = parts;
  const address = readAddress(config.state)!;
  expect(address.url).toBe(daemon.url);
  return { ...parts, address, ...asking(daemon) };
}

export function asking({ url }: Pick<Daemon, "url">): Asking {
  const ask = async (path: string, init: RequestInit): Promise<Reply> => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return { status: response.status, json: isJson ? JSON.parse(text) : text, headers: response.headers };
  };
  return {
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body = {}, headers = { "x-callsheet": "test" }) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
  };
}
