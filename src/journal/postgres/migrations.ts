/**
 * The tables, as numbered steps; a step that was released is never changed, and each is such that the version before goes on
 * working beside it (`CONTRIBUTING.md` says how to write one). JSON is kept as text, so that numbers stay as they came. Times are milliseconds since 1970.
 */

export interface Format {
  /** The tables are of the format that is the number of these. */
  steps: readonly string[];
  /** The oldest format whose daemons work with the tables as the steps leave them. */
  oldest: number;
}

const STEPS = [
  `
  CREATE TABLE event (
    seq bigint PRIMARY KEY,
    generation integer NOT NULL,
    id bigint NOT NULL,
    event_type text NOT NULL,
    attribute_name text,
    json text NOT NULL,
    appended_at bigint NOT NULL
  );
  CREATE UNIQUE INDEX event_by_id ON event (generation, id);

  -- one row: the reader's lease, and its state as of last_seq
  CREATE TABLE reader (
    one integer PRIMARY KEY CHECK (one = 1),
    owner text,                    -- id of the host that has the lease
    epoch bigint NOT NULL,
    version bigint NOT NULL,       -- counts the writes of this row; each names the one before
    last_seq bigint NOT NULL,      -- highest seq ever given out
    removed_seq bigint NOT NULL,   -- retention has removed up to here
    generation integer,            -- null until somebody has begun to read
    position bigint,
    gaps text                      -- JSON
  );

  -- ids that never happened
  CREATE TABLE never (
    number bigserial PRIMARY KEY,
    generation integer NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL
  );
  CREATE UNIQUE INDEX never_by_id ON never (generation, first);

  -- one row a lane: its lease, where it stands, the event in hand
  CREATE TABLE lane (
    number serial PRIMARY KEY,
    id text NOT NULL UNIQUE,
    path text NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    absent_since bigint,
    start_seq bigint NOT NULL,
    owner text,                    -- id of the host that has the lease
    epoch bigint NOT NULL,
    version bigint NOT NULL,       -- counts the writes of this row; each names the one before
    cursor bigint NOT NULL,
    begun boolean NOT NULL,        -- cursor + 1 had begun
    finished text NOT NULL,        -- JSON: keys of the callbacks that are done with it
    callbacks text NOT NULL,       -- JSON: keys, as registered
    doubtful_to bigint NOT NULL,
    failure text,                  -- JSON
    inherited text NOT NULL,       -- JSON
    paused text                    -- JSON
  );

  -- daemons that are there; each writes its own row now and then
  CREATE TABLE host (
    name text PRIMARY KEY,
    id text NOT NULL,              -- of one run of the daemon
    beat bigint NOT NULL,
    labels text NOT NULL,          -- JSON
    weight double precision NOT NULL,
    version text NOT NULL,
    url text,
    leaving boolean NOT NULL
  );

  -- which seqs were handed to a lane's host: a bit each
  CREATE TABLE handed (
    lane integer NOT NULL,
    chunk bigint NOT NULL,
    bits bytea NOT NULL,
    PRIMARY KEY (lane, chunk)
  );

  CREATE TABLE outcome (
    number bigserial PRIMARY KEY,
    lane integer NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    failure text NOT NULL          -- JSON
  );
  CREATE INDEX outcome_by_seq ON outcome (seq, lane);

  -- seqs that an operator moved a lane's cursor past
  CREATE TABLE passed (
    number bigserial PRIMARY KEY,
    lane integer NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    note text NOT NULL             -- JSON
  );
  CREATE INDEX passed_by_seq ON passed (lane, first_seq);

  -- what retention took from a lane that had not had it
  CREATE TABLE lost (
    number bigserial PRIMARY KEY,
    lane integer NOT NULL,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL
  );

  -- what operators did
  CREATE TABLE action (
    number bigserial PRIMARY KEY,
    action text NOT NULL           -- JSON
  );
  `,
  `
  -- when a lane was done with its seqs, 512 of them a row
  CREATE TABLE done (
    lane integer NOT NULL,
    chunk bigint NOT NULL,
    marks bytea NOT NULL,
    PRIMARY KEY (lane, chunk)
  );
  `,
  `
  -- at most one row: the state was moved, or is on its way
  CREATE TABLE move (
    one integer PRIMARY KEY CHECK (one = 1),
    kind text NOT NULL,
    id text NOT NULL,
    other text NOT NULL,
    at text NOT NULL
  );
  `,
  `
  -- the fingerprint of a failure
  ALTER TABLE outcome ADD COLUMN print text NOT NULL DEFAULT '';
  CREATE INDEX outcome_by_print ON outcome (lane, print, number) WHERE kind = 'failed';
  `,
  `
  -- what a host tells the others of what it runs; worth nothing after a crash
  CREATE UNLOGGED TABLE said (
    host text PRIMARY KEY,         -- its id
    words text NOT NULL
  );
  `,
  `
  -- the files that a lane runs with, or ran with last
  CREATE TABLE copy (
    lane integer PRIMARY KEY,
    host text NOT NULL,            -- name of the one that said so
    sha256 text NOT NULL,          -- of them all
    changed_at bigint NOT NULL,
    runs_on text,                  -- label that the plugin itself asks for
    files text NOT NULL            -- JSON
  );
  -- JSON: lanes of which a host has other files
  ALTER TABLE host ADD COLUMN copies text NOT NULL DEFAULT '{}';
  `,
  `
  -- what operators ask of lanes on another host than their own; gone once the answer was read
  CREATE TABLE command (
    id text PRIMARY KEY,
    number bigserial,
    lane text NOT NULL,            -- its id
    asker text NOT NULL,           -- id of the host it was given on
    request text NOT NULL,         -- JSON
    taker text,                    -- id of the host that took it
    epoch bigint NOT NULL DEFAULT 0,
    answer text                    -- JSON
  );
  `,
  `
  -- the last row is what this database is known by; a move or a repair adds one
  CREATE TABLE identity (
    number serial PRIMARY KEY,
    id text NOT NULL,
    why text NOT NULL
  );
  INSERT INTO identity (id, why) VALUES (gen_random_uuid()::text, 'made');

  -- who took the reader's lease: a token of its own, and the version of the record from then on
  CREATE TABLE tenure (
    epoch bigint PRIMARY KEY,
    token text NOT NULL,
    version bigint NOT NULL
  );
  `,
  `
  -- so that two versions can work together: what a daemon has to know of these tables, and what each host does know
  ALTER TABLE format ADD COLUMN oldest integer NOT NULL DEFAULT 0;
  ALTER TABLE host ADD COLUMN format integer NOT NULL DEFAULT 0;
  `,
  `
  -- JSON: what a host offers the others of what it runs, and what it is ready for; null: its version does not tell
  ALTER TABLE host ADD COLUMN moves text;
  `,
  `
  -- how long the leases of a host last, ms, and the id of the host that said so: the version before leaves both as they are
  ALTER TABLE host ADD COLUMN lease_ms integer, ADD COLUMN lease_of text;
  `,
  `
  -- at most one row: the lease of all lanes as one, where an order across plugins needs them on one host
  CREATE TABLE together (
    one integer PRIMARY KEY CHECK (one = 1),
    owner text,                    -- id of the host that has the lease
    epoch bigint NOT NULL,
    version bigint NOT NULL        -- counts the writes of this row; each names the one before
  );
  `,
  `
  -- JSON, for people: the id of the daemon that took the name of the host, when, and from which address
  ALTER TABLE host ADD COLUMN holder text;
  `,
  `
  -- for people: the machine of the other place, where that is a folder
  ALTER TABLE move ADD COLUMN machine text;
  `,
  `
  -- JSON: the mark that a state arrives over, and that stands there again when its move is given up
  ALTER TABLE move ADD COLUMN before text;
  `,
];

/** `oldest` is the format of the release before: raised with the first step after a release, and by a step that breaks. */
export const FORMAT: Format = { steps: STEPS, oldest: 9 };
