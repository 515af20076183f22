/** Downloads of attachments, from the site or from wherever it points (protocol notes 8.6). */
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { BadArgument, show } from "../argument.ts";
import type { Connection, MethodCall } from "../connection.ts";
import { isObject } from "../entity.ts";
import { callName, clause, FileDownloadError } from "../errors.ts";
import { answeredFacts, broken, deliver } from "../rpc.ts";
import { withoutUser } from "../site-url.ts";
import { passing } from "../stream.ts";
import type { SendOptions, Transport, WireRequest, WireStream } from "../transport.ts";

export interface Progress {
  /** Bytes so far. */
  received: number;
  /** Bytes in all; null when the site does not say. */
  total: number | null;
}

export interface Arriving {
  total: number | null;
  body: ReadableStream<Uint8Array>;
}

/**
 * Where an attachment is: on the site by its id, or where its `url` says. Null for null, an empty field's value.
 * @throws BadArgument
 */
export function attachmentUrl(site: string, attachment: unknown): string | null {
  if (attachment === null) return null;
  if (Number.isSafeInteger(attachment)) return `${site}/file_serve/attachment/${attachment}`;
  if (!isObject(attachment)) {
    throw new BadArgument(`the attachment must be an id or a url field's value, got ${show(attachment)}`);
  }
  if (typeof attachment.url === "string" && attachment.url !== "") return attachment.url;
  if (attachment.type === "Attachment" && Number.isSafeInteger(attachment.id)) {
    return `${site}/file_serve/attachment/${attachment.id}`;
  }
  throw new BadArgument(
    `the attachment has neither a url nor the type Attachment and an id: ${show(attachment)}`,
  );
}

const MAX_REDIRECTS = 10;

/**
 * Asks for a file, wherever it is redirected to. The session goes to the site itself only.
 * @throws FileDownloadError, UnreachableError, AbortedError
 */
export async function openDownload(
  connection: Connection,
  call: MethodCall,
  from: string,
): Promise<Arriving> {
  const { settings } = connection;
  let url = requireHttp(from);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const own = url.origin === new URL(connection.site).origin;
    const request: WireRequest = {
      url: url.href,
      method: "GET",
      headers: {
        "user-agent": settings.headers()["user-agent"] ?? "",
        "accept-encoding": "identity",
        ...(own ? { cookie: `_session_id=${await connection.sessionToken(call)}` } : {}),
      },
      body: null,
    };
    const errand = { ...call.facts, write: false, signal: call.signal };
    const here = { ...settings, site: url.origin };
    const reply = await deliver(errand, 1, here, (transport, options) => begin(transport, request, options));
    const facts = answeredFacts(errand, 1, reply);
    Object.assign(call.facts, facts);
    const { location } = reply.headers;
    if (reply.status < 300) {
      const body = passing(reply.body, { explain: (error) => broken(error, errand, 1, here) });
      return { total: lengthOf(reply.headers["content-length"]), body };
    }
    if (reply.status >= 400 || location === undefined) throw await failure(reply, facts, settings.hide);
    await reply.body.cancel();
    url = requireHttp(new URL(location, url).href);
  }
  throw new FileDownloadError(
    `The site sent ${callName(call.facts)} through more than ${MAX_REDIRECTS} redirects.`,
    call.facts,
  );
}

/** A transport that cannot stream gives the file whole. */
async function begin(transport: Transport, request: WireRequest, options: SendOptions): Promise<WireStream> {
  if (transport.stream) return transport.stream(request, options);
  const reply = await transport.send(request, options);
  return { ...reply, body: ReadableStream.from([reply.body]) };
}

function requireHttp(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new BadArgument(`the attachment is no file of the site, but ${show(withoutUser(text))}`);
}

function lengthOf(header: string | undefined): number | null {
  return header === undefined ? null : Number(header);
}

const REASONS: Record<number, string> = {
  400: "There may be no such attachment, or it may be a file on a local disk.",
  409: "The file is being scanned for malware; try again later.",
  410: "The file was quarantined.",
};

async function failure(
  reply: WireStream,
  facts: ReturnType<typeof answeredFacts>,
  hide: (text: string) => string,
): Promise<FileDownloadError> {
  const said = await firstWords(reply.body);
  const status = `HTTP ${reply.status} ${reply.statusText}`.trim();
  const message = `The site answered ${callName(facts)} with ${hide(status)}${said ? `: ${hide(said)}` : ""}.`;
  const hint = REASONS[reply.status];
  const retriable = reply.status >= 500 || reply.status === 409;
  return new FileDownloadError(message, facts, hint === undefined ? { retriable } : { hint, retriable });
}

async function firstWords(body: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  try {
    for await (const piece of body) {
      text += new TextDecoder().decode(piece);
      if (text.length > 200) break;
    }
  } catch {
    // The status says enough.
  }
  return /^\s*</.test(text) ? "" : clause(text.slice(0, 200));
}

/** Tells of each piece as it passes. */
export function counted(
  { total, body }: Arriving,
  onProgress?: (progress: Progress) => void,
): ReadableStream<Uint8Array> {
  if (!onProgress) return body;
  let received = 0;
  return passing(body, {
    onPiece: (piece) => {
      received += piece.length;
      onProgress({ received, total });
    },
  });
}

/** All pieces as one. */
export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/**
 * Writes the pieces beside the file, and puts them in its place when they are complete.
 * @throws BadArgument when that cannot be done
 */
export async function saveTo(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const beside = `${path}.${process.pid}-${Math.random().toString(36).slice(2, 8)}.part`;
  try {
    await pipeline(pieces, createWriteStream(beside, { flags: "wx" }));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    const { syscall, message } = error as NodeJS.ErrnoException;
    throw syscall ? new BadArgument(`the file ${show(path)} cannot be written: ${message}`) : error;
  }
}
