/** How commands reach the daemon: over its control API, or, to read, in the state folder of one that is stopped. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CallsheetError, type ErrorCode } from "../../errors.ts";
import { readAddress, type ServerAddress } from "../../server/address-file.ts";
import { version } from "../../version.ts";
import { findPlace } from "../background/place.ts";
import { noAnswer } from "./no-answer.ts";

export interface Control {
  /** False: the answers come from the state of a stopped daemon. */
  readonly running: boolean;
  /** Where it asks: an address, or a folder. */
  readonly at: string;
  /** @param path below `/api/v1` */
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  /** The text of a stream as it comes. */
  stream(path: string, signal: AbortSignal): AsyncIterable<string>;
  close(): Promise<void>;
}

export interface ControlOptions {
  config?: string;
  state?: string;
  url?: string;
  token?: string;
}

const API = "/api/v1";

/**
 * @param reading true: a stopped daemon's state will do
 * @throws CallsheetError DAEMON_NOT_RUNNING, STATE_*, CONFIG_*
 */
export async function openControl(options: ControlOptions, reading: boolean): Promise<Control> {
  if (options.url !== undefined)
    return remote(withoutSlash(options.url), options.token ?? tokenOfEnvironment());
  const { state } = await findPlace(options);
  const address = readAddress(state);
  if (address && (await isThere(address))) return remote(address.url, address.token);
  if (reading) return stopped(state);
  throw new CallsheetError("DAEMON_NOT_RUNNING", `No daemon runs on the state folder ${state}.`, {
    hint: "Start it with `callsheet start`; or its server is off (server.enabled).",
  });
}

function tokenOfEnvironment(): string | null {
  return process.env.CALLSHEET_TOKEN || null;
}

/** Another daemon may have the port by now; it does not know this token. */
async function isThere({ url, token }: ServerAddress): Promise<boolean> {
  try {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}${API}/session`, { headers, signal: AbortSignal.timeout(5000) });
    return response.ok;
  } catch {
    return false;
  }
}

function remote(url: string, token: string | null): Control {
  const headers = {
    "x-callsheet": version(),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    try {
      return await fetch(`${url}${API}${path}`, { ...init, headers: { ...headers, ...init.headers } });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw noAnswer(url, init.method, error);
    }
  };
  const answered = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await ask(path, init);
    return contentOf(response, (error) => noAnswer(url, init?.method, error));
  };
  return {
    running: true,
    at: url,
    get: (path) => answered(path),
    post(path, body) {
      const text = JSON.stringify(body);
      const json = { "content-type": "application/json" };
      return answered(path, { method: "POST", headers: json, body: text });
    },
    async *stream(path, signal) {
      const response = await ask(path, { signal });
      if (!response.ok || !response.body) await contentOf(response, (error) => error);
      const decoder = new TextDecoder();
      for await (const part of response.body!) yield decoder.decode(part as Uint8Array, { stream: true });
    },
    close: async () => {},
  };
}

/** @param broken what to throw when its text ends too early */
async function contentOf<T>(response: Response, broken: (error: unknown) => unknown): Promise<T> {
  const text = await response.text().catch((error) => {
    throw broken(error);
  });
  return content(response.status, text, response.url);
}

async function stopped(state: string): Promise<Control> {
  const { openJournalForReading } = await import("../../journal/sqlite/open-for-reading.ts");
  const { openReplaysForReading } = await import("../../journal/sqlite/replays/open.ts");
  const { answersOfStopped } = await import("../../server/stopped.ts");
  const journal = await openJournalForReading(state).catch((error) => unlessOfCluster(error, state));
  const replays = openReplaysForReading(state);
  const server = await answersOfStopped({ journal, replays }, version());
  const notRunning = () => {
    throw new CallsheetError("DAEMON_NOT_RUNNING", `No daemon runs on the state folder ${state}.`);
  };
  return {
    running: false,
    at: state,
    async get<T>(path: string): Promise<T> {
      const { statusCode, body } = await server.inject({ url: `${API}${path}` });
      return content<T>(statusCode, body, path);
    },
    post: async () => notRunning(),
    // biome-ignore lint/correctness/useYield: it refuses
    async *stream() {
      notRunning();
    },
    async close() {
      await server.close();
      await replays?.close();
      await journal.close();
    },
  };
}

/** @throws the failure that a reply tells of */
function content<T>(status: number, text: string, from: string): T {
  if (status < 300) return JSON.parse(text) as T;
  const error = errorIn(text);
  throw new CallsheetError(
    (error?.code as ErrorCode | undefined) ?? "DAEMON_NOT_RUNNING",
    error?.message ?? `${from} answered with status ${status}, which is no answer of Callsheet.`,
    error?.hint ? { hint: error.hint } : {},
  );
}

/** A host of a cluster has no journal of its own to be read in place of its daemon. */
async function unlessOfCluster(error: unknown, state: string): Promise<never> {
  const { SEEN_FILE } = await import("../../daemon/open-state.ts");
  if ((error as CallsheetError).code !== "STATE_UNUSABLE" || !existsSync(join(state, SEEN_FILE))) throw error;
  throw new CallsheetError(
    "STATE_UNUSABLE",
    `No daemon runs on the state folder ${state}, and what a host of a cluster knows is in its database.`,
    { hint: "Start it with `callsheet start`, or ask another host of the cluster: --url names it." },
  );
}

function errorIn(text: string): { code: string; message: string; hint: string | null } | null {
  try {
    return (
      (JSON.parse(text) as { error?: { code: string; message: string; hint: string | null } }).error ?? null
    );
  } catch {
    return null;
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
