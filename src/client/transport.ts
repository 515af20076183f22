/**
 * How a request reaches the site. The client needs only this interface; `http.ts` implements it with undici, and a
 * plugin thread implements it by asking the main thread. Everything here can be cloned between threads.
 */

/** One HTTP request, complete. It contains credentials: never log it. */
export interface WireRequest {
  url: string;
  method: "POST" | "GET" | "PUT";
  headers: Record<string, string>;
  /** A text is sent as UTF-8; a list of parts one after the other, its files read while they are sent. */
  body: string | null | readonly BodyPart[];
}

export type BodyPart = string | Uint8Array | FileSlice;

/** Bytes of a file, of the machine that sends. */
export interface FileSlice {
  path: string;
  /** First byte. */
  start: number;
  length: number;
}

/** One HTTP reply, whole and uncompressed. */
export interface WireReply {
  status: number;
  statusText: string;
  /** Names in lower case; repeated headers are joined with ", ". */
  headers: Record<string, string>;
  body: Uint8Array;
}

/** One HTTP reply whose body is still coming, as the site sent it, compressed or not. */
export interface WireStream extends Omit<WireReply, "body"> {
  /** Fails with a `TransportError`. To cancel it ends the request. */
  body: ReadableStream<Uint8Array>;
}

export interface SendOptions {
  /** Ends the request at once; the promise then rejects with whatever. */
  signal?: AbortSignal | undefined;
  /**
   * Longest time from the start of the request to the last byte of the reply; where files or streams travel, longest
   * time between two pieces. Waiting for a turn does not count.
   */
  timeoutMs: number;
  /** Asked at the last moment before anything is sent, however long the request had waited; false: it fails as `withheld`. Cannot be cloned. */
  mayBegin?: (() => boolean) | undefined;
}

export interface Transport {
  /** Resolves with the reply whatever its status; rejects with a `TransportError`. Sends the request at most once. */
  send(request: WireRequest, options: SendOptions): Promise<WireReply>;
  /** As `send`, for a reply that is too large to hold. A transport without it gives such a reply whole. */
  stream?(request: WireRequest, options: SendOptions): Promise<WireStream>;
  /** Ends idle connections, lets requests under way finish. A later `send` is refused. */
  close(): Promise<void>;
}

/**
 * How a request broke:
 * - `refused`, `unknown-host`, `proxy`: it never got to the site
 * - `tls`: the secure connection could not be made
 * - `timeout`: no whole reply within `timeoutMs`
 * - `closed`: the connection ended before a byte of the reply; the site may have done the work
 * - `cut`: the reply began and ended early
 * - `malformed`: what came was not HTTP, or its compression was broken
 * - `file`: a file to send could not be read to its end
 * - `withheld`: nothing was sent, since `mayBegin` said no
 * - `other`: anything else
 */
export type TransportFailure =
  | "refused"
  | "unknown-host"
  | "proxy"
  | "tls"
  | "timeout"
  | "closed"
  | "cut"
  | "malformed"
  | "file"
  | "withheld"
  | "other";

/** What `Transport.send` rejects with. Two plain fields, so that it can be rebuilt in another thread. */
export class TransportError extends Error {
  override name = "TransportError";
  readonly failure: TransportFailure;

  /** @param message what the operating system or the HTTP library said, such as `connect ECONNREFUSED 127.0.0.1:80` */
  constructor(failure: TransportFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}
