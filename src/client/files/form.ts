/** The site's endpoints that take forms instead of JSON, and answer with lines of text (protocol notes 8.1, 8.2). */
import { randomUUID } from "node:crypto";
import type { Connection, MethodCall } from "../connection.ts";
import { type CallFacts, callName, Fault, ProtocolError, ReplyError } from "../errors.ts";
import { answeredFacts, deliver, rest } from "../rpc.ts";
import type { BodyPart, WireReply, WireRequest } from "../transport.ts";
import type { LocalFile } from "./local-file.ts";

export type FormFields = Readonly<Record<string, string>>;

export interface Form {
  /** `/upload/upload_file`, … */
  path: string;
  /** What stands before the credentials, and after them. */
  fields: FormFields;
  more?: FormFields;
  /** A file, and the name of the field it goes into. */
  file?: { field: string; file: LocalFile };
}

/** What the site said. */
export interface FormReply {
  /** The first line, up to a colon: `1` for success, `0` for failure, `2` for "not yet". */
  code: string;
  /** What follows that colon; null without one. */
  id: string | null;
  /** The further lines, for people. */
  text: string;
  /** Everything as it came. */
  raw: string;
  facts: CallFacts;
}

/** The site's own number of attempts for these; it repeats after any HTTP error (protocol notes 8.1). */
const ATTEMPTS = 3;
const PAUSE_MS = 750;

/**
 * @throws ShotgunError
 */
export async function sendForm(connection: Connection, call: MethodCall, form: Form): Promise<FormReply> {
  const { settings } = connection;
  const auth = Object.entries(await connection.auth(call)).map(
    ([name, value]) => [name, formText(value)] as const,
  );
  const request = formRequest(connection, form, [
    ...Object.entries(form.fields),
    ...auth,
    ...Object.entries(form.more ?? {}),
  ]);
  const errand = { ...call.facts, write: true, signal: call.signal };
  for (let attempts = 1; ; attempts++) {
    const reply = await deliver(errand, attempts, settings, (transport, options) =>
      transport.send(request, options),
    );
    const facts = answeredFacts(errand, attempts, reply);
    Object.assign(call.facts, facts);
    if (reply.status < 300) return readReply(reply, facts, settings.hide);
    if (attempts >= ATTEMPTS) throw statusError(reply, facts, settings.hide);
    await rest(PAUSE_MS * attempts, errand, attempts, settings);
  }
}

/** The id after `1:`; null when the site left it empty. */
export function idOf({ code, id, text, facts }: FormReply): number | null {
  if (code === "0") throw new Fault(text || "Unknown Error", null, facts);
  if (code === "1" && id === "") return null;
  if (code === "1" && id !== null && /^-?\d+$/.test(id)) return Number(id);
  throw new ReplyError(`The site answered ${callName(facts)} without an id.`, facts, { uncertain: true });
}

function readReply(reply: WireReply, facts: CallFacts, hide: (text: string) => string): FormReply {
  let raw: string;
  try {
    raw = new TextDecoder("utf-8", { fatal: true }).decode(reply.body);
  } catch {
    throw new ReplyError(`The site answered ${callName(facts)} with text that is not valid UTF-8.`, facts, {
      uncertain: true,
    });
  }
  const [first = "", ...lines] = raw.split("\n");
  const [code = "", id = null] = first.split(":").map((part) => part.trim());
  return { code, id, text: hide(lines.join("\n").trim()), raw, facts };
}

function statusError(
  reply: WireReply,
  facts: CallFacts & { status: number },
  hide: (text: string) => string,
) {
  const statusText = hide(reply.statusText);
  const message = `The site answered ${callName(facts)} with HTTP ${facts.status} ${statusText}`.trim();
  return new ProtocolError(`${message}.`, facts, {
    statusText,
    retryAfterMs: null,
    uncertain: facts.status >= 500,
  });
}

function formRequest(
  connection: Connection,
  { path, file }: Form,
  fields: (readonly [string, string])[],
): WireRequest {
  const url = `${connection.site}${path}`;
  const headers = { "user-agent": connection.settings.headers()["user-agent"] ?? "" };
  if (!file) {
    const type = "application/x-www-form-urlencoded";
    return {
      url,
      method: "POST",
      headers: { ...headers, "content-type": type },
      body: new URLSearchParams(Object.fromEntries(fields)).toString(),
    };
  }
  const boundary = randomUUID().replaceAll("-", "");
  const type = `multipart/form-data; boundary=${boundary}`;
  return {
    url,
    method: "POST",
    headers: { ...headers, "content-type": type },
    body: multipart(boundary, fields, file),
  };
}

function multipart(
  boundary: string,
  fields: (readonly [string, string])[],
  { field, file }: NonNullable<Form["file"]>,
): BodyPart[] {
  const texts = fields.map(
    ([name, value]) =>
      `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`,
  );
  const head =
    `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(field)}"; filename="${quoted(file.name)}"\r\n` +
    `content-type: ${file.type}\r\ncontent-length: ${file.size}\r\n\r\n`;
  return [
    `${texts.join("")}${head}`,
    { path: file.path, start: 0, length: file.size },
    `\r\n--${boundary}--\r\n\r\n`,
  ];
}

// As browsers write it.
function quoted(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function formText(value: string | boolean): string {
  if (typeof value === "string") return value;
  return value ? "True" : "False";
}
