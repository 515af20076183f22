/** Carries out the requests to the site of one guest, on the daemon's connections. */
import type { Transferable } from "node:worker_threads";
import { passing } from "../client/stream.ts";
import { type Transport, TransportError, type TransportFailure } from "../client/transport.ts";
import type { FromGuest, RequestOutcome, StreamOutcome } from "./messages.ts";

type Answer = (id: number, outcome: RequestOutcome, transfer: ArrayBuffer[]) => void;
type HandOver = (id: number, outcome: StreamOutcome, transfer: Transferable[]) => void;
type Request = Extract<FromGuest, { type: "request" }>;

export class GuestRequests {
  readonly #transport: Transport;
  readonly #answer: Answer;
  readonly #handOver: HandOver | undefined;
  readonly #underWay = new Map<number, AbortController>();

  /** @param handOver for guests that can take a body piece by piece; all others get it whole */
  constructor(transport: Transport, answer: Answer, handOver?: HandOver) {
    this.#transport = transport;
    this.#answer = answer;
    this.#handOver = handOver;
  }

  async send(message: Request): Promise<void> {
    if (message.stream && this.#transport.stream && this.#handOver) {
      return this.#stream(message, this.#transport.stream, this.#handOver);
    }
    const { id, request, timeoutMs } = message;
    const abort = new AbortController();
    this.#underWay.set(id, abort);
    try {
      const { body, ...reply } = await this.#transport.send(request, { signal: abort.signal, timeoutMs });
      // A small body may be a part of memory that others use.
      const whole = body.buffer instanceof ArrayBuffer && body.byteLength === body.buffer.byteLength;
      const own = whole ? body : new Uint8Array(body);
      this.#answer(id, { kind: "reply", reply: { ...reply, body: own } }, [own.buffer as ArrayBuffer]);
    } catch (error) {
      this.#answer(id, { kind: "broken", ...told(error) }, []);
    } finally {
      this.#underWay.delete(id);
    }
  }

  /** Hands the body over as it comes: however large, little of it is in memory at a time. */
  async #stream(
    { id, request, timeoutMs }: Request,
    stream: NonNullable<Transport["stream"]>,
    handOver: HandOver,
  ): Promise<void> {
    const abort = new AbortController();
    this.#underWay.set(id, abort);
    try {
      const reply = await stream(request, { signal: abort.signal, timeoutMs });
      // Of an error's own fields only the cause gets through to another thread.
      const explain = (error: unknown) => {
        const { failure, message } = told(error);
        return new Error(message, { cause: failure });
      };
      const body = passing(reply.body, { explain, onEnd: () => this.#underWay.delete(id) });
      handOver(id, { kind: "stream", reply: { ...reply, body } }, [body]);
    } catch (error) {
      this.#underWay.delete(id);
      this.#answer(id, { kind: "broken", ...told(error) }, []);
    }
  }

  abort(id: number): void {
    this.#underWay.get(id)?.abort();
  }

  /** The guest is gone; nobody waits any more. */
  close(): void {
    for (const abort of this.#underWay.values()) abort.abort();
  }
}

function told(error: unknown): { failure: TransportFailure; message: string } {
  return {
    failure: error instanceof TransportError ? error.failure : "other",
    message: error instanceof Error ? error.message : String(error),
  };
}
