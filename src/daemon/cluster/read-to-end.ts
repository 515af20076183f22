/** Reads the site's event log into a journal, up to the newest event that there is now. */
import type { Config } from "../../config-file.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import { Happenings } from "../happenings.ts";
import { Reader } from "../reader.ts";
import type { SiteLog } from "../site-log.ts";

type ReaderConfig = Pick<Config, "start" | "fetchInterval" | "batchSize" | "parallelFetches" | "gapTimeout">;

export interface ReadToEnd {
  journal: Journal;
  site: SiteLog;
  config: ReaderConfig;
  log: Log;
  /** Events so far. */
  progress(events: number): void;
}

/** @returns how many events were new to the journal. @throws CallsheetError SITE_*, STATE_* */
export async function readToEnd({ journal, site, config, log, progress }: ReadToEnd): Promise<number> {
  const never = new AbortController().signal;
  const [newest] = await site.readBack(Number.MAX_SAFE_INTEGER - 1, 1, never);
  const happenings = new Happenings(log);
  const reader = new Reader({
    ...{ site, journal, log, happenings, start: config.start, fetchIntervalMs: config.fetchInterval },
    batchSize: config.batchSize,
    parallelFetches: config.parallelFetches,
    gapTimeoutMs: config.gapTimeout,
  });
  const done = new AbortController();
  const until = newest?.id ?? 0;
  const atEnd = ({ position }: { position: number }) => position >= until;
  happenings.listen(({ kind }) => {
    if (kind !== "appended") return;
    const status = reader.status();
    progress(status.events);
    if (atEnd(status)) done.abort();
  });
  const state = await journal.readerState();
  if (!state || !atEnd(state)) await reader.run(done.signal);
  return reader.status().events;
}
