/**
 * Alerts: `broke` and `mended` write in the book and return; everything else happens beside the flow of events. A turn
 * moves what is due to the outboxes, each place's courier carries it away, and the state folder keeps what must outlive us.
 */
import { hostname } from "node:os";
import type { Config } from "../config-file.ts";
import type { WireEvent } from "../event.ts";
import type { Log } from "../log/log.ts";
import { redactor } from "../redact.ts";
import { Courier, type RetryPace, type SinkStatus } from "./courier.ts";
import { Desk, type OpenCase } from "./desk.ts";
import type { Break, Emails, KnownPlugin, LookUp, Mend } from "./news.ts";
import type { Outbox } from "./outbox.ts";
import { RememberedEmails } from "./remembered-emails.ts";
import { openPlaces } from "./sinks.ts";
import { AlertStore } from "./store.ts";
import { type View, viewOf } from "./view.ts";

export interface Alerts {
  /** Something broke, or broke once more. Returns at once; never throws. */
  broke(news: Break): void;
  /** What is open of this kind and plugin is mended. Returns at once; never throws. */
  mended(mend: Mend): void;
  /** Who is told about a plugin, as it says when it is loaded; kept for when it is not. Returns at once; never throws. */
  remember(plugin: string, emails: Emails): void;
  /** undefined: not known. */
  emailsOf(plugin: string): Emails | undefined;
  /** What is open for plugins, also from before a restart. */
  openPlugins(): OpenCase[];
  /** True when the daemon before this one ended without closing its alerts. */
  readonly wasKilled: boolean;
  /** False while the state folder takes nothing: what is told may be told again after a restart. */
  readonly remembers: boolean;
  status(): SinkStatus[];
  /** Tries once more to send what is waiting, for at most `closeMs`, and stores the rest. */
  close(): Promise<void>;
}

export interface AlertsOptions {
  config: Config["alerts"];
  siteUrl: string;
  /** State folder. */
  state: string;
  log: Log;
  lookUp: LookUp;
  /** Texts that must not stand in a message. */
  secrets: readonly string[];
  timing?: Partial<Timing>;
}

/** Milliseconds. */
export interface Timing {
  /** Longest silence of a place. */
  patience: number;
  retry: RetryPace;
  /** How long a refused letter is tried. */
  giveUp: number;
  close: number;
}

const TIMING: Timing = {
  patience: 20_000,
  retry: { first: 5000, most: 300_000, mostRefused: 3_600_000 },
  giveUp: 3 * 86_400_000,
  close: 5000,
};
/** What only counts is stored this much later. */
const STORE_AFTER_MS = 2000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * @throws {CallsheetError} CONFIG_INVALID: a webhook's address that is none, a certificate file that cannot be read
 */
export async function openAlerts(options: AlertsOptions): Promise<Alerts> {
  const timing = { ...TIMING, ...options.timing };
  const places = await openPlaces(options.config, timing.patience);
  const store = new AlertStore(options.state, options.log);
  const stored = await store.read();
  const { gather: gatherMs, digests: pausesMs, mostAnHour } = options.config;
  const desk = new Desk(
    {
      gatherMs,
      pausesMs,
      mostAnHour,
      host: hostname() || "localhost",
      clean: redactor(options.secrets),
    },
    places,
    stored?.desk,
  );
  const emails = new RememberedEmails(stored?.emails);
  const office = new Office({ ...options, desk, emails, store, timing, sinks: places.sinks });
  await office.begin();
  return {
    broke: (news) => office.broke(news),
    mended: (mend) => office.mended(mend),
    remember: (plugin, addresses) => office.remember(plugin, addresses),
    emailsOf: (plugin) => emails.of(plugin),
    openPlugins: () => desk.openPlugins(),
    wasKilled: stored?.running ?? false,
    get remembers() {
      return store.works;
    },
    status: () => office.status(),
    close: () => office.close(),
  };
}

/** What a daemon without receivers has. */
export const NO_ALERTS: Alerts = {
  broke() {},
  mended() {},
  remember() {},
  emailsOf: () => undefined,
  openPlugins: () => [],
  wasKilled: false,
  remembers: false,
  status: () => [],
  close: async () => {},
};

interface OfficeParts extends AlertsOptions {
  desk: Desk;
  emails: RememberedEmails;
  store: AlertStore;
  timing: Timing;
  sinks: readonly Courier["sink"][];
}

class Office {
  readonly #parts: OfficeParts;
  readonly #couriers: Courier[];
  readonly #redact: <T>(value: T) => T;
  #timer: NodeJS.Timeout | undefined;
  #storing: NodeJS.Timeout | undefined;
  #running = true;
  #closing: Promise<void> | null = null;

  constructor(parts: OfficeParts) {
    this.#parts = parts;
    this.#redact = redactor(parts.secrets);
    this.#couriers = parts.sinks.map(
      (sink) =>
        new Courier({
          sink,
          log: parts.log,
          retry: parts.timing.retry,
          giveUpMs: parts.timing.giveUp,
          write: (outbox) => this.#write(outbox),
          store: () => this.#store(),
          onSent: () => this.#turn(),
          now: Date.now,
        }),
    );
  }

  async begin(): Promise<void> {
    await this.#store();
    this.#turn();
  }

  broke(news: Break): void {
    const standing = this.#parts.desk.broke(news, Date.now());
    if (standing !== "counted") this.#schedule();
    if (standing === "new") void this.#store();
    else this.#storeSoon();
  }

  mended(mend: Mend): void {
    if (!this.#parts.desk.mended(mend, Date.now())) return;
    this.#schedule();
    void this.#store();
  }

  remember(plugin: string, emails: Emails): void {
    if (this.#parts.emails.set(plugin, emails)) this.#storeSoon();
  }

  status(): SinkStatus[] {
    return this.#couriers.map((courier) => courier.status(this.#outboxesOf(courier)));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #storeSoon(): void {
    if (this.#running) this.#storing ??= setTimeout(() => void this.#store(), STORE_AFTER_MS).unref();
  }

  #turn(): void {
    if (!this.#running) return;
    if (this.#parts.desk.turn(Date.now())) void this.#store();
    for (const courier of this.#couriers) {
      void courier.carry(() => this.#outboxesOf(courier)).then(() => this.#schedule());
    }
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    const now = Date.now();
    const times = [
      this.#parts.desk.nextTurnAt(now),
      ...this.#couriers.map((courier) => courier.nextTryAt(this.#outboxesOf(courier))),
    ].filter((time) => time !== null);
    if (times.length === 0) return;
    const wait = Math.min(Math.max(Math.min(...times) - now, 1), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.#turn(), wait).unref();
  }

  #outboxesOf({ sink }: Courier): Outbox[] {
    return this.#parts.desk.outboxes.filter(({ state }) => state.receiver.sink === sink.name);
  }

  #store(): Promise<void> {
    clearTimeout(this.#storing);
    this.#storing = undefined;
    return this.#parts.store.write(() => ({
      version: 1,
      running: this.#running,
      desk: this.#parts.desk.snapshot(),
      emails: this.#parts.emails.snapshot(),
    }));
  }

  async #write({ state: { letters } }: Outbox): Promise<View> {
    const letter = letters[0]!;
    const { lookUp, siteUrl, state } = this.#parts;
    const ids = new Set(letter.items.map(({ facts }) => facts.eventId ?? 0).filter((id) => id > 0));
    const events = new Map<number, WireEvent>();
    for (const id of ids) {
      const event = await lookUp.event(id).catch(() => null);
      if (event) events.set(id, this.#redact(event));
    }
    const plugins = new Map<string, KnownPlugin>();
    for (const { plugin } of letter.items) {
      const known = plugin === null ? null : lookUp.plugin(plugin);
      if (known) plugins.set(plugin!, known);
    }
    return viewOf(letter, { host: hostname(), siteUrl, state, events, plugins });
  }

  async #close(): Promise<void> {
    const { config, desk, timing, sinks } = this.#parts;
    clearTimeout(this.#timer);
    // what is new does not wait for company any more
    desk.turn(Date.now() + config.gather);
    const carried = Promise.all(
      this.#couriers.map((courier) => courier.carry(() => this.#outboxesOf(courier))),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timing.close);
    });
    await Promise.race([carried, late]);
    clearTimeout(timer);
    for (const courier of this.#couriers) courier.close();
    this.#running = false;
    await this.#store();
    await Promise.all(sinks.map((sink) => sink.close()));
  }
}
