/** The bodies of forms: `multipart/form-data` and `application/x-www-form-urlencoded` (protocol notes 8.1). */
import type { GivenFile } from "../files/site-files.ts";

/** Largest form that is understood, its file included, in bytes. */
export const MAX_FORM_BYTES = 256 * 1024 * 1024;
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
const MAX_PARTS = 200;
const MAX_HEAD_BYTES = 16 * 1024;

export interface ParsedForm {
  fields: Record<string, string>;
  /** The first file. */
  file: GivenFile | null;
}

/** @param body null when it was larger than {@link MAX_FORM_BYTES} */
export function parseForm(
  contentType: string | undefined,
  body: Buffer | null,
): ParsedForm | { refused: string } {
  if (!body) return { refused: `The form is larger than ${MAX_FORM_BYTES} bytes.` };
  const [type] = (contentType ?? "").split(";", 1) as [string];
  switch (type.trim().toLowerCase()) {
    case "application/x-www-form-urlencoded":
      return urlencoded(body);
    case "multipart/form-data":
      return multipart(body, boundaryIn(contentType!));
    default:
      return { refused: "The form must be multipart/form-data or application/x-www-form-urlencoded." };
  }
}

function urlencoded(body: Buffer): ParsedForm | { refused: string } {
  if (body.length > MAX_TEXT_BYTES)
    return { refused: `A form without a file is at most ${MAX_TEXT_BYTES} bytes.` };
  return { fields: Object.fromEntries(new URLSearchParams(body.toString())), file: null };
}

function boundaryIn(contentType: string): string | null {
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  return match?.[1] ?? match?.[2] ?? null;
}

function multipart(body: Buffer, boundary: string | null): ParsedForm | { refused: string } {
  if (boundary === null) return { refused: "The content-type names no boundary." };
  const form: ParsedForm = { fields: {}, file: null };
  const line = Buffer.from(`--${boundary}`);
  const end = Buffer.from(`\r\n--${boundary}`);
  let at = body.indexOf(line);
  if (at !== 0 && (at < 2 || body.toString("latin1", at - 2, at) !== "\r\n"))
    return malformed("it does not begin");
  for (let count = 0; at >= 0; count++) {
    at += line.length;
    if (body.toString("latin1", at, at + 2) === "--") return form;
    if (count >= MAX_PARTS) return malformed(`it has more than ${MAX_PARTS} parts`);
    const headEnd = body.indexOf("\r\n\r\n", at);
    if (headEnd < 0 || headEnd - at > MAX_HEAD_BYTES)
      return malformed(`part ${count + 1} has no end of its headers`);
    const next = body.indexOf(end, headEnd + 2);
    if (next < 0) return malformed(`part ${count + 1} does not end`);
    if (!keepPart(form, body.toString("utf8", at, headEnd), body.subarray(headEnd + 4, next)))
      return malformed(`part ${count + 1} has no name`);
    at = next + 2;
  }
  return malformed("it does not end");
}

/** False for a part without a name. */
function keepPart(form: ParsedForm, head: string, bytes: Buffer): boolean {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? "";
  const name = parameter(disposition, "name");
  if (!name) return false;
  const fileName = parameter(disposition, "filename");
  if (fileName === null) {
    // No prototype can be reached through a field's name.
    Object.defineProperty(form.fields, name, {
      value: bytes.toString(),
      enumerable: true,
      configurable: true,
    });
    return true;
  }
  const contentType = /^content-type:\s*(\S+)/im.exec(head)?.[1] ?? null;
  // A copy: a slice would keep the whole form in memory.
  form.file ??= { name: baseName(fileName), contentType, bytes: Buffer.from(bytes) };
  return true;
}

function parameter(disposition: string, name: string): string | null {
  const match = new RegExp(`(?:^|;)\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, "i").exec(
    disposition,
  );
  return match ? (match[1]?.replace(/\\(["\\])/g, "$1") ?? match[2] ?? null) : null;
}

/** A file's name never says where it is kept. */
function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1)?.slice(0, 255) || "file";
}

function malformed(what: string): { refused: string } {
  return { refused: `The multipart form is malformed: ${what}.` };
}
