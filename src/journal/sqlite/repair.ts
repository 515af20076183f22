/**
 * Repairing a damaged state: what can be read goes into fresh files, damaged ones are kept aside, and what could not be
 * read is told. The reader is put back to a place from which no plugin misses an event.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { CallsheetError } from "../../errors.ts";
import { checkAfterOpening } from "./check.ts";
import type { Database } from "./database.ts";
import { openJournalDatabase, openLanesDatabase } from "./databases.ts";
import { prepareFolder, type StateFolder, slotFile, slotIds, stateFolder } from "./folder.ts";
import { HandedEvents } from "./hand-over.ts";
import { laneWriter, readLanes } from "./lane-rows.ts";
import { takeLockForRepair } from "./lock.ts";
import { type Mark, type MarkRow, parseMark } from "./marks.ts";
import { prepareSlots } from "./open-lane.ts";
import { removeReplays } from "./replays/check.ts";
import { placeOfReplays, replaysDamage } from "./replays/open.ts";
import { inspect } from "./salvage/inspect.ts";
import { type MendedLane, mendLanes } from "./salvage/mend-lanes.ts";
import { type Rebuilt, rebuildJournal } from "./salvage/rebuild-journal.ts";
import { rebuildLanes } from "./salvage/rebuild-lanes.ts";
import { finishInterrupted, Replacement, SetAside } from "./salvage/replace.ts";
import type { RepairReport } from "./salvage/report.ts";
import { freshSlot } from "./slot-files.ts";
import { readStanding } from "./standing.ts";

/**
 * Repairs the state in a folder; a sound one is left as it is.
 * @throws STATE_LOCKED while a daemon uses it, STATE_UNUSABLE, STATE_FULL, STATE_TOO_NEW
 */
export async function repairState(path: string, now: () => Date = () => new Date()): Promise<RepairReport> {
  const folder = stateFolder(path);
  const { journal, lanes, owner } = folder;
  if (![journal, lanes, owner].some((file) => existsSync(file)) && slotIds(folder).length === 0) {
    throw new CallsheetError("STATE_UNUSABLE", `There is no state in the folder ${folder.path}.`, {
      hint: "Name the folder that the configuration calls `state`.",
    });
  }
  prepareFolder(folder);
  const aside = new SetAside(join(folder.path, `damaged-${now().toISOString().replaceAll(/[:.]/g, "-")}`));
  const lock = await takeLockForRepair(folder, now, (file) => aside.keep(file));
  let closed: string[] | null = null;
  try {
    finishInterrupted([journal, lanes], aside);
    const report = repair(folder, aside, lock.previous);
    const replays = setReplaysAside(folder, aside);
    closed = [basename(journal), basename(lanes)];
    return { ...report, damaged: [...report.damaged, ...replays] };
  } finally {
    lock.release(closed);
  }
}

type Previous = Parameters<typeof inspect>[1];

function repair(folder: StateFolder, aside: SetAside, previous: Previous): RepairReport {
  const found = inspect(folder, previous);
  prepareSlots(folder.slots);
  const newLanes = found.lanes === null ? null : new Replacement(folder.lanes, aside);
  const lanes = openLanesDatabase(newLanes?.draft ?? folder.lanes, newLanes !== null);
  try {
    if (newLanes) rebuildLanes(folder.lanes, lanes);
    const mended = mendLanes(folder, readLanes(lanes));
    const known = Math.max(0, ...mended.map(({ seq }) => seq));
    const short = `The journal ends at place ${found.lastSeq}, but plugins were at place ${known} already.`;
    const why = found.journal ?? (known > found.lastSeq ? short : null);
    const newJournal = why === null ? null : new Replacement(folder.journal, aside);
    const rebuilt = newJournal && buildJournal(newJournal.draft, folder, lanes, mended);
    if (rebuilt && !rebuilt.standing) beginAnew(lanes, mended);
    storeLanes(lanes, mended, {
      // without its row, what was handed to a lane is not known either
      adriftTo: newLanes === null ? 0 : Math.max(found.lastSeq, known),
      ...comingAgain(rebuilt, known),
    });
    lanes.close();
    for (const replacement of [newJournal, newLanes]) replacement?.ready();
    for (const replacement of [newJournal, newLanes]) replacement?.put();
    // last: until the rows are in place, a slot may be all that knows how far its lane is
    renewSlots(folder, aside, mended);
    return report(folder, aside, { journal: why, lanes: found.lanes }, mended, rebuilt);
  } finally {
    lanes.close();
  }
}

/** Nothing of them is mended: what they did is history, and no event of any lane hangs on it. */
function setReplaysAside({ path }: StateFolder, aside: SetAside): RepairReport["damaged"] {
  const why = replaysDamage(path);
  if (why === null) return [];
  const { file, slots } = placeOfReplays(path);
  aside.keep(file);
  removeReplays(file, slots);
  const told = `${why} What earlier replays did is not known any more.`;
  return [{ file, why: told, keptAs: aside.placeOf(file) }];
}

function buildJournal(
  draft: string,
  folder: StateFolder,
  lanes: Database,
  mended: readonly MendedLane[],
): Rebuilt {
  const marks = readMarks(lanes);
  const seqs = mended.map(({ seq }) => seq);
  const target = openJournalDatabase(draft, true);
  try {
    return rebuildJournal(folder.journal, target, {
      lastSeq: Math.max(0, ...seqs, ...marks.map(({ seq }) => seq)),
      lowestCursor: seqs.length > 0 ? Math.min(...seqs) : 0,
      marks,
    });
  } finally {
    target.close();
  }
}

function readMarks(lanes: Database): Mark[] {
  const rows = lanes.run(() => lanes.prepare("SELECT * FROM mark").all()) as unknown as MarkRow[];
  return rows.map(parseMark).filter((mark) => mark !== null);
}

/** Without a journal, and nothing that tells where it was, places mean nothing any more. */
function beginAnew(lanes: Database, mended: readonly MendedLane[]): void {
  lanes.exec("DELETE FROM handed; DELETE FROM outcome; DELETE FROM lost");
  for (const entry of mended) {
    Object.assign(entry.lane, {
      startSeq: 0,
      cursor: 0,
      begun: false,
      finished: [],
      failure: null,
      state: "active",
      inherited: entry.lane.inherited.map((inherited) => ({ ...inherited, afterSeq: 0 })),
    });
    entry.seq = 0;
    entry.note = "nothing of the journal is left that tells its place; it begins where the reader begins";
  }
}

interface Doubts {
  /** The furthest that a lane adrift can have been. */
  adriftTo: number;
  /** The first event that is fetched anew, and stands behind the others then. */
  fromSeq: number;
  /** A lane that was at or beyond it may have had what comes up to here. */
  againTo: number;
}

/** What was lost and is fetched anew is appended next, and with it those of the ids before and among it that were gaps until then. */
function comingAgain(rebuilt: Rebuilt | null, known: number): Omit<Doubts, "adriftTo"> {
  if (!rebuilt) return { fromSeq: Number.POSITIVE_INFINITY, againTo: 0 };
  // the journal begins anew, and so many may come before one that nobody had
  if (!rebuilt.standing) return { fromSeq: 0, againTo: known };
  const { lastSeq } = rebuilt.standing;
  const count = [...rebuilt.again, ...rebuilt.gaps].reduce(
    (sum, { first, last }) => sum + last - first + 1,
    0,
  );
  const [first] = rebuilt.again;
  return first
    ? { fromSeq: first.first, againTo: lastSeq + count }
    : { fromSeq: Number.POSITIVE_INFINITY, againTo: 0 };
}

function storeLanes(lanes: Database, mended: readonly MendedLane[], doubts: Doubts): void {
  const write = laneWriter(lanes);
  const handed = new HandedEvents(lanes);
  lanes.synchronous("FULL");
  lanes.transaction(() => {
    for (const { lane, seq, note, adrift } of mended) {
      const given = Math.max(lane.doubtfulTo, handed.last(lane.number));
      const again = Math.max(seq, given) >= doubts.fromSeq;
      if (note === null && !again) continue;
      lane.doubtfulTo = Math.max(
        note === null ? lane.doubtfulTo : given,
        adrift ? doubts.adriftTo : 0,
        again ? doubts.againTo : 0,
      );
      write(lane);
    }
  });
}

function renewSlots(folder: StateFolder, aside: SetAside, mended: readonly MendedLane[]): void {
  for (const { lane, note } of mended) {
    if (note === null) continue;
    const file = slotFile(folder, lane.id);
    aside.keep(file);
    freshSlot(file, lane);
  }
}

function report(
  folder: StateFolder,
  aside: SetAside,
  whys: { journal: string | null; lanes: string | null },
  mended: readonly MendedLane[],
  rebuilt: Rebuilt | null,
): RepairReport {
  const reader = checkedReader(folder);
  const slots = mended
    .filter(({ note }) => note !== null)
    .map(({ lane, note }) => ({
      file: slotFile(folder, lane.id),
      why: `The slot of ${lane.name}: ${note}.`,
    }));
  const databases = [
    { file: folder.journal, why: whys.journal },
    { file: folder.lanes, why: whys.lanes },
  ].filter((entry): entry is { file: string; why: string } => entry.why !== null);
  return {
    damaged: [...databases, ...slots].map((entry) => ({ ...entry, keptAs: aside.placeOf(entry.file) })),
    events: rebuilt && { recovered: rebuilt.events, lost: rebuilt.holes },
    reader,
    lanes: mended.map(({ lane: { id, name, path }, seq, note }) => ({ id, name, path, seq, note })),
  };
}

/** The reader's state, after everything has passed the checks of a start. */
function checkedReader(folder: StateFolder): RepairReport["reader"] {
  const journal = openJournalDatabase(folder.journal, false);
  const lanes = openLanesDatabase(folder.lanes, false);
  try {
    checkAfterOpening(folder, journal, lanes);
    return readStanding(journal)?.reader ?? null;
  } finally {
    lanes.close();
    journal.close();
  }
}
