/** `replays.sqlite`. Steps as in `../migrations.ts`. A place in a replay is an event's id. */
export const REPLAYS_MIGRATIONS = [
  `
  CREATE TABLE replay (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lane TEXT NOT NULL,
    asked TEXT NOT NULL,            -- JSON: ReplayOrder
    state TEXT NOT NULL,
    problem TEXT,                   -- JSON
    ended_at INTEGER,
    epoch INTEGER NOT NULL,         -- counts its hosts: each has a slot file of its own
    callbacks TEXT NOT NULL,        -- JSON: keys, as registered
    cursor INTEGER NOT NULL,
    begun INTEGER,                  -- the event after it that had begun
    finished TEXT NOT NULL,         -- JSON: keys of the callbacks that are done with it
    seen INTEGER NOT NULL           -- events up to the cursor
  ) STRICT;
  CREATE INDEX replay_by_lane ON replay (lane);

  -- events that were handed to its hosts
  CREATE TABLE given (
    replay INTEGER NOT NULL,
    event INTEGER NOT NULL,
    seen INTEGER NOT NULL,          -- events up to and including this one
    PRIMARY KEY (replay, event)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX given_by_event ON given (event);

  CREATE TABLE outcome (
    number INTEGER PRIMARY KEY,
    replay INTEGER NOT NULL,
    event INTEGER NOT NULL,
    kind TEXT NOT NULL,
    failure TEXT NOT NULL           -- JSON
  ) STRICT;
  CREATE INDEX outcome_by_event ON outcome (replay, event);

  -- what dry runs caught
  CREATE TABLE caught (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    replay INTEGER NOT NULL,
    event INTEGER NOT NULL,
    write TEXT NOT NULL             -- JSON
  ) STRICT;
  CREATE INDEX caught_by_replay ON caught (replay, number);
  `,
];

export interface ReplayRow {
  id: number;
  lane: string;
  asked: string;
  state: string;
  problem: string | null;
  ended_at: number | null;
  epoch: number;
  callbacks: string;
  cursor: number;
  begun: number | null;
  finished: string;
  seen: number;
}
