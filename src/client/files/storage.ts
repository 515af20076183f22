/** Files on their way into the site's cloud storage, whole or in parts (protocol notes 8.4). */
import type { Connection, MethodCall } from "../connection.ts";
import { callName, Fault, ProtocolError, ReplyError, UnreachableError } from "../errors.ts";
import { answeredFacts, deliver, rest } from "../rpc.ts";
import type { WireReply, WireRequest } from "../transport.ts";
import { type FormFields, sendForm } from "./form.ts";
import type { LocalFile } from "./local-file.ts";

/** Puts a file into the storage and returns what the site wants to know to link it. */
export async function storeFile(
  connection: Connection,
  call: MethodCall,
  file: LocalFile,
  uploadType: "Attachment" | "Thumbnail",
  partBytes: number,
): Promise<string> {
  const inParts = file.size > partBytes;
  const fields = { upload_type: uploadType, filename: file.name };
  const about = { ...fields, multipart_upload: inParts ? "True" : "False" };
  const { raw, lines } = await ask(connection, call, "/upload/api_get_upload_link_info", about);
  const [url = "", timestamp = "", type = "", uploadId = ""] = lines;
  const upload = { ...fields, upload_type: type || uploadType, timestamp, upload_id: uploadId };
  if (inParts) await putParts(connection, call, file, partBytes, upload);
  else await put(connection, call, file, url, 0, file.size);
  return raw;
}

async function putParts(
  connection: Connection,
  call: MethodCall,
  file: LocalFile,
  partBytes: number,
  upload: FormFields,
): Promise<void> {
  const etags: string[] = [];
  for (let start = 0; start < file.size; start += partBytes) {
    const part = { ...upload, part_number: String(etags.length + 1) };
    const { lines } = await ask(connection, call, "/upload/api_get_upload_link_for_part", part);
    const length = Math.min(partBytes, file.size - start);
    const etag = await put(connection, call, file, lines[0] ?? "", start, length);
    if (etag === null) {
      throw new ReplyError(`The storage took a part of ${callName(call.facts)} without an ETag.`, call.facts);
    }
    etags.push(etag);
  }
  await ask(connection, call, "/upload/api_complete_multipart_upload", { ...upload, etags: etags.join(",") });
}

async function ask(connection: Connection, call: MethodCall, path: string, fields: FormFields) {
  const { code, text, raw, facts } = await sendForm(connection, call, { path, fields });
  if (code === "0") throw new Fault(text || "Unknown Error", null, facts);
  if (code !== "1")
    throw new ReplyError(`The site answered ${callName(facts)} without a place to upload to.`, facts);
  return {
    raw,
    lines: raw
      .split("\n")
      .slice(1)
      .map((line) => line.trim()),
  };
}

const ATTEMPTS = 3;
const PAUSE_MS = 750;

/** Sends bytes of a file to the storage, each attempt from their start, and returns its ETag. */
async function put(
  connection: Connection,
  call: MethodCall,
  file: LocalFile,
  url: string,
  start: number,
  length: number,
): Promise<string | null> {
  const settings = { ...connection.settings, site: new URL(requireUrl(url, call)).origin };
  const request: WireRequest = {
    url,
    method: "PUT",
    headers: { "content-type": file.type },
    body: [{ path: file.path, start, length }],
  };
  const errand = { ...call.facts, write: true, signal: call.signal };
  for (let attempts = 1; ; attempts++) {
    const last = attempts >= ATTEMPTS;
    try {
      const reply = await deliver(errand, attempts, settings, (transport, options) =>
        transport.send(request, options),
      );
      if (reply.status < 300) return reply.headers.etag ?? null;
      if (last || (reply.status !== 500 && reply.status !== 503))
        throw refused(reply, connection, call, attempts);
    } catch (error) {
      if (last || !(error instanceof UnreachableError) || error.failure !== "refused") throw error;
    }
    await rest(PAUSE_MS * attempts, errand, attempts, settings);
  }
}

function requireUrl(url: string, call: MethodCall): string {
  if (/^https?:/i.test(url) && URL.canParse(url)) return url;
  throw new ReplyError(
    `The site answered ${callName(call.facts)} without an address to upload to.`,
    call.facts,
  );
}

// The address is signed: whoever has it may write there, so only its host is told.
function refused(
  reply: WireReply,
  { settings }: Connection,
  call: MethodCall,
  attempts: number,
): ProtocolError {
  const facts = answeredFacts({ ...call.facts, write: true, signal: call.signal }, attempts, reply);
  const statusText = settings.hide(reply.statusText);
  const message = `The storage answered ${callName(facts)} with HTTP ${facts.status} ${statusText}`.trim();
  return new ProtocolError(`${message}.`, facts, { statusText, retryAfterMs: null, uncertain: false });
}
