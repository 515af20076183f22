/** A start that may have to wait long for what another daemon had. */
export interface Starting {
  /** Ends the wait, which rejects with its reason. */
  signal: AbortSignal;
  /** Told again and again while it waits: how much longer at most, ms. Time in which the database is away comes on top. */
  waits(mostMs: number): void;
}
