/** Requests to the site, of the reader and of plugins: how many, how they ended, how long they took. */
import { bucketOf, CALL_BUCKETS_MS } from "../call-times.ts";
import type { Transport } from "../client/transport.ts";

/** Who asks. */
export type RequestBy = "daemon" | "plugins";

/** answered: with a status below 400; refused: with another; broken: no whole reply came. */
export type RequestOutcome = "answered" | "refused" | "broken";

export interface RequestFigures {
  by: RequestBy;
  outcome: RequestOutcome;
  requests: number;
  ms: number;
  /** By duration; see `CALL_BUCKETS_MS`, with one more at the end. */
  counts: readonly number[];
}

export class SiteRequests {
  readonly #figures = new Map<string, RequestFigures & { counts: number[] }>();

  /** The same transport, with its requests counted. Of a stream its head is timed. */
  counted(transport: Transport, by: RequestBy): Transport {
    const { stream } = transport;
    const timed = async <Reply extends { status: number }>(send: () => Promise<Reply>): Promise<Reply> => {
      const began = performance.now();
      let outcome: RequestOutcome = "broken";
      try {
        const reply = await send();
        outcome = reply.status < 400 ? "answered" : "refused";
        return reply;
      } finally {
        this.#add(by, outcome, performance.now() - began);
      }
    };
    return {
      send: (request, options) => timed(() => transport.send(request, options)),
      ...(stream && { stream: (request, options) => timed(() => stream.call(transport, request, options)) }),
      close: () => transport.close(),
    };
  }

  figures(): RequestFigures[] {
    return Array.from(this.#figures.values(), (known) => ({ ...known, counts: [...known.counts] }));
  }

  #add(by: RequestBy, outcome: RequestOutcome, ms: number): void {
    const key = `${by} ${outcome}`;
    const known = this.#figures.get(key) ?? { by, outcome, requests: 0, ms: 0, counts: noCounts() };
    this.#figures.set(key, known);
    known.requests += 1;
    known.ms += ms;
    known.counts[bucketOf(ms)]! += 1;
  }
}

const noCounts = () => new Array<number>(CALL_BUCKETS_MS.length + 1).fill(0);
