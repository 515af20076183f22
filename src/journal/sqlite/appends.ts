/** How far the journal is: as it was written, and as far as that outlives a power loss. Others are told of the latter only. */
import type { AppendBatch } from "../journal.ts";
import { type Appended, appender } from "./append.ts";
import type { Database } from "./database.ts";
import { readStanding, type Standing } from "./standing.ts";

export class Appends {
  readonly #write: ReturnType<typeof appender>;
  readonly #durable: () => Promise<void>;
  #written: Standing | null;
  #standing: Standing | null;

  /** @param durable resolves once all that was committed before is on the disk */
  constructor(journal: Database, durable: () => Promise<void>) {
    this.#write = appender(journal);
    this.#durable = durable;
    this.#written = readStanding(journal);
    this.#standing = this.#written;
  }

  /** Durable. null before the first append. */
  get standing(): Standing | null {
    return this.#standing;
  }

  /** Also what is on its way to the disk. */
  get written(): Standing | null {
    return this.#written;
  }

  /** One transaction. Of several at once each is durable before the later ones are. */
  async append(batch: AppendBatch, at: Date): Promise<Appended> {
    const appended = this.#write(this.#written, batch, at);
    this.#written = appended.standing;
    await this.#durable();
    // what retention removed meanwhile is gone
    const removedSeq = Math.max(appended.standing.removedSeq, this.#standing?.removedSeq ?? 0);
    this.#standing = { ...appended.standing, removedSeq };
    return appended;
  }

  /** What nobody waits for yet. */
  begin(batch: AppendBatch, at: Date): void {
    this.#written = this.#write(null, batch, at).standing;
    this.#standing = this.#written;
  }

  /** Retention has written this, after `written`. */
  removed(standing: Standing): void {
    this.#written = standing;
    this.#standing &&= { ...this.#standing, removedSeq: standing.removedSeq };
  }
}
