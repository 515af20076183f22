/** What may be removed from a journal, and what was. Part of the interface in `journal.ts`. */

export interface RetentionPolicy {
  /** Events older than this (since they were appended), that no lane needs, go. */
  maxAgeMs: number;
  /** Above this size the oldest events go even if a lane still needs them; the report says so. */
  maxBytes: number;
}

export interface RetentionReport {
  removed: number;
  /** Lanes that had not had some of the removed events. Their cursors now stand behind a hole, which the ledger shows as `dropped`. */
  lost: { lane: string; firstSeq: number; lastSeq: number }[];
}
