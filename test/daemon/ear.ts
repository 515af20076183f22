/** Hears what the daemon tells those who alert people. */
import { type Alerts, NO_ALERTS } from "../../src/alerts/alerts.ts";
import type { Break, Emails, Mend } from "../../src/alerts/news.ts";
import { type AlarmLimits, Alarms } from "../../src/daemon/alarms.ts";
import type { HappeningBody } from "../../src/daemon/happenings.ts";

export const MINUTE = 60_000;
export const LIMITS: AlarmLimits = {
  lagLimit: 15 * MINUTE,
  siteAwayAfter: 5 * MINUTE,
  restartLimit: 5,
  pluginErrors: true,
  diskFreeLimit: false,
};
/** Writes down what it is told, and knows what is open. */
export class Ear implements Alerts {
  readonly broken: Break[] = [];
  readonly wasKilled = false;
  readonly remembers = true;
  #open: Break[] = [];

  broke(news: Break): void {
    this.broken.push(news);
    this.#open.push(news);
  }

  mended({ kind, plugin }: Mend): void {
    this.#open = this.#open.filter((open) => open.kind !== kind || open.plugin !== plugin);
  }

  readonly #emails = new Map<string, Emails>();

  remember(plugin: string, emails: Emails): void {
    this.#emails.set(plugin, emails);
  }

  emailsOf(plugin: string): Emails | undefined {
    return this.#emails.get(plugin);
  }

  get open(): string[] {
    return this.#open.map(({ kind, plugin }) => (plugin ? `${kind} ${plugin}` : kind));
  }

  openPlugins() {
    return this.#open.flatMap(({ kind, plugin, facts }) =>
      plugin === null ? [] : [{ kind, plugin, seq: facts.seq ?? null }],
    );
  }

  status = NO_ALERTS.status;
  close = NO_ALERTS.close;
}

export function listening(limits: Partial<AlarmLimits> = {}) {
  const ear = new Ear();
  let now = 0;
  const alarms = new Alarms(ear, { ...LIMITS, ...limits }, () => now);
  return {
    ear,
    alarms,
    hear: (...bodies: HappeningBody[]) => {
      for (const body of bodies) alarms.hear({ ...body, at: "2026-11-27T16:00:00.000Z" });
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}
