/**
 * The tables, as numbered steps; a step that was released is never changed, and each changes the description of some table: that tells
 * a newer version from one that was damaged. Rows carry a checksum over all their columns, since SQLite has none: damage is refused
 * instead of delivered, and `repair` can tell a row from rubble. Times are milliseconds since 1970.
 */

/** `journal.sqlite`. */
export const JOURNAL_MIGRATIONS = [
  `
  CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    id INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    attribute_name TEXT,
    json TEXT NOT NULL,
    appended_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX event_by_id ON event (generation, id);

  -- one row: the reader's state, as of last_seq
  CREATE TABLE reader (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last_seq INTEGER NOT NULL,     -- highest seq ever given out
    removed_seq INTEGER NOT NULL,  -- retention has removed up to here
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    gaps TEXT NOT NULL,            -- JSON
    version INTEGER NOT NULL,      -- counts the writes of this row
    checksum INTEGER NOT NULL
  ) STRICT;

  -- ids that never happened
  CREATE TABLE never (
    number INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX never_by_id ON never (generation, first);

  -- seqs that a repair could not recover
  CREATE TABLE hole (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
  `,
];

/** `lanes.sqlite`. */
export const LANES_MIGRATIONS = [
  `
  CREATE TABLE lane (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    absent_since INTEGER,
    start_seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    begun INTEGER NOT NULL,         -- 1: cursor + 1 had begun
    finished TEXT NOT NULL,         -- JSON: keys of the callbacks that are done with it
    slot_epoch INTEGER NOT NULL,    -- older records of the slot are folded into cursor and do not count
    slot_counter INTEGER NOT NULL,  -- nor do those of slot_epoch up to this one
    callbacks TEXT NOT NULL,        -- JSON: keys, as registered
    doubtful_to INTEGER NOT NULL,   -- events up to here may have been begun, though they are not done
    failure TEXT,                   -- JSON
    version INTEGER NOT NULL,       -- counts the writes of this row
    checksum INTEGER NOT NULL
  ) STRICT;

  -- which seqs were handed to a lane's host: lane * 2^32 + seq / 2048, a bit each
  CREATE TABLE handed (
    place INTEGER PRIMARY KEY,
    bits BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE outcome (
    number INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    failure TEXT NOT NULL,          -- JSON
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outcome_by_seq ON outcome (seq, lane);

  -- what retention took from a lane that had not had it
  CREATE TABLE lost (
    number INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;

  -- where the reader stood at some seqs, for a journal that has to be fetched anew
  CREATE TABLE mark (
    seq INTEGER PRIMARY KEY,
    reader TEXT NOT NULL,           -- JSON
    checksum INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- what the daemon before this one had already given to a lane
  CREATE TABLE inherited (
    lane INTEGER PRIMARY KEY,
    id TEXT NOT NULL,               -- of the lane
    list TEXT NOT NULL,             -- JSON
    checksum INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- lanes that an operator paused
  CREATE TABLE paused (
    lane INTEGER PRIMARY KEY,
    note TEXT NOT NULL,             -- JSON
    checksum INTEGER NOT NULL
  ) STRICT;

  -- seqs that an operator moved a lane's cursor past
  CREATE TABLE passed (
    number INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    note TEXT NOT NULL,             -- JSON
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX passed_by_seq ON passed (lane, first_seq);

  -- what operators did
  CREATE TABLE action (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,           -- JSON
    checksum INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- when a lane was done with its seqs: lane * 2^32 + seq / 512
  CREATE TABLE done (
    place INTEGER PRIMARY KEY,
    marks BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- the fingerprint of a failure
  ALTER TABLE outcome ADD COLUMN print TEXT NOT NULL DEFAULT '';
  CREATE INDEX outcome_by_print ON outcome (lane, print) WHERE kind = 'failed';
  `,
];
