import { quote } from "./columns.ts";
import type { Database } from "./database.ts";

/**
 * Row ids, one sequence for each entity type. As on a site, an id that was drawn is never given out again,
 * also when the transaction that drew it is rolled back (protocol notes 9.6).
 */
export class Sequences {
  readonly #db: Database;
  readonly #last = new Map<string, number>();

  constructor(db: Database) {
    this.#db = db;
  }

  last(type: string): number {
    const known = this.#last.get(type);
    if (known !== undefined) return known;
    const stored = this.#db.get("SELECT last FROM site_sequence WHERE type = ?", [type])?.[0] ?? 0;
    const highest = this.#db.get(`SELECT max(id) FROM ${quote(type)}`)?.[0] ?? 0;
    const last = Math.max(Number(stored), Number(highest));
    this.#last.set(type, last);
    return last;
  }

  /** Draws `count` ids and returns the first. */
  draw(type: string, count = 1): number {
    const first = this.last(type) + 1;
    this.#last.set(type, first + count - 1);
    return first;
  }

  /** The next id drawn will be `last + 1`. */
  reset(type: string, last: number): void {
    this.#last.set(type, last);
  }

  /** Keeps the sequence of `type` over a restart: its last ids may belong to no row. Call outside a transaction that may be rolled back. */
  save(type: string): void {
    this.#db.run(
      "INSERT INTO site_sequence (type, last) VALUES (?, ?) ON CONFLICT (type) DO UPDATE SET last = excluded.last",
      [type, this.last(type)],
    );
  }
}
