/** The site of a chaos run: what happens on it, and what of that the daemon owes to its plugins. */
import type { Sandbox } from "../../src/sandbox/open.ts";
import type { Dice } from "../../src/sandbox/random.ts";

export const TASK = "Shotgun_Task_Change";
const TYPES = [TASK, "Shotgun_Shot_Change", "Shotgun_Version_New"] as const;
/** A late transaction stays open no longer than this, ms, unless said otherwise; `gapTimeout` of the run must be more. */
export const LATEST_MS = 8000;

/** One event that the site showed. Its number is in its session_uuid, for ids are given out again by a restored site. */
export interface Shown {
  id: number;
  type: string;
  /** The machine's monotonic clock, ms. */
  at: number;
  /** The site was restored to before it, so that a daemon that had not read it yet never can. */
  forgotten: boolean;
}

interface Row {
  event_type: string;
  attribute_name: string;
  session_uuid: string;
}

interface Late {
  first: number;
  last: number;
  due: number;
  commit(rows: object[]): void;
  abandon(): void;
}

export class ChaosSite {
  readonly shown = new Map<number, Shown>();
  readonly counts = { late: 0, missing: 0, restored: 0, forgotten: 0 };
  readonly sandbox: Sandbox;
  readonly #dice: Dice;
  readonly #latestMs: number;
  #late: Late[] = [];
  #numbers = 0;

  constructor(sandbox: Sandbox, dice: Dice, latestMs = LATEST_MS) {
    this.sandbox = sandbox;
    this.#dice = dice;
    this.#latestMs = latestMs;
  }

  /** Something happens, as on every moment of a working day. */
  stir(most: number): void {
    this.#commitDue(clock());
    const { events } = this.sandbox.site;
    this.add(this.#dice.between(1, most));
    if (this.#dice.chance(0.2)) {
      const count = this.#dice.between(1, 4);
      const due = clock() + this.#dice.between(50, this.#latestMs);
      this.#late.push({ ...bound(events.reserve(count)), due });
      this.counts.late += count;
      this.add(1);
    }
    if (this.#dice.chance(0.2)) {
      this.counts.missing += this.#dice.between(1, 4);
      events.skipIds(this.#dice.between(1, 4));
      this.add(1);
    }
  }

  add(count: number): void {
    this.#add(Array.from({ length: count }, () => this.#row()));
  }

  #add(rows: Row[]): void {
    const { first } = this.sandbox.site.events.add(rows);
    for (const [i, row] of rows.entries()) this.#show(first + i, row);
  }

  /** A backup is played back: the newest events are gone, and their ids will be given out again. */
  restore(): number {
    const { events } = this.sandbox.site;
    const back = Math.min(this.#dice.between(1, 200), events.newestId - 1);
    const kept = events.newestId - back;
    for (const late of this.#late.filter(({ last }) => last > kept)) late.abandon();
    this.#late = this.#late.filter(({ last }) => last <= kept);
    events.restoreTo(kept);
    for (const one of this.shown.values()) {
      if (one.forgotten || one.id <= kept) continue;
      one.forgotten = true;
      this.counts.forgotten += 1;
    }
    this.counts.restored += 1;
    return back;
  }

  /** Nothing is on its way any more, and one fresh event, which every plugin wants, shows the end. */
  settle(): void {
    this.#commitDue(Number.POSITIVE_INFINITY);
    this.#add([this.#row(TASK)]);
  }

  #commitDue(now: number): void {
    for (const late of this.#late.filter(({ due }) => due <= now)) {
      const rows = Array.from({ length: late.last - late.first + 1 }, () => this.#row());
      late.commit(rows);
      for (const [i, row] of rows.entries()) this.#show(late.first + i, row);
    }
    this.#late = this.#late.filter(({ due }) => due > now);
  }

  #row(type: string = this.#dice.pick(TYPES)!): Row {
    this.#numbers += 1;
    return {
      event_type: type,
      attribute_name: "sg_status_list",
      session_uuid: `00000000-0000-4000-8000-${this.#numbers.toString(16).padStart(12, "0")}`,
    };
  }

  #show(id: number, row: { event_type: string; session_uuid: string }): void {
    const number = numberOf(row.session_uuid);
    this.shown.set(number, { id, type: row.event_type, at: clock(), forgotten: false });
  }
}

export function numberOf(sessionUuid: string): number {
  return Number.parseInt(sessionUuid.slice(-12), 16);
}

/** The clock that the plugins note too: CLOCK_MONOTONIC, in ms, the same in every process. */
export function clock(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

function bound(reserved: ReturnType<Sandbox["site"]["events"]["reserve"]>) {
  const { first, last, commit, abandon } = reserved;
  return { first, last, commit, abandon };
}
