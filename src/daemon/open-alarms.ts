/** Alerts for a daemon: opens `src/alerts`, tells it what happens, and watches what no happening tells of. */
import { type Alerts, NO_ALERTS, openAlerts } from "../alerts/alerts.ts";
import type { Config } from "../config-file.ts";
import { secretsOf } from "../config-secrets.ts";
import { asError, CallsheetError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import { AlarmWatch } from "./alarm-watch.ts";
import { Alarms } from "./alarms.ts";
import { CatchUps } from "./catch-ups.ts";
import type { Happenings } from "./happenings.ts";
import type { LaneStatus } from "./lane-status.ts";
import type { DaemonStatus } from "./status.ts";

export interface OpenAlarms {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  status(): DaemonStatus["alerts"];
  /** The daemon ends, by itself if there is an error: a last try to send what is waiting, for a few seconds at most. */
  close(error: unknown): Promise<void>;
}

export interface OpenAlarmsParts {
  config: Config;
  log: Log;
  happenings: Happenings;
  journal: Journal;
  status(): Omit<DaemonStatus, "alerts">;
  plugin(name: string): LaneStatus | null;
}

/** @throws {CallsheetError} CONFIG_INVALID: an address of a webhook that is none, a certificate file that cannot be read */
export async function openAlarms(parts: OpenAlarmsParts): Promise<OpenAlarms> {
  const { config, happenings, status } = parts;
  const catchUps = new CatchUps();
  const alerts = await alertsOf(parts, catchUps);
  const alarms = new Alarms(alerts, config.alerts);
  const deaf = happenings.listen((happening) => {
    catchUps.hear(happening);
    alarms.hear(happening);
  });
  const watch = new AlarmWatch({
    alerts,
    alarms,
    limits: config.alerts,
    status,
    state: config.state,
    maxBytes: config.retention.maxSize,
  });
  alerts.mended({ kind: "daemon_stopped", plugin: null });
  if (alerts.wasKilled) alarms.tell("daemon_killed", null, { message: "Its alerts had not been closed." });
  return {
    run: (signal) => watch.run(signal),
    status: () => alerts.status(),
    async close(error) {
      deaf();
      if (error !== undefined) alarms.tell("daemon_stopped", null, factsOf(error));
      await alerts.close();
    },
  };
}

/** States that only a person can mend. A folder that is in use, or takes nothing, is none: another may be writing there. */
const DAMAGED = ["STATE_CORRUPT", "STATE_TOO_NEW", "STATE_RESTORED"];

/** A daemon that cannot open its state has nobody to tell of it, but those who are told here. Never rejects. */
export async function tellRefusedStart(
  { config, log }: Pick<OpenAlarmsParts, "config" | "log">,
  error: unknown,
): Promise<void> {
  if (!(error instanceof CallsheetError) || !DAMAGED.includes(error.code)) return;
  try {
    const alerts = await alertsOf({ config, log });
    // without a memory, a service that is started again and again would tell it each time
    if (alerts.remembers) new Alarms(alerts, config.alerts).tell("daemon_stopped", null, factsOf(error));
    await alerts.close();
  } catch (failed) {
    log.error(`nobody could be told: ${asError(failed).message}`);
  }
}

type AlertsParts = Pick<OpenAlarmsParts, "config" | "log"> &
  Partial<Pick<OpenAlarmsParts, "journal" | "plugin">>;

async function alertsOf(
  { config, log, journal, plugin = () => null }: AlertsParts,
  catchUps = new CatchUps(),
): Promise<Alerts> {
  const { enabled, mail, slack, webhooks } = config.alerts;
  if (!enabled || (!mail && slack.length === 0 && webhooks.length === 0)) return NO_ALERTS;
  return openAlerts({
    config: config.alerts,
    siteUrl: config.site.url,
    state: config.state,
    log,
    secrets: secretsOf(config),
    lookUp: {
      event: async (id) => (await journal?.find(id))?.event ?? null,
      plugin: (name) => {
        const lane = plugin(name);
        return lane && { path: lane.path, backlog: lane.backlog, catchUp: catchUps.of(name, lane) };
      },
    },
  });
}

function factsOf(thrown: unknown): { message: string; code: string; stack?: string | undefined } {
  const error = asError(thrown);
  if (!(error instanceof CallsheetError))
    return { message: error.message, code: "INTERNAL", stack: error.stack };
  return { message: error.hint ? `${error.message} ${error.hint}` : error.message, code: error.code };
}
