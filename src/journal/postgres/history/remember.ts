/** Keeps what this host has seen of the database, every few seconds. */
import type { Engine } from "../engine.ts";
import { lookNow } from "./look.ts";
import { type Seen, writeSeen } from "./seen.ts";

const EVERY_MS = 3000;
/** A look that takes long, at lanes that are far behind, comes less often. */
const PART_OF_TIME = 1 / 20;

export class Remembering {
  readonly #engine: Engine;
  readonly #file: string;
  /** As it was kept last. */
  #seen: Seen | null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #stopped = false;

  /** @param seen what was kept before, when the database is as far as that */
  constructor(engine: Engine, file: string, seen: Seen | null) {
    this.#engine = engine;
    this.#file = file;
    this.#seen = seen;
    this.#next(0);
  }

  /** With a last look, unless the database is away. */
  async stop(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    await this.#looking;
    if (!this.#stopped) await this.#look();
    this.#stopped = true;
  }

  /** The database went back: it is to be refused from now on, though what was kept may be older than it. */
  wentBack(): void {
    this.#stopped = true;
    if (this.#seen) writeSeen(this.#file, { ...this.#seen, wentBack: true });
  }

  #next(inMs: number): void {
    this.#timer = setTimeout(() => {
      const begun = performance.now();
      this.#looking = this.#look().then(() => {
        const tookMs = performance.now() - begun;
        if (!this.#stopped) this.#next(Math.max(EVERY_MS, tookMs / PART_OF_TIME));
      });
    }, inMs).unref();
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    try {
      const now = await lookNow(this.#engine.aside);
      // one that went back meanwhile must not be forgotten by this
      if (this.#stopped || (this.#seen && isBehind(now, this.#seen))) return;
      writeSeen(this.#file, now);
      this.#seen = now;
    } catch {
      // a database that is away, or a disk that is full: what was kept before still holds
    }
  }
}

function isBehind(now: Seen, before: Seen): boolean {
  const versions = new Map(now.lanes.map(({ id, version }) => [id, version]));
  return (
    now.identity !== before.identity ||
    (now.reader?.version ?? 0) < (before.reader?.version ?? 0) ||
    before.lanes.some(({ id, version }) => (versions.get(id) ?? 0) < version)
  );
}
