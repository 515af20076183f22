import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { Happenings } from "../../src/daemon/happenings.ts";
import { keepRetaining } from "../../src/daemon/keep-retaining.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { refuseCommits } from "../journal/lost-commits.ts";
import { TestLog, temporaryFolder, until } from "./rig.ts";

const DAY = 86_400_000;
/** Events that take more than 2 MB. */
const ENOUGH = 10_000;

let full = false;
let mend = () => {};

beforeEach(() => {
  mend = refuseCommits(() => full);
});
afterEach(() => {
  full = false;
  mend();
});

async function opened() {
  const journal = await openSqliteJournal({ folder: temporaryFolder() });
  onTestFinished(() => journal.close());
  const log = new TestLog();
  const parts = { journal, log, happenings: new Happenings(log), maxAge: DAY, maxSize: 1e6 };
  const fill = async () => {
    for (let id = 1; id < ENOUGH; id += 500) {
      const events = Array.from({ length: 500 }, (_, i) => event(id + i));
      const reader = { position: id + 499, gaps: [], generation: 1 };
      await journal.append({ events, neverHappened: [], reader });
    }
  };
  const begin = () => {
    const stopping = new AbortController();
    const done = keepRetaining(parts, stopping.signal, { everyMs: DAY, lookEveryMs: 5 });
    onTestFinished(() => {
      stopping.abort();
      return done;
    });
  };
  return { journal, log, fill, begin };
}

it("looks at the size in between: a journal that has grown too large does not wait for its turn", async () => {
  const { journal, log, fill, begin } = await opened();
  begin();
  await fill();
  await until(() => journal.head.firstSeq > 1 && journal.head.bytes <= 1.5e6);
  expect(await log.line("the oldest events go")).toMatchObject({ code: "JOURNAL_NEARLY_FULL" });
});

it("waits for a full disk, and goes on when there is room", async () => {
  const { journal, log, fill, begin } = await opened();
  await fill();
  full = true;
  begin();
  expect(await log.line("Old events cannot be removed: The disk under")).toMatchObject({
    level: "critical",
    code: "STATE_FULL",
  });
  expect(journal.head.firstSeq).toBe(1);
  full = false;
  await until(() => journal.head.firstSeq > 1 && journal.head.bytes <= 1.5e6);
});

function event(id: number) {
  return {
    type: "EventLogEntry" as const,
    id,
    event_type: "Shotgun_Task_Change",
    attribute_name: "sg_status_list",
    meta: null,
    entity: null,
    user: null,
    project: null,
    session_uuid: null,
    created_at: "2026-11-01T08:00:00Z",
  };
}
