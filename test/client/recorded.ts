/** The recorded calls of the official client: what it sent, what it got, and the same as seen by a server on this machine. */
import { readForm } from "./forms.ts";
import { fromPython, type RecordedCall, readCases } from "./python.ts";
import type { Received, Recorder } from "./recorder.ts";

export interface Exchange {
  request: { method: string; path: string; headers: Record<string, string>; body: unknown };
  response: { status: number; headers: Record<string, string>; body: unknown };
}

export interface Case {
  name: string;
  group: string;
  client: Record<string, unknown>;
  env?: Record<string, string>;
  call: RecordedCall;
  request: Exchange["request"] | null;
  canned_response?: Exchange["response"];
  exchanges?: Exchange[];
  client_result: { value?: unknown; exception?: { class: string; message: string } };
}

export const recordedRequests = readCases<Case>("requests.jsonl");

export const UNEXPECTED = { response: { status: 418, headers: {}, body: "one request too many" } };

/** What the calls upload, in base64. */
export const FILES: Record<string, string> = {
  "clip.mov": "bm90IHJlYWxseSBhIG1vdmllLCAyNSBiLg==",
  "empty.txt": "",
  "hello.txt": "aGVsbG8gd29ybGQK",
  noext: "AAEC",
  "Noëlご.txt": "Y2Fmw6kK",
  "strip.png":
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "thumb.png":
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
};

export function exchangesOf({ request, canned_response: response, exchanges }: Case): Exchange[] {
  if (exchanges) return exchanges;
  return request && response ? [{ request, response }] : [];
}

export function asksForInfo({ body }: Exchange["request"]): boolean {
  return (body as { method_name?: string } | null)?.method_name === "info";
}

/** The site of the recording is where ours is. */
export function here<T>(value: T, site: Recorder): T {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return value.replaceAll("http://site.example", site.url) as T;
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item) => here(item, site)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, here(item, site)])) as T;
}

export function bodyOf(request: Received): unknown {
  const type = request.headers["content-type"] ?? "";
  if (type.includes("json")) return request.body;
  if (request.method === "GET") return null;
  return type.includes("form")
    ? readForm(request.bytes, type)
    : { bytes_b64: request.bytes.toString("base64") };
}

/** Boundaries are random; that the last one is followed by an empty line is checked where forms are read. */
export function expectedBody(body: unknown): unknown {
  const { multipart } = (body ?? {}) as { multipart?: { parts: unknown } };
  return multipart ? { multipart: { parts: multipart.parts } } : body;
}

const INFO = recordedRequests.find((row) => row.name === "info")!.canned_response!.body as Record<
  string,
  unknown
>;

export function siteInfo({ client }: Case): unknown {
  return { ...INFO, ...(client.server_info as object | undefined) };
}

// Replies of hundreds of records are stored shortened.
export function fillElided(body: unknown): unknown {
  return JSON.stringify(body).includes("$elided") ? fromPython(body) : body;
}
