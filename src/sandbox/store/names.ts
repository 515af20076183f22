import type { Ref } from "./columns.ts";
import type { Database } from "./database.ts";

/** A link as a site returns it. */
export interface NamedRef extends Ref {
  name: string | null;
}

interface Entry {
  name: string | null;
  live: boolean;
}

const KEPT = 200_000;

/**
 * The display names of all rows that can be linked to. Asked for very often (three times for each event of a
 * page), so that what was looked up is kept; a rolled-back transaction must call `forget`.
 */
export class Names {
  readonly #db: Database;
  readonly #known = new Map<string, Map<number, Entry | null>>();
  #count = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The link with its name, or null when its row is retired or was never there. */
  live(type: string, id: number): NamedRef | null {
    const entry = this.#entry(type, id);
    return entry?.live ? { type, id, name: entry.name } : null;
  }

  /** The same as JSON text. */
  liveJson(type: string, id: number): string {
    const entry = this.#entry(type, id);
    if (!entry?.live) return "null";
    return `{"type":"${type}","id":${id},"name":${JSON.stringify(entry.name)}}`;
  }

  /** True also for a retired row. */
  exists(type: string, id: number): boolean {
    return this.#entry(type, id) !== null;
  }

  nameOf(type: string, id: number): string | null {
    return this.#entry(type, id)?.name ?? null;
  }

  set(type: string, id: number, name: string | null, live: boolean): void {
    this.#db.run(
      `INSERT INTO site_name (type, id, name, live) VALUES (?, ?, ?, ?)
       ON CONFLICT (type, id) DO UPDATE SET name = excluded.name, live = excluded.live`,
      [type, id, name, live ? 1 : 0],
    );
    this.#remember(type, id, { name, live });
  }

  setLive(type: string, id: number, live: boolean): void {
    this.set(type, id, this.nameOf(type, id), live);
  }

  /** Call after a rollback: what is remembered may not have happened. */
  forget(): void {
    this.#known.clear();
    this.#count = 0;
  }

  #entry(type: string, id: number): Entry | null {
    const known = this.#known.get(type)?.get(id);
    if (known !== undefined) return known;
    const row = this.#db.get("SELECT name, live FROM site_name WHERE type = ? AND id = ?", [type, id]);
    const entry = row ? { name: row[0] as string | null, live: row[1] === 1 } : null;
    this.#remember(type, id, entry);
    return entry;
  }

  #remember(type: string, id: number, entry: Entry | null): void {
    if (this.#count >= KEPT) this.forget();
    let ofType = this.#known.get(type);
    if (!ofType) {
      ofType = new Map();
      this.#known.set(type, ofType);
    }
    if (!ofType.has(id)) this.#count++;
    ofType.set(id, entry);
  }
}
