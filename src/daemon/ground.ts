/** What a daemon stands on: the site, its state, and the news of what happens. */
import type { Config } from "../config-file.ts";
import { secretsOf } from "../config-secrets.ts";
import type { Cluster, Journal } from "../journal/journal.ts";
import type { Starting } from "../journal/starting.ts";
import type { Log } from "../log/log.ts";
import { redactor } from "../redact.ts";
import { isTraced } from "../tracing.ts";
import { Happenings } from "./happenings.ts";
import type { LaneSpans } from "./lane-spans.ts";
import { tellRefusedStart } from "./open-alarms.ts";
import { type OpenState, openState } from "./open-state.ts";
import { openSiteAccess, type SiteAccess } from "./site-access.ts";

export interface Ground {
  config: Config;
  log: Log;
  site: SiteAccess;
  state: OpenState;
  journal: Journal;
  /** null: this daemon is alone. */
  cluster: Cluster | null;
  happenings: Happenings;
  secrets: readonly string[];
  /** null: nobody wants spans. */
  spans: ((plugin: string) => LaneSpans) | null;
}

/** @throws CallsheetError STATE_* when the state folder is locked, damaged or unusable; the reason of `starting.signal` */
export async function openGround(config: Config, log: Log, starting?: Starting): Promise<Ground> {
  const site = openSiteAccess(config);
  // last of what can refuse to open: a state that was opened must be closed again
  const state = await openState(config, log.named("journal"), starting).catch(async (error) => {
    await tellRefusedStart({ config, log: log.named("alerts") }, error);
    await site.close();
    throw error;
  });
  const { journal } = state;
  const secrets = secretsOf(config);
  // the package is loaded only where somebody wants spans
  const spans = isTraced() ? (await import("./lane-spans.ts")).laneSpans(redactor(secrets), log) : null;
  const happenings = new Happenings(log);
  return { config, log, site, state, journal, cluster: journal.cluster, happenings, secrets, spans };
}
