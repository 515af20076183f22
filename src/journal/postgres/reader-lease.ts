/** The reader's lease: whoever appends has raised its epoch, and every write of an older owner is refused. */
import { CallsheetError } from "../../errors.ts";
import type { AppendBatch } from "../journal.ts";
import { type Appended, append } from "./append.ts";
import type { Engine } from "./engine.ts";
import { readEvents } from "./read.ts";
import { readStanding, type Standing, takeReader } from "./standing.ts";
import { isAway, translated } from "./trouble.ts";

const PAUSE_MS = 200;

export class ReaderLease {
  readonly #engine: Engine;
  readonly #now: () => Date;
  /** undefined: not taken yet. null: nothing was ever appended. */
  #standing: Standing | null | undefined;
  #lost: CallsheetError | null = null;

  constructor(engine: Engine, now: () => Date) {
    this.#engine = engine;
    this.#now = now;
  }

  /** Takes the lease when it has not got it. @throws STATE_LOCKED once it is another's */
  async append(batch: AppendBatch): Promise<Appended> {
    const before = await this.take();
    for (;;) {
      try {
        const appended = await this.#engine.transaction((session) =>
          append(session, before, batch, this.#now()),
        );
        if (!appended) throw this.#fenced();
        this.#standing = appended.standing;
        return appended;
      } catch (error) {
        if (!isAway(error)) throw translated(error, this.#engine.where);
        await this.#engine.away(PAUSE_MS);
        // asked again it would leave out what is there: so it is settled first whether it is
        if (await this.#arrived(before)) return this.#whatArrived(before, batch);
      }
    }
  }

  /** @returns the standing that the next write replaces */
  async take(): Promise<Standing | null> {
    if (this.#lost) throw this.#lost;
    if (this.#standing === undefined)
      this.#standing = await this.#engine.patiently(() => takeReader(this.#engine));
    return this.#standing;
  }

  /** What a step of retention wrote. */
  replaced(standing: Standing): void {
    this.#standing = standing;
  }

  /** Whether an append whose answer was lost did happen. It is read back, never assumed. */
  async #arrived(before: Standing | null): Promise<boolean> {
    const now = await this.#engine.patiently(() => readStanding(this.#engine));
    if (!now) return false;
    if (now.epoch !== (before?.epoch ?? 1)) throw this.#fenced();
    if (now.version === before?.version) return false;
    this.#standing = now;
    return true;
  }

  /** What of a batch was appended, as it was numbered. */
  async #whatArrived(before: Standing | null, { events }: AppendBatch): Promise<Appended> {
    const standing = this.#standing!;
    const stored = await this.#engine.patiently(() =>
      readEvents(this.#engine, before?.lastSeq ?? 0, events.length),
    );
    return { standing, events: stored, repeated: events.length - stored.length };
  }

  #fenced(): CallsheetError {
    this.#lost = new CallsheetError(
      "STATE_LOCKED",
      "Another daemon reads the site now; this one may not append any more.",
      {
        hint: "One daemon of a cluster reads the site; this one should have stopped, and will be started again.",
      },
    );
    return this.#lost;
  }
}
