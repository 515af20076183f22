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
  /** One after the other: what is kept last stands. */
  #turn: Promise<void> = Promise.resolve();
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
    await this.#inTurn(() => this.#look());
    this.#stopped = true;
    // or it went back meanwhile
    await this.#turn;
  }

  /** The database went back: it is to be refused from now on, though what was kept may be older than it. */
  wentBack(): void {
    this.#stopped = true;
    void this.#inTurn(async () => {
      if (this.#seen) await writeSeen(this.#file, { ...this.#seen, wentBack: true });
    });
  }

  #next(inMs: number): void {
    this.#timer = setTimeout(() => {
      const begun = performance.now();
      void this.#inTurn(() => this.#look()).then(() => {
        const tookMs = performance.now() - begun;
        if (!this.#stopped) this.#next(Math.max(EVERY_MS, tookMs / PART_OF_TIME));
      });
    }, inMs).unref();
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    const now = await lookNow(this.#engine.aside);
    // one that went back meanwhile must not be forgotten by this
    if (this.#stopped || (this.#seen && isBehind(now, this.#seen))) return;
    await writeSeen(this.#file, now);
    this.#seen = now;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    // a database that is away, or a disk that is full: what was kept before still holds
    this.#turn = this.#turn.then(work).catch(() => {});
    return this.#turn;
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
