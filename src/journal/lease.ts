/**
 * The right to run a lane, or to read the site, where several daemons share a journal. Its time counts from the *sending* of the
 * last write that succeeded, on this machine's monotonic clock, and each write begins it anew; nobody else takes over before
 * it has run out.
 */
export interface Lease {
  /** Aborts when the time is up, or it is another's: what is done by it ends at once. Another signal once it is held again. */
  readonly held: AbortSignal;
  /** True for good once another has it, or it was given back. */
  readonly ended: boolean;
  /** Until when, by `performance.now()`, something new may begin. */
  readonly sureUntil: number;
  /**
   * Resolves when something new may begin: at once while a third of the time is left, else after a write.
   * @throws STATE_LOCKED when it is another's
   */
  sure(): Promise<void>;
  /** Stores what is not stored yet and gives it to whoever comes, who is told. Nothing may be done by it after this. */
  release(): Promise<void>;
}
