/** Carries out the requests of one plugin's thread on the daemon's connections. */
import { type Transport, TransportError } from "../../client/transport.ts";
import type { FromGuest, RequestOutcome } from "../messages.ts";

type Answer = (id: number, outcome: RequestOutcome, transfer: ArrayBuffer[]) => void;

export class ThreadRequests {
  readonly #transport: Transport;
  readonly #answer: Answer;
  readonly #underWay = new Map<number, AbortController>();

  constructor(transport: Transport, answer: Answer) {
    this.#transport = transport;
    this.#answer = answer;
  }

  async send({ id, request, timeoutMs }: Extract<FromGuest, { type: "request" }>): Promise<void> {
    const abort = new AbortController();
    this.#underWay.set(id, abort);
    try {
      const { body, ...reply } = await this.#transport.send(request, { signal: abort.signal, timeoutMs });
      // A small body may be a part of memory that others use.
      const whole = body.buffer instanceof ArrayBuffer && body.byteLength === body.buffer.byteLength;
      const own = whole ? body : new Uint8Array(body);
      this.#answer(id, { kind: "reply", reply: { ...reply, body: own } }, [own.buffer as ArrayBuffer]);
    } catch (error) {
      const failure = error instanceof TransportError ? error.failure : "other";
      this.#answer(id, { kind: "broken", failure, message: (error as Error).message }, []);
    } finally {
      this.#underWay.delete(id);
    }
  }

  abort(id: number): void {
    this.#underWay.get(id)?.abort();
  }

  /** The thread is gone; nobody waits any more. */
  close(): void {
    for (const abort of this.#underWay.values()) abort.abort();
  }
}
