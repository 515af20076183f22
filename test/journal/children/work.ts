/**
 * Works on the state folder given until it is killed: appends pages of events, and lets one lane follow. Prints `append SEQ`
 * after each append, `done SEQ` after each finished event, `skip SEQ` after each recorded failure.
 */
import { writeSync } from "node:fs";
import type { LaneJournal } from "../../../src/journal/journal.ts";
import { SlotWriter } from "../../../src/journal/slot.ts";
import { openSqliteJournal } from "../../../src/journal/sqlite/open.ts";
import { failure, wireEvents } from "../support.ts";

const journal = await openSqliteJournal({ folder: process.argv[2]! });
const lane = await journal.openLane({
  id: "notify",
  path: "/plugins/notify.ts",
  name: "notify",
  startSeq: 0,
});
await lane.register(["one", "two"]);
const slot = new SlotWriter(lane.slot!.file, lane.slot!.epoch);
// written at once: what was said is said, however the process ends
const say = (text: string) => writeSync(1, `${text}\n`);
say("open");
for (;;) {
  await append();
  await follow(lane);
}

async function append(): Promise<void> {
  const { lastSeq } = journal.head;
  const count = 1 + (lastSeq % 97);
  const events = wireEvents(lastSeq + 1, lastSeq + count);
  const reader = { position: lastSeq + count, gaps: [{ first: 0, last: 0, waitedMs: count }], generation: 1 };
  const result = await journal.append({ events, neverHappened: [], reader });
  say(`append ${result.lastSeq}`);
}

async function follow(lane: LaneJournal): Promise<void> {
  const { seq } = await lane.cursor();
  const { entries } = await journal.read(seq, 40);
  if (entries.length === 0) return;
  const matched = entries.map((entry) => entry.seq).filter((at) => at % 3 !== 0);
  await lane.handOver({ from: entries[0]!.seq, to: entries.at(-1)!.seq, matched });
  for (const at of matched) {
    slot.begun(at, 0);
    slot.begun(at, 1);
    slot.done(at);
    say(`done ${at}`);
  }
  await lane.record({ kind: "skipped", failure: failure(matched.at(-1)!) });
  say(`skip ${matched.at(-1)}`);
  await lane.advance(entries.at(-1)!.seq);
}
