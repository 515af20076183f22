/** The newest event known, which each question asks for again: when it is no longer there as it was, the site was restored. */
import type { WireEvent } from "../event.ts";
import type { Journal, ReaderState } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import type { Happenings } from "./happenings.ts";
import { isSameEvent, turningPoint } from "./restored.ts";
import type { SiteContact } from "./site-contact.ts";
import type { SiteLog } from "./site-log.ts";

export interface AnchorParts {
  site: SiteLog;
  journal: Journal;
  contact: SiteContact;
  log: Log;
  happenings: Happenings;
}

export class Anchor {
  readonly #parts: AnchorParts;
  #event: WireEvent | null = null;
  /** When the site's log was last found to have gone back, and to which id. */
  restored: { at: string; lastCommonId: number } | null = null;

  constructor(parts: AnchorParts) {
    this.#parts = parts;
  }

  get known(): boolean {
    return this.#event !== null;
  }

  /** @param event null: none is known where the reader stands */
  drop(event: WireEvent | null): void {
    this.#event = event;
  }

  /**
   * What an answer that was to hold the anchor says: null when all is well, else the last event that site and journal have in
   * common. @throws CallsheetError STATE_*, or the signal's reason
   */
  async wentBackTo(
    events: readonly WireEvent[],
    state: ReaderState,
    signal: AbortSignal,
  ): Promise<number | null> {
    const anchor = this.#event;
    const { position } = state;
    const found = events.find(({ id }) => id === position);
    if (!anchor || (found && isSameEvent(found, anchor))) return null;
    const { site, journal, contact } = this.#parts;
    const turn = await contact.ask(
      (attempt) => turningPoint({ site, journal, state, anchor }, attempt),
      signal,
    );
    if (turn.kind === "intact") return null;
    this.#event = null;
    if (turn.kind === "emptied") {
      this.#tellEmptied(position);
      return null;
    }
    this.#tellRestored(position, turn.lastCommonId);
    return turn.lastCommonId;
  }

  #tellEmptied(position: number): void {
    this.#parts.log.critical(
      `the site shows no event up to ${position}, which it showed before: its log was pruned, or the script may no longer read it`,
      { code: "SITE_RESTORED" },
    );
  }

  #tellRestored(fromId: number, lastCommonId: number): void {
    const { log, happenings } = this.#parts;
    this.restored = { at: new Date().toISOString(), lastCommonId };
    log.critical(
      `the site's event log went back from event ${fromId} to ${lastCommonId}: it was restored from a backup; ` +
        "its new events are delivered although their ids were used before",
      { code: "SITE_RESTORED" },
    );
    happenings.tell({ kind: "site_restored", fromId, lastCommonId });
  }
}
