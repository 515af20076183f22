/** The client's transport in a plugin's host: requests go to the daemon's own connections, and replies come back. */
import { passing } from "../../client/stream.ts";
import {
  type SendOptions,
  type Transport,
  TransportError,
  type TransportFailure,
  type WireReply,
  type WireRequest,
  type WireStream,
} from "../../client/transport.ts";
import type { Link, RequestOutcome, StreamOutcome } from "../messages.ts";

type Outcome = RequestOutcome | StreamOutcome;
type Reply = Exclude<Outcome, { kind: "broken" }> & { id: number };

interface Pending {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export class RemoteTransport implements Transport {
  readonly #link: Link;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  async send(request: WireRequest, options: SendOptions): Promise<WireReply> {
    const { reply } = await this.#ask(request, options, false);
    return reply as WireReply;
  }

  /** The daemon hands the body over piece by piece; without a stream of its own, in one piece. */
  async stream(request: WireRequest, options: SendOptions): Promise<WireStream> {
    const { kind, reply, id } = await this.#ask(request, options, true);
    if (kind === "reply") return { ...reply, body: ReadableStream.from<Uint8Array>([reply.body]) };
    const { signal } = options;
    const stop = () => this.#link.send({ type: "abort", id });
    signal?.addEventListener("abort", stop);
    const onEnd = () => signal?.removeEventListener("abort", stop);
    return { ...reply, body: passing(reply.body, { explain: rebuilt, onEnd }) };
  }

  #ask(request: WireRequest, { signal, timeoutMs }: SendOptions, stream: boolean): Promise<Reply> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#link.send({ type: "abort", id });
        settle();
        reject(signal?.reason);
      };
      const settle = () => {
        this.#pending.delete(id);
        signal?.removeEventListener("abort", onAbort);
      };
      this.#pending.set(id, {
        resolve: (reply) => {
          settle();
          resolve(reply);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      signal?.addEventListener("abort", onAbort);
      this.#link.send({ type: "request", id, request, timeoutMs, ...(stream && { stream }) });
    });
  }

  /** An answer has come; one that nobody waits for any more is dropped. */
  settle(id: number, outcome: Outcome): void {
    const pending = this.#pending.get(id);
    if (outcome.kind !== "broken") pending?.resolve({ ...outcome, id });
    else pending?.reject(new TransportError(outcome.failure, outcome.message));
  }

  /** The connections are the daemon's and stay open. */
  async close(): Promise<void> {}
}

/** The daemon's TransportError, which came as a plain one. */
function rebuilt(error: unknown): TransportError {
  const { cause, message } = error as Error;
  return new TransportError((cause as TransportFailure | undefined) ?? "other", message);
}
