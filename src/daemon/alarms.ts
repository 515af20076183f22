/** What of all that happens is worth an alert: translates happenings for `src/alerts`. Conditions are watched in `alarm-watch.ts`. */
import type { Alerts } from "../alerts/alerts.ts";
import type { Break } from "../alerts/news.ts";
import { groupedBy } from "../fingerprint.ts";
import type { Happening } from "./happenings.ts";

type Of<Kind extends Happening["kind"]> = Extract<Happening, { kind: Kind }>;

/** Restarts of a host are counted over so long. */
export const RESTARTS_WITHIN_MS = 600_000;

export interface AlarmLimits {
  /** Milliseconds; false: never. */
  lagLimit: number | false;
  siteAwayAfter: number | false;
  /** Restarts of a host within ten minutes. */
  restartLimit: number | false;
  /** Whether a plugin that logs an error is told of. */
  pluginErrors: boolean;
  /** Bytes. */
  diskFreeLimit: number | false;
}

export class Alarms {
  readonly #alerts: Alerts;
  readonly #limits: AlarmLimits;
  /** Of lanes by id. */
  readonly #names = new Map<string, string>();
  readonly #restarts = new Map<string, number[]>();
  readonly #now: () => number;
  readonly #startedAt: number;

  constructor(alerts: Alerts, limits: AlarmLimits, now = () => performance.now()) {
    this.#alerts = alerts;
    this.#limits = limits;
    this.#now = now;
    this.#startedAt = now();
  }

  /** A listener of happenings. */
  hear(happening: Happening): void {
    const { kind } = happening;
    if (kind === "loaded") this.#loaded(happening);
    else if (kind === "failure") this.#failure(happening);
    else if (kind === "logged") this.#logged(happening);
    else if (kind === "unloadable") this.#unloadable(happening);
    else if (kind === "recovered") this.#recovered(happening);
    else if (kind === "host_restart") this.#restart(happening);
    else if (kind === "site_restored") this.#siteRestored(happening);
    else if (kind === "gap_given_up") this.#gapGivenUp(happening);
    else if (kind === "journal_dropped") this.#dropped(happening);
  }

  /** @param more tells apart what is not the same trouble */
  tell(kind: Break["kind"], plugin: string | null, facts: Break["facts"], more = ""): void {
    const fingerprint = [kind, plugin, more].filter(Boolean).join("/");
    const emails = plugin === null ? true : (this.#alerts.emailsOf(plugin) ?? true);
    this.#alerts.broke({ kind, plugin, facts, fingerprint, emails });
  }

  /** Its host has not restarted for ten minutes, as far as this daemon can know. */
  isSteady(plugin: string): boolean {
    const last = this.#restarts.get(plugin)?.at(-1) ?? this.#startedAt;
    return this.#now() - last > RESTARTS_WITHIN_MS;
  }

  #loaded({ plugin, lane, emails }: Of<"loaded">): void {
    this.#alerts.remember(plugin, emails);
    this.#names.set(lane, plugin);
  }

  #failure({ plugin, failure, fingerprint, consequence, emails }: Of<"failure">): void {
    if (consequence !== "stopped" && consequence !== "recorded") return;
    const kind = consequence === "stopped" ? "plugin_failed" : "callback_failed";
    const { message, code, callback, eventId, attempts, stack, seq } = failure;
    this.#alerts.broke({
      kind,
      fingerprint: `${kind}/${fingerprint}`,
      plugin,
      emails,
      facts: {
        message,
        code,
        callback: callback ?? undefined,
        eventId: eventId || undefined,
        attempts,
        stack: stack ?? undefined,
        groupedBy: groupedBy(failure),
        // one that died outside of a callback has recovered once it runs
        seq: callback === null ? undefined : seq,
      },
    });
  }

  #logged({ plugin, logger, message, eventId, fingerprint, emails }: Of<"logged">): void {
    if (!this.#limits.pluginErrors) return;
    const [head = "", ...rest] = message.trimEnd().split("\n");
    const facts = {
      message: head,
      callback: logger.startsWith(`plugin.${plugin}.`) ? logger.slice(`plugin.${plugin}.`.length) : undefined,
      eventId: eventId ?? undefined,
      stack: rest.length > 0 ? rest.join("\n") : undefined,
    };
    this.#alerts.broke({
      kind: "plugin_logged",
      fingerprint: `plugin_logged/${fingerprint}`,
      plugin,
      emails,
      facts,
    });
  }

  #unloadable({ plugin, code, message, stack }: Of<"unloadable">): void {
    const facts = { message, code, stack: stack ?? undefined };
    this.tell("plugin_unloadable", plugin, facts, code);
  }

  #recovered({ plugin }: Of<"recovered">): void {
    this.#alerts.mended({ kind: "plugin_failed", plugin });
    this.#alerts.mended({ kind: "plugin_unloadable", plugin });
  }

  #restart({ plugin, code, message, excused }: Of<"host_restart">): void {
    if (excused) return;
    const now = this.#now();
    const times = (this.#restarts.get(plugin) ?? []).filter((at) => now - at < RESTARTS_WITHIN_MS);
    times.push(now);
    const { restartLimit } = this.#limits;
    // enough to know that there were too many
    this.#restarts.set(plugin, times.slice(-1001));
    if (restartLimit === false || times.length <= restartLimit) return;
    const often = `${times.length} times within ten minutes; the last time: ${message}`;
    this.tell("plugin_restarting", plugin, { message: often, code });
  }

  #siteRestored({ fromId, lastCommonId }: Of<"site_restored">): void {
    const message = `It went back from event ${fromId} to event ${lastCommonId}.`;
    this.tell("site_restored", null, { message, code: "SITE_RESTORED" }, `${fromId}/${lastCommonId}`);
  }

  #gapGivenUp({ first, last, waitedMs }: Of<"gap_given_up">): void {
    const ids = first === last ? `Event ${first}` : `Events ${first} to ${last} (${last - first + 1} ids)`;
    const message = `${ids}, after ${Math.round(waitedMs / 1000)} s.`;
    this.tell("gap_given_up", null, { message });
  }

  #dropped({ lane, firstSeq, lastSeq }: Of<"journal_dropped">): void {
    const count = lastSeq - firstSeq + 1;
    // of one that never loaded: its id begins with its name
    const plugin = this.#names.get(lane) ?? lane.replace(/-[0-9a-f]{8}$/, "");
    const message = `${count.toLocaleString("en-US")} ${count === 1 ? "event" : "events"} of the journal, numbers ${firstSeq} to ${lastSeq}.`;
    this.tell("events_dropped", plugin, { message, code: "JOURNAL_DROPPED" });
  }
}
