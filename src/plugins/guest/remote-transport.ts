/** The client's transport in a plugin's host: requests go to the daemon's own connections, and replies come back. */
import {
  type SendOptions,
  type Transport,
  TransportError,
  type WireReply,
  type WireRequest,
} from "../../client/transport.ts";
import type { Link, RequestOutcome } from "../messages.ts";

interface Pending {
  resolve(reply: WireReply): void;
  reject(error: Error): void;
}

export class RemoteTransport implements Transport {
  readonly #link: Link;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  send(request: WireRequest, { signal, timeoutMs }: SendOptions): Promise<WireReply> {
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
      this.#link.send({ type: "request", id, request, timeoutMs });
    });
  }

  /** An answer has come; one that nobody waits for any more is dropped. */
  settle(id: number, outcome: RequestOutcome): void {
    const pending = this.#pending.get(id);
    if (outcome.kind === "reply") pending?.resolve(outcome.reply);
    else pending?.reject(new TransportError(outcome.failure, outcome.message));
  }

  /** The connections are the daemon's and stay open. */
  async close(): Promise<void> {}
}
