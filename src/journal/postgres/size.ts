/**
 * How large the journal is, reckoned from its newest events: the table keeps what is freed, so its own size says nothing. What a
 * daemon appends or follows keeps it up, so that nothing is asked for it but at the start.
 */
import type { Session } from "./engine.ts";
import type { Standing } from "./standing.ts";

/** Newest events that the size of all is judged by. */
const SAMPLE = 1000;
/** What an event takes beside its text, with its places in two indexes, roughly. */
const ROW_BYTES = 150;

type Stored = Pick<Standing, "lastSeq" | "removedSeq">;

export class JournalSize {
  /** Bytes of an event's text: the mean of the newest. */
  #mean: number;
  /** Of so many. */
  #count: number;

  constructor(seen: { mean: number; count: number }) {
    this.#mean = seen.mean;
    this.#count = seen.count;
  }

  /** These are the newest now. */
  add(events: readonly { json: string }[]): void {
    for (const { json } of events) {
      this.#count = Math.min(this.#count + 1, SAMPLE);
      this.#mean += (Buffer.byteLength(json) - this.#mean) / this.#count;
    }
  }

  /** Bytes. */
  of({ lastSeq, removedSeq }: Stored): number {
    return Math.round((lastSeq - removedSeq) * this.#each);
  }

  /** How many of the oldest events have to go for it to be no larger than this. */
  excess(stored: Stored, maxBytes: number): number {
    return Math.max(0, Math.ceil((this.of(stored) - maxBytes) / this.#each));
  }

  get #each(): number {
    return this.#mean + ROW_BYTES;
  }
}

export async function readSize(session: Session): Promise<JournalSize> {
  const [seen] = await session.rows<{ mean: number; count: number }>(
    `SELECT coalesce(avg(octet_length(json)), 0)::float8 AS mean, count(*) AS count
     FROM (SELECT json FROM event ORDER BY seq DESC LIMIT ${SAMPLE}) AS newest`,
  );
  return new JournalSize(seen!);
}
