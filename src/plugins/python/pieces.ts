/** Bodies that a python process asks for piece by piece, so that a large file is nowhere in memory as a whole. */
import type { TransportFailure } from "../../client/transport.ts";
import type { RequestOutcome } from "../messages.ts";

/** What comes of asking for the next piece. The last one is empty. */
export type PieceOutcome = { kind: "piece"; last: boolean } | Extract<RequestOutcome, { kind: "broken" }>;

type Answer = (id: number, outcome: PieceOutcome, piece?: Uint8Array) => void;

export class Pieces {
  readonly #answer: Answer;
  readonly #bodies = new Map<number, ReadableStreamDefaultReader<Uint8Array>>();

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  /** @param id of the request that the body answers */
  hold(id: number, body: ReadableStream<Uint8Array>): void {
    this.#bodies.set(id, body.getReader());
  }

  /** Answers with the next piece; not at all for a body that was let go. */
  async next(id: number): Promise<void> {
    const body = this.#bodies.get(id);
    if (!body) return;
    try {
      const { value, done } = await body.read();
      if (done) this.#bodies.delete(id);
      this.#answer(id, { kind: "piece", last: done }, value);
    } catch (error) {
      this.#bodies.delete(id);
      const { cause, message } = error as Error;
      this.#answer(id, { kind: "broken", failure: (cause as TransportFailure) ?? "other", message });
    }
  }

  letGo(id: number): void {
    const body = this.#bodies.get(id);
    this.#bodies.delete(id);
    // It may have broken already; nobody wants to know.
    body?.cancel().catch(() => {});
  }

  close(): void {
    for (const id of [...this.#bodies.keys()]) this.letGo(id);
  }
}
