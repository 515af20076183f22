/** One HTTP exchange over undici: body out, head and body in, within its time. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { inflateRaw, unzip } from "node:zlib";
import type { Dispatcher, request as sendRequest } from "undici";
import { asking } from "./http-asking.ts";
import { describeFailure } from "./http-failure.ts";
import {
  type BodyPart,
  type FileSlice,
  type SendOptions,
  TransportError,
  type WireReply,
  type WireRequest,
} from "./transport.ts";

export interface Http {
  dispatcher: Dispatcher;
  request: typeof sendRequest;
}

/** A reply whose body has not been read yet. */
export interface Arriving extends Omit<WireReply, "body"> {
  pieces: AsyncIterable<Uint8Array>;
  /** Ends the request, whatever it waits for. */
  stop(): void;
}

/**
 * Sends a request and resolves with the head of the reply.
 * @param done is called once, when the reply is over in any way
 * @throws TransportError, and whatever the signal gives as its reason
 */
export async function exchange(
  http: Http,
  request: WireRequest,
  options: SendOptions,
  done: () => void,
): Promise<Arriving> {
  const deadline = new Deadline(options, request);
  const finish = () => {
    deadline.clear();
    done();
  };
  deadline.signal.addEventListener("abort", done);
  let began = false;
  const explain = (thrown: unknown) => {
    if (deadline.passed) return new TransportError("timeout", deadline.text);
    if (options.signal?.aborted) return options.signal.reason;
    return thrown instanceof TransportError ? thrown : describeFailure(thrown, began);
  };
  try {
    const { url, method } = request;
    const reply = await http.request(url, {
      dispatcher: options.mayBegin ? asking(http.dispatcher, options.mayBegin) : http.dispatcher,
      method,
      ...wireBody(request, () => deadline.restart()),
      signal: deadline.signal,
    });
    began = true;
    const { statusCode: status, statusText } = reply;
    const headers = plainHeaders(reply.headers);
    return {
      status,
      statusText,
      headers,
      pieces: piecesOf(reply.body, deadline, explain, finish),
      stop: () => deadline.stop(),
    };
  } catch (error) {
    finish();
    throw explain(error);
  }
}

/** The body as it comes. Between two pieces the time stands still while the reader is busy with the last one. */
async function* piecesOf(
  body: AsyncIterable<Uint8Array>,
  deadline: Deadline,
  explain: (thrown: unknown) => unknown,
  finish: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    deadline.restart();
    for await (const piece of body) {
      deadline.pause();
      yield piece;
      deadline.restart();
    }
  } catch (error) {
    throw explain(error);
  } finally {
    finish();
  }
}

/** @throws TransportError */
export async function readWhole({ status, statusText, headers, pieces }: Arriving): Promise<WireReply> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of pieces) chunks.push(chunk);
  const body = await decompress(join(chunks), headers["content-encoding"]);
  return { status, statusText, headers, body };
}

// One piece is the usual case, and large: it is not copied.
function join(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** Ends a request when its time is over or its signal fires. */
class Deadline {
  readonly #abort = new AbortController();
  readonly #options: SendOptions;
  /** Whether each piece that travels starts the time anew. */
  readonly #perPiece: boolean;
  #timer: NodeJS.Timeout | null = null;
  passed = false;

  constructor(options: SendOptions, { body, method }: WireRequest) {
    this.#options = options;
    this.#perPiece = typeof body === "object" || method === "GET";
    options.signal?.throwIfAborted();
    options.signal?.addEventListener("abort", this.#follow);
    this.#start();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get text(): string {
    const { timeoutMs } = this.#options;
    return this.#perPiece ? `nothing came for ${timeoutMs} ms` : `no whole reply within ${timeoutMs} ms`;
  }

  stop(): void {
    this.#abort.abort();
    this.clear();
  }

  restart(): void {
    if (!this.#perPiece) return;
    this.pause();
    this.#start();
  }

  pause(): void {
    if (this.#perPiece && this.#timer) clearTimeout(this.#timer);
  }

  clear(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#follow);
  }

  #start(): void {
    this.#timer = setTimeout(() => {
      this.passed = true;
      this.#abort.abort();
    }, this.#options.timeoutMs);
  }

  readonly #follow = () => this.#abort.abort(this.#options.signal?.reason);
}

function wireBody({ body, headers }: WireRequest, moved: () => void) {
  if (typeof body === "string" || body === null) return { body, headers };
  const length = body.reduce((sum, part) => sum + lengthOf(part), 0);
  const stream = Readable.from(send(body, moved), { objectMode: false });
  return { body: stream, headers: { ...headers, "content-length": String(length) } };
}

function lengthOf(part: BodyPart): number {
  return typeof part === "string" ? Buffer.byteLength(part) : part.length;
}

async function* send(parts: readonly BodyPart[], moved: () => void): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (typeof part === "string") yield Buffer.from(part);
    else if (part instanceof Uint8Array) yield part;
    else if (part.length > 0) yield* piecesOfFile(part, moved);
    moved();
  }
}

async function* piecesOfFile({ path, start, length }: FileSlice, moved: () => void) {
  let missing = length;
  try {
    for await (const piece of createReadStream(path, { start, end: start + length - 1 })) {
      moved();
      yield piece as Uint8Array;
      missing -= piece.length;
    }
  } catch (error) {
    throw new TransportError("file", `the file to send cannot be read: ${(error as Error).message}`);
  }
  if (missing > 0) throw new TransportError("file", `the file ${path} became shorter while it was sent`);
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = typeof value === "string" ? value : value.join(", ");
  }
  return plain;
}

const unzipAsync = promisify(unzip);
const inflateRawAsync = promisify(inflateRaw);

async function decompress(bytes: Uint8Array, encoding: string | undefined): Promise<Uint8Array> {
  if (encoding === undefined || encoding === "identity" || bytes.length === 0) return bytes;
  if (encoding !== "gzip" && encoding !== "x-gzip" && encoding !== "deflate") {
    throw new TransportError("malformed", `the reply is encoded as ${encoding}, which was not asked for`);
  }
  try {
    // Some servers send deflate without its two-byte header, recognised by the low four bits.
    const bare = encoding === "deflate" && ((bytes[0] ?? 0) & 0x0f) !== 8;
    return await (bare ? inflateRawAsync(bytes) : unzipAsync(bytes));
  } catch (error) {
    throw new TransportError(
      "malformed",
      `the ${encoding} reply cannot be unpacked: ${(error as Error).message}`,
    );
  }
}
