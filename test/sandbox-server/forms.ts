/** Sending forms to a sandbox as the Python client sends them (protocol notes 8.1). */
import type { Sandbox } from "../../src/sandbox/open.ts";
import { type Reply, rpc, send } from "./wire.ts";

export type Fields = Record<string, string>;

export interface SentFile {
  /** The form field: `file`, `thumb_image`. */
  field: string;
  name: string;
  type?: string;
  bytes: Buffer;
}

// As Python's email package makes them.
const BOUNDARY = "===============6083423712431250913==";

/** The smallest PNG there is, one pixel. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

export function scriptOf(sandbox: Sandbox): Fields {
  return { script_name: sandbox.scriptName, script_key: sandbox.scriptKey };
}

/** The text of the reply to `/upload/<name>`; with a file the form is multipart. */
export async function form(
  sandbox: Sandbox,
  name: string,
  fields: Fields,
  file?: SentFile,
  auth: Fields = scriptOf(sandbox),
): Promise<string> {
  const all = { ...fields, ...auth };
  const headers = {
    "content-type": file ? `multipart/form-data; boundary=${BOUNDARY}` : "application/x-www-form-urlencoded",
  };
  const body = file ? multipart(all, file) : new URLSearchParams(all).toString();
  const { status, text } = await send(`${sandbox.url}/upload/${name}`, { headers, body });
  if (status !== 200) throw new Error(`HTTP ${status}: ${text}`);
  return text;
}

function multipart(
  fields: Fields,
  { field, name, type = "application/octet-stream", bytes }: SentFile,
): Buffer {
  const parts = Object.entries(fields).map(
    ([key, value]) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: ${type}\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(parts.join("") + head),
    bytes,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n\r\n`),
  ]);
}

/** The id in `1:<id>`. */
export function idIn(text: string): number {
  const match = /^1:(\d+)\n/.exec(text);
  if (!match) throw new Error(`no success: ${text}`);
  return Number(match[1]);
}

export function get(url: string, headers: Fields = {}): Promise<Reply> {
  return send(url, { method: "GET", headers });
}

export async function results(sandbox: Sandbox, method: string, payload?: unknown): Promise<unknown> {
  const reply = await rpc(sandbox, method, payload);
  if (reply.exception) throw new Error(String(reply.message));
  return reply.results;
}

export async function create(
  sandbox: Sandbox,
  type: string,
  values: object,
): Promise<{ type: string; id: number }> {
  const fields = Object.entries(values).map(([field_name, value]) => ({ field_name, value }));
  return (await results(sandbox, "create", { type, fields, return_fields: ["id"] })) as {
    type: string;
    id: number;
  };
}

export async function find(
  sandbox: Sandbox,
  type: string,
  conditions: [string, string, ...unknown[]][],
  return_fields: string[],
): Promise<Record<string, unknown>[]> {
  const filters = {
    logical_operator: "and",
    conditions: conditions.map(([path, relation, ...values]) => ({ path, relation, values })),
  };
  const paging = { entities_per_page: 500, current_page: 1 };
  const reply = (await results(sandbox, "read", { type, filters, return_fields, paging })) as {
    entities: Record<string, unknown>[];
  };
  return reply.entities;
}

/** The newest events of one kind, oldest first. */
export function events(sandbox: Sandbox, after: number, fields = ["event_type", "attribute_name", "meta"]) {
  return find(sandbox, "EventLogEntry", [["id", "greater_than", after]], fields);
}
