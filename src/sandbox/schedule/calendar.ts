/** Which days are worked: the studio's week, and exceptions of studio, project and person (protocol notes 9.7). */
import type { Core } from "../core.ts";

/** Whom an exception is for; id 0 for the studio. */
export interface Owner {
  kind: "studio" | "project" | "user";
  id: number;
}

export interface Day {
  working: boolean;
  reason: "STUDIO_WORK_WEEK" | "STUDIO_EXCEPTION" | "PROJECT_EXCEPTION" | "USER_EXCEPTION";
  /** Null for plain days. */
  description: string | null;
}

export const STUDIO: Owner = { kind: "studio", id: 0 };
const DAY_MS = 86_400_000;
const REASONS = {
  studio: "STUDIO_EXCEPTION",
  project: "PROJECT_EXCEPTION",
  user: "USER_EXCEPTION",
} as const;

/** The calendar of a project, of a person, or of the studio alone; of several exceptions the most specific wins. */
export class Calendar {
  readonly #core: Core;
  /** The most specific first. */
  readonly #owners: Owner[];

  constructor(core: Core, { project, user }: { project?: number | null; user?: number | null } = {}) {
    this.#core = core;
    this.#owners = [STUDIO];
    if (project) this.#owners.unshift({ kind: "project", id: project });
    if (user) this.#owners.unshift({ kind: "user", id: user });
  }

  /** @param date `YYYY-MM-DD` */
  day(date: string): Day {
    for (const { kind, id } of this.#owners) {
      const found = this.#core.db.get(
        "SELECT working, description FROM site_workday WHERE owner = ? AND owner_id = ? AND date = ?",
        [kind, id, date],
      );
      if (!found) continue;
      const [working, description] = found as [number, string | null];
      return { working: working === 1, reason: REASONS[kind], description };
    }
    const weekday = new Date(date).getUTCDay();
    return { working: weekday !== 0 && weekday !== 6, reason: "STUDIO_WORK_WEEK", description: null };
  }

  /** The day on which `days` working days have been worked, the first day included when it is one. */
  after(start: string, days: number): string {
    let left = days;
    for (let date = start; ; date = nextDay(date)) {
      if (this.day(date).working) left--;
      if (left <= 0) return date;
    }
  }

  /** The day on which `days` working days must begin to be done by the end of `end`. */
  before(end: string, days: number): string {
    let left = days;
    for (let date = end; ; date = nextDay(date, -1)) {
      if (this.day(date).working) left--;
      if (left <= 0) return date;
    }
  }

  /** Working days from the first day to the last, both included. */
  count(first: string, last: string): number {
    let count = 0;
    for (let date = first; date <= last; date = nextDay(date)) if (this.day(date).working) count++;
    return count;
  }
}

/** Sets or changes an exception. */
export function setDay(core: Core, owner: Owner, date: string, working: boolean, text: string | null): void {
  core.db.run(
    "INSERT OR REPLACE INTO site_workday (owner, owner_id, date, working, description) VALUES (?, ?, ?, ?, ?)",
    [owner.kind, owner.id, date, working ? 1 : 0, text],
  );
}

/** @param days how many days on; negative: back */
export function nextDay(date: string, days = 1): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}
