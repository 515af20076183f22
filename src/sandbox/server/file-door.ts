/** The form endpoints, the storage and the files, over HTTP (protocol notes 8). */
import type { Faults } from "../faults.ts";
import { STORAGE } from "../files/cloud.ts";
import type { SiteFiles } from "../files/site-files.ts";
import type { Exchange } from "./exchange.ts";
import { misbehave, reset } from "./misbehave.ts";
import { MAX_FORM_BYTES, parseForm } from "./multipart.ts";
import type { Requests } from "./requests.ts";

const TEXT = "text/plain; charset=utf-8";
const FORMS = "/upload/";
const SERVED = ["/file_serve/attachment/", "/images/", STORAGE];
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+$/;

/** Fields of a form that are credentials (protocol notes 2.1). */
const AUTH = new Set([
  "script_name",
  "script_key",
  "user_login",
  "user_password",
  "auth_token",
  "session_token",
  "reject_if_expired",
  "session_uuid",
  "sudo_as_login",
]);

export interface FileDoor {
  files: SiteFiles;
  faults: Faults;
  requests: Requests;
  onBug(error: unknown): void;
}

/** True when the request was for a form, the storage or a file; it is answered then. */
export async function answerFiles(door: FileDoor, exchange: Exchange, path: string): Promise<boolean> {
  const { method } = exchange.request;
  if (path.startsWith(FORMS) && method === "POST") await form(door, exchange, path.slice(FORMS.length));
  else if (path.startsWith(STORAGE) && method === "PUT")
    await put(door, exchange, path.slice(STORAGE.length));
  else if (SERVED.some((start) => path.startsWith(start)) && (method === "GET" || method === "HEAD"))
    await serve(door, exchange, path);
  else return false;
  return true;
}

/** Errors are told with HTTP 200 and a `0` line: clients repeat whatever has another status. */
async function form(door: FileDoor, exchange: Exchange, name: string): Promise<void> {
  if (door.faults.take(null)) return reset(exchange);
  const parsed = parseForm(exchange.request.headers["content-type"], await exchange.body(MAX_FORM_BYTES));
  const refused = "refused" in parsed ? parsed.refused : null;
  const fields = "refused" in parsed ? {} : parsed.fields;
  const [auth, payload] = split(fields);
  const hit = door.faults.take(door.requests.note(name, [auth, { type: fields.entity_type, ...payload }]));
  const answer = async () => {
    if (refused !== null || "refused" in parsed) return `0\n${refused}\n`;
    try {
      return await door.files.form(name, auth, payload, parsed.file);
    } catch (error) {
      door.onBug(error);
      return "0\nInternal error of the sandbox; see its own log.\n";
    }
  };
  return hit ? misbehave(exchange, hit, answer) : exchange.send(200, TEXT, await answer());
}

function split(fields: Record<string, string>): [Record<string, string>, Record<string, string>] {
  const entries = Object.entries(fields);
  return [
    Object.fromEntries(entries.filter(([name]) => AUTH.has(name))),
    Object.fromEntries(entries.filter(([name]) => !AUTH.has(name))),
  ];
}

/** The storage never answers 5xx: clients would send their file a second time, and wrongly (protocol notes 8.4). */
async function put(door: FileDoor, exchange: Exchange, key: string): Promise<void> {
  const bytes = await exchange.body(MAX_FORM_BYTES);
  if (!bytes) return exchange.send(413, TEXT, `The file is larger than ${MAX_FORM_BYTES} bytes.\n`);
  const query = new URL(exchange.request.url ?? "", "http://sandbox").searchParams.get("part");
  // 0 is the number of no part.
  const part = query === null ? null : /^[1-9]\d{0,3}$/.test(query) ? Number(query) : 0;
  const type = exchange.request.headers["content-type"];
  const etag = await door.files.put(key, part, bytes, type && MEDIA_TYPE.test(type) ? type : null);
  if (etag === null) return exchange.send(403, TEXT, "This address was not given out for an upload.\n");
  return exchange.send(200, TEXT, "", { etag });
}

/** The cookie is not looked at: clients do not send it to an address with a port (protocol notes 8.6). */
async function serve(door: FileDoor, exchange: Exchange, path: string): Promise<void> {
  const file = await door.files.serve(path);
  if (!file) {
    const status = path.startsWith("/file_serve/") ? 400 : 404;
    return exchange.send(status, TEXT, "There is no such file.\n");
  }
  if ("redirect" in file) return exchange.send(302, TEXT, "", { location: file.redirect });
  const type = MEDIA_TYPE.test(file.contentType) ? file.contentType : "application/octet-stream";
  exchange.bytes(type, file.bytes, {
    "x-content-type-options": "nosniff",
    ...(file.name !== null && { "content-disposition": disposition(file.name) }),
  });
}

function disposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, "_");
  const whole = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
