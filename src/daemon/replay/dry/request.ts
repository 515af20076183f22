/** Requests of a client on the wire, told apart; and replies as the site would give them (protocol notes 1, 3, 8). */
import type { WireReply, WireRequest } from "../../../client/transport.ts";
import { parseExact, stringifyExact } from "../../../json.ts";
import { isObject } from "./caught.ts";

/** A call of the site's API. */
export interface SiteCall {
  method: string;
  /** Credentials; null for the one call that has none. */
  auth: Record<string, unknown> | null;
  payload: unknown;
}

/** A form with its files left out. */
export interface SiteForm {
  /** `upload_file`, `api_link_file`, … */
  name: string;
  fields: Record<string, string>;
  file: { name: string; bytes: number } | null;
}

export type Asked =
  /** Changes nothing, whatever it is. */
  | { kind: "read" }
  | ({ kind: "call" } & SiteCall)
  | ({ kind: "form" } & SiteForm)
  /** Bytes on their way into a storage, or anything else that is sent somewhere. */
  | { kind: "bytes" };

/** Methods that change nothing. Any other counts as a write: one that nobody here has heard of must not get through. */
const READS = new Set([
  "activity_stream",
  "export_page",
  "followers",
  "following",
  "get_session_token",
  "info",
  "nav_expand",
  "nav_search",
  "note_thread_contents",
  "preferences_read",
  "query_display_name_cache",
  "read",
  "schema_entity_read",
  "schema_field_read",
  "schema_read",
  "summarize",
  "user_subscriptions_read",
  "work_schedule_read",
]);

export function isReading({ method }: SiteCall): boolean {
  return READS.has(method);
}

export function readRequest({ url, method, headers, body }: WireRequest): Asked {
  if (method === "GET") return { kind: "read" };
  const { pathname } = new URL(url);
  if (method === "POST" && pathname.endsWith("/api3/json") && typeof body === "string") return callIn(body);
  const form = /\/upload\/([^/]+)$/.exec(pathname)?.[1];
  if (method !== "POST" || form === undefined || body === null) return { kind: "bytes" };
  if (typeof body === "string" && !headers["content-type"]?.startsWith("multipart/"))
    return { kind: "form", name: form, fields: Object.fromEntries(new URLSearchParams(body)), file: null };
  return { kind: "form", name: form, ...multipart(typeof body === "string" ? [body] : body) };
}

function callIn(body: string): Asked {
  const call = parseExact(body) as { method_name?: unknown; params?: unknown };
  const [auth = null, payload] = Array.isArray(call.params) ? call.params : [];
  const method = String(call.method_name);
  return { kind: "call", method, auth: isObject(auth) ? auth : null, payload };
}

function multipart(parts: Exclude<WireRequest["body"], string | null>): Pick<SiteForm, "fields" | "file"> {
  const texts = parts.map((part) => (typeof part === "string" ? part : "")).join("");
  const fields: Record<string, string> = {};
  for (const [, name, value] of texts.matchAll(/; name="([^"]*)"\r\n\r\n([\s\S]*?)\r\n--/g))
    fields[name!] = value!;
  const bytes = parts.reduce((sum, part) => sum + (typeof part === "string" ? 0 : part.length), 0);
  const name = /; filename="([^"]*)"/.exec(texts)?.[1];
  return { fields, file: name === undefined ? null : { name, bytes } };
}

/** The credentials of a request: they must stand in nothing that is kept. */
export function secretsOf(asked: Asked): string[] {
  const auth = asked.kind === "call" ? (asked.auth ?? {}) : asked.kind === "form" ? asked.fields : {};
  return ["script_key", "user_password", "auth_token", "session_token"].flatMap((name) => {
    const value = auth[name];
    return typeof value === "string" && value !== "" ? [value] : [];
  });
}

/** The same request, asking for something else with the same credentials. */
export function asking(
  request: WireRequest,
  { auth }: SiteCall,
  method: string,
  payload: unknown,
): WireRequest {
  return { ...request, body: stringifyExact({ method_name: method, params: [auth, payload] }) };
}

/** What a call was answered; null where it was refused or cannot be read. */
export function resultsOf({ status, body }: WireReply): unknown {
  if (status >= 300) return null;
  try {
    const json = parseExact(new TextDecoder().decode(body));
    return isObject(json) && !json.exception ? (json.results ?? null) : null;
  } catch {
    return null;
  }
}

export function jsonReply(results: unknown): WireReply {
  return reply("application/json", stringifyExact({ results }));
}

export function textReply(text: string): WireReply {
  return reply("text/plain", text);
}

/** Of a storage that took what it was sent. */
export function storedReply(): WireReply {
  const { headers, ...rest } = reply("text/plain", "");
  return { ...rest, headers: { ...headers, etag: '"dry-run"' } };
}

function reply(type: string, text: string): WireReply {
  const headers = { "content-type": `${type}; charset=utf-8` };
  return { status: 200, statusText: "OK", headers, body: new TextEncoder().encode(text) };
}
