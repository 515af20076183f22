/** What another daemon leaves behind, and what becomes of it. */

/** What the daemon before this one had already given to a lane when its place was carried over. */
export interface Inherited {
  /** It speaks of the events after this seq, */
  afterSeq: number;
  /** of this generation: */
  generation: number;
  /** all up to this id were had, */
  lastId: number;
  /** but for these, which had not been visible yet. Ascending, not overlapping. */
  pending: readonly IdRange[];
  /** How the ledger puts it: given by that daemon, or from before the plugin began there. */
  as: "had_before" | "before_start";
}

/** Inclusive. */
export interface IdRange {
  first: number;
  last: number;
}

/** What another daemon leaves behind. */
export interface Estate {
  /** Where a reader begins that has not begun yet; ignored by one that has. */
  reader: { position: number; gaps: readonly IdRange[] };
  lanes: readonly Heir[];
}

export interface Heir {
  /** Id for the lane when there is none for `path`. */
  id: string;
  path: string;
  name: string;
  /**
   * The last event that it had, and those up to it that are still to come, as in `Inherited`. Null: it was fed by nobody; it begins
   * with what is appended next.
   */
  had: Omit<Inherited, "afterSeq" | "generation"> | null;
}

export interface Inheritance {
  path: string;
  /**
   * begun: a new lane. raised: a lane that was there, and the other daemon has come further. kept: a lane that was there, and
   * is as far or further.
   */
  outcome: "begun" | "raised" | "kept";
  /** The last event that the lane has had now, by its id; null when it has not had any. */
  lastId: number | null;
  /** Events of a begun or raised lane that nobody can give it any more, since the journal begins after them. */
  unreachable: IdRange | null;
}
