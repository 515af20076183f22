/** What an operator did is in the list, also when the daemon dies right after it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Happenings } from "../../src/daemon/happenings.ts";
import type { Lane } from "../../src/daemon/lane.ts";
import { Operations } from "../../src/daemon/operations.ts";
import type { DeedRecord, Journal, LaneJournal, OperatorNote } from "../../src/journal/journal.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { appendIds, Folders, hostOf } from "../journal/support.ts";
import { TestLog } from "./rig.ts";

const WHO = { by: "zoe@desk", why: "the shot is gone" };
const folders = new Folders();
let journal: Journal;
let laneJournal: LaneJournal;
let operations: Operations;

beforeEach(async () => {
  journal = await openSqliteJournal({ folder: folders.make() });
  await appendIds(journal, [101, 102, 103, 104]);
  laneJournal = await journal.openLane({ id: "one", path: "/p/one.ts", name: "one", startSeq: 0 });
  await laneJournal.register(["only"]);
  const lane = {
    file: { name: "one" },
    get paused() {
      return laneJournal.paused;
    },
    setPaused: (note: OperatorNote | null, record: DeedRecord) => laneJournal.setPaused(note, record),
    between: (work: () => Promise<unknown>) => work(),
    movedTo() {},
  } as unknown as Lane;
  // after what a step of the lane stores nothing comes any more
  journal.recordAction = () => new Promise(() => {});
  const log = new TestLog();
  operations = new Operations({
    find: () => ({ lane, laneJournal }),
    plugins: () => [],
    journal,
    log,
    happenings: new Happenings(log),
  });
});
afterEach(async () => {
  await journal.close();
  folders.remove();
});

test("a pause, a move, a skip and a resume are there as soon as they are done", async () => {
  await operations.pause("one", WHO);
  await operations.move("forward", "one", { eventId: 103 }, WHO);
  await operations.resume("one", WHO);
  const host = hostOf(laneJournal);
  await host.begun(3, 0);
  host.close();
  await operations.skip("one", 103, WHO);
  expect(await journal.actions(9)).toMatchObject([
    { action: "skip", plugin: "one", detail: "event 103", ...WHO },
    { action: "resume", ...WHO },
    { action: "forward", detail: "from place 0 to 2, 2 events", ...WHO },
    { action: "pause", detail: "", ...WHO },
  ]);
});
