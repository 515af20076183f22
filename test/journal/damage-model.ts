/** A state with everything in it, what is true of it, and what must still be true after damage and repair. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import type { Journal, JournalEntry, ReaderState } from "../../src/journal/journal.ts";
import { SlotWriter } from "../../src/journal/slot.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import type { RepairReport } from "../../src/journal/sqlite/salvage/report.ts";
import { type Folders, wireEvent, wireEvents } from "./support.ts";

export interface Truth {
  /** Id of the event at each seq; index 0 is not used. */
  ids: number[];
  /** The reader's state as it was when the journal ended at a seq. */
  readers: Map<number, ReaderState>;
  cursors: Map<string, number>;
}

const PAGES = 12;
const A_PAGE = 50;
const LANES = { ahead: 590, behind: 130, fresh: 400, quiet: 610 };

/** Leaves the state open, so that its write-ahead logs are there; `close` closes it in order. */
export async function makeState(folder: string): Promise<{ truth: Truth; close(): Promise<void> }> {
  const journal = await openSqliteJournal({ folder });
  const truth: Truth = { ids: [0], readers: new Map(), cursors: new Map() };
  for (let page = 0; page < PAGES; page += 1) {
    await appendPage(journal, truth, page);
    // checkpointed halfway, so that the file and the log both matter
    if (page === PAGES / 2) await fillLanes(journal, truth, 130);
  }
  await fillLanes(journal, truth, Number.POSITIVE_INFINITY);
  await journal.append({ events: wireEvents(2000, 2010), neverHappened: [], reader: readerAt(2010) });
  truth.ids.push(...wireEvents(2000, 2010).map(({ id }) => id));
  truth.readers.set(truth.ids.length - 1, readerAt(2010));
  return { truth, close: () => journal.close() };
}

function readerAt(position: number): ReaderState {
  return { position, gaps: [{ first: 30, last: 34, waitedMs: 5 }], generation: 1 };
}

/** Ids leave out 30-34 (a gap), and 60-69 of each page never happened; one event of each page comes late. */
async function appendPage(journal: Journal, truth: Truth, page: number): Promise<void> {
  const first = page * 100 + 1;
  const events = wireEvents(first, first + A_PAGE - 1).filter(
    ({ id }) => (id < 30 || id > 34) && id !== first + 7,
  );
  if (page > 0) events.push(wireEvent(first - 100 + 7));
  const position = first + A_PAGE - 1;
  const late = { first: first + 7, last: first + 7, waitedMs: 1 };
  const gaps = [...(position > 34 ? readerAt(0).gaps : []), late].toSorted((a, b) => a.first - b.first);
  const reader = { position: position + 50, gaps, generation: 1 };
  const given = { first: first + A_PAGE, last: first + 99 };
  const { lastSeq } = await journal.append({ events, neverHappened: [given], reader });
  truth.ids.push(...events.map(({ id }) => id));
  truth.readers.set(lastSeq, reader);
}

async function fillLanes(journal: Journal, truth: Truth, upTo: number): Promise<void> {
  for (const [id, place] of Object.entries(LANES)) {
    if (id === "fresh" && place > upTo) continue;
    const to = Math.min(place, upTo, journal.head.lastSeq);
    const lane = await journal.openLane({
      id,
      path: `/plugins/${id}.ts`,
      name: id,
      startSeq: id === "fresh" ? to : 0,
    });
    await lane.register(["one", "two"]);
    const { seq } = await lane.cursor();
    truth.cursors.set(id, Math.max(seq, to));
    if (id === "fresh" || seq >= to) continue;
    await lane.handOver({ from: seq + 1, to, matched: [to] });
    if (id === "quiet") await lane.setState("active", null);
    const slot = new SlotWriter(lane.slot!.file, lane.slot!.epoch);
    slot.begun(to, 1);
    slot.done(to);
    slot.close();
  }
}

export function flipped(file: string, at: number, mask = 0xff): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= mask;
  writeFileSync(file, bytes);
}

export function cut(file: string, length: number): void {
  writeFileSync(file, readFileSync(file).subarray(0, length));
}

export interface Verdict {
  outcome: "right" | "repaired";
  report: RepairReport | null;
}

/** Opens a damaged state: it must be right, or refuse and be repaired without anything being skipped. */
export async function examine(folder: string, truth: Truth): Promise<Verdict> {
  const refused = await tryState(folder, (journal) => expectRight(journal, truth));
  if (refused === null) return { outcome: "right", report: null };
  expect(refused.code).toBe("STATE_CORRUPT");
  expect(refused.describe()).toContain(`callsheet repair --state ${folder}`);
  const report = await repairState(folder);
  const again = await tryState(folder, (journal) => expectNothingSkipped(journal, truth));
  expect(again).toBeNull();
  return { outcome: "repaired", report };
}

async function tryState(
  folder: string,
  check: (journal: Journal) => Promise<void>,
): Promise<CallsheetError | null> {
  let journal: Journal | null = null;
  try {
    journal = await openSqliteJournal({ folder, cacheBytes: 0 });
    await check(journal);
    return null;
  } catch (error) {
    if (error instanceof CallsheetError) return error;
    throw error;
  } finally {
    await journal?.close();
  }
}

/** It may have fallen back to an earlier moment, but to a whole one. */
async function expectRight(journal: Journal, truth: Truth): Promise<void> {
  const { lastSeq } = journal.head;
  const entries = await entriesAfter(journal, 0);
  expect(entries.map(({ seq, id }) => [seq, id])).toEqual(
    truth.ids.slice(1, lastSeq + 1).map((id, at) => [at + 1, id]),
  );
  expect(await journal.readerState()).toEqual(lastSeq === 0 ? null : truth.readers.get(lastSeq));
  const lanes = await journal.lanes();
  expect(lanes.map(({ id }) => id).toSorted()).toEqual([...truth.cursors.keys()].toSorted());
  for (const { id, cursor } of lanes) expect(cursor.seq).toBeLessThanOrEqual(truth.cursors.get(id)!);
}

/** The reader goes on from where it stands; then each lane gets everything that it had not had. */
async function expectNothingSkipped(journal: Journal, truth: Truth): Promise<void> {
  const known = new Set(truth.ids);
  for (const { id } of await entriesAfter(journal, 0)) expect(known).toContain(id);
  const reader = await journal.readerState();
  expect(reader).not.toBeNull();
  const inGap = (id: number) => reader!.gaps.some(({ first, last }) => first <= id && id <= last);
  const fetched = truth.ids.slice(1).filter((id) => id > reader!.position || inGap(id));
  const events = fetched.toSorted((a, b) => a - b).map((id) => wireEvent(id));
  await journal.append({ events, neverHappened: [], reader: { ...reader!, position: 2010 } });
  const lanes = new Map((await journal.lanes()).map((lane) => [lane.id, lane]));
  for (const [id, done] of truth.cursors) {
    const lane = lanes.get(id);
    expect(lane, `the lane ${id} is still known`).toBeDefined();
    expect(lane!.path).toBe(`/plugins/${id}.ts`);
    const coming = new Set((await entriesAfter(journal, lane!.cursor.seq)).map((entry) => entry.id));
    const skipped = truth.ids.slice(done + 1).filter((eventId) => !coming.has(eventId));
    expect(skipped, `events that ${id} never gets`).toEqual([]);
  }
}

async function entriesAfter(journal: Journal, afterSeq: number): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (let at = afterSeq; ; ) {
    const page = await journal.read(at, 500);
    if (page.entries.length === 0) return entries;
    entries.push(...page.entries);
    at = page.entries.at(-1)!.seq;
  }
}

/** `count` positions, spread over the file, its first bytes among them. */
export function positions(file: string, count: number): number[] {
  const { length } = readFileSync(file);
  const spread = Array.from({ length: count }, (_, index) => Math.floor(((index + 0.37) * length) / count));
  return [...new Set([0, 18, 30, 60, 63, 100, 104, ...spread])].filter((at) => at < length);
}

/** A fresh copy of the state for each damage. */
export async function damaged(
  folders: Folders,
  state: string,
  truth: Truth,
  damage: (folder: string) => void,
): Promise<Verdict> {
  const copy = folders.killedCopy(state);
  damage(copy);
  return examine(copy, truth);
}

export const nameIn = (folder: string, file: string) => join(folder, basename(file));
