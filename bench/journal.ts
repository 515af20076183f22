/**
 * What the journal costs per event: append (with JSON and one fsync per page), reading by ten lanes from memory and from
 * disk, hand-over, slot. `node bench/journal.ts [events] [folder]`; the folder decides which disk is measured.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WireEvent } from "../src/event.ts";
import type { Journal, LaneJournal } from "../src/journal/journal.ts";
import { SlotWriter } from "../src/journal/slot.ts";
import { openSqliteJournal } from "../src/journal/sqlite/open.ts";

const EVENTS = Number(process.argv[2] ?? 100_000);
const PAGE = 500;
const LANES = 10;

const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), "callsheet-bench-"));
const pages = Array.from({ length: Math.ceil(EVENTS / PAGE) }, (_, page) =>
  Array.from({ length: PAGE }, (_, index) => event(page * PAGE + index + 1)),
);
const total = pages.length * PAGE;
try {
  let journal = await openSqliteJournal({ folder });
  await appendAndRead(journal);
  const lanes = await openLanes(journal);
  await handOvers(lanes);
  slots(lanes[0]!);
  await steady(journal, lanes);
  await journal.close();
  const begun = performance.now();
  journal = await openSqliteJournal({ folder });
  console.log(
    `open: ${(performance.now() - begun).toFixed(0)} ms for ${Math.round(journal.head.bytes / 1e6)} MB`,
  );
  await readAll("uncached read", journal, 1);
  await journal.close();
} finally {
  rmSync(folder, { recursive: true });
}

async function appendAndRead(journal: Journal): Promise<void> {
  let appending = 0;
  let reading = 0;
  for (const events of pages) {
    const first = performance.now();
    const reader = { position: events.at(-1)!.id, gaps: [], generation: 1 };
    const { firstSeq } = await journal.append({ events, neverHappened: [], reader });
    const second = performance.now();
    for (let lane = 0; lane < LANES; lane += 1) await readFrom(journal, firstSeq - 1);
    appending += second - first;
    reading += performance.now() - second;
  }
  tell(`append, ${PAGE} a page`, appending, total, "event");
  tell(`cached read, ${LANES} lanes`, reading, total * LANES, "event and lane");
}

async function readFrom(journal: Journal, after: number): Promise<number> {
  let at = after;
  while (at < journal.head.lastSeq) at = (await journal.read(at, PAGE)).entries.at(-1)!.seq;
  return at;
}

async function readAll(what: string, journal: Journal, lanes: number): Promise<void> {
  const begun = performance.now();
  for (let lane = 0; lane < lanes; lane += 1) await readFrom(journal, 0);
  tell(what, performance.now() - begun, total * lanes, "event");
}

async function openLanes(journal: Journal): Promise<LaneJournal[]> {
  const names = Array.from({ length: LANES }, (_, index) => `plugin${index}`);
  return Promise.all(
    names.map((name) => journal.openLane({ id: name, path: `/plugins/${name}.ts`, name, startSeq: 0 })),
  );
}

async function handOvers(lanes: readonly LaneJournal[]): Promise<void> {
  const begun = performance.now();
  for (let from = 1; from < total; from += PAGE) {
    const matched = Array.from({ length: PAGE / 2 }, (_, index) => from + index * 2);
    await Promise.all(lanes.map((lane) => lane.handOver({ from, to: from + PAGE - 1, matched })));
  }
  tell(
    `handOver, runs of ${PAGE}, ${LANES} lanes`,
    performance.now() - begun,
    total * LANES,
    "event and lane",
  );
}

/** One event at a time, as on a quiet site: append, then each lane is told. */
async function steady(journal: Journal, lanes: readonly LaneJournal[]): Promise<void> {
  const rounds = 1000;
  let appending = 0;
  let handing = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const first = performance.now();
    const one = event(total + round);
    const { lastSeq } = await journal.append({
      events: [one],
      neverHappened: [],
      reader: { position: one.id, gaps: [], generation: 1 },
    });
    const second = performance.now();
    await Promise.all(lanes.map((lane) => lane.handOver({ from: lastSeq, to: lastSeq, matched: [lastSeq] })));
    appending += second - first;
    handing += performance.now() - second;
  }
  tell("append, one a page", appending, rounds, "event");
  tell(`handOver, runs of one, ${LANES} lanes at once`, handing, rounds * LANES, "event and lane");
}

function slots({ slot }: LaneJournal): void {
  const writer = new SlotWriter(slot!.file, slot!.epoch);
  const begun = performance.now();
  for (let seq = 1; seq <= total; seq += 1) writer.done(seq);
  tell("slot write", performance.now() - begun, total, "write");
  writer.close();
}

function tell(what: string, ms: number, count: number, per: string): void {
  console.log(`${what.padEnd(44)}${((ms * 1000) / count).toFixed(2).padStart(9)} µs per ${per}`);
}

function event(id: number): WireEvent {
  return {
    type: "EventLogEntry",
    id,
    event_type: "Shotgun_Task_Change",
    attribute_name: "sg_status_list",
    meta: {
      type: "attribute_change",
      attribute_name: "sg_status_list",
      entity_type: "Task",
      entity_id: id % 5000,
      field_data_type: "status_list",
      old_value: "wtg",
      new_value: "ip",
    },
    entity: { type: "Task", id: id % 5000, name: "Animation" },
    user: { type: "HumanUser", id: 88, name: "Zoë Ångström" },
    project: { type: "Project", id: 70, name: "Demo" },
    session_uuid: "a5a1c3f8-1111-2222-3333-444455556666",
    created_at: "2026-11-01T08:00:00Z",
  };
}
