/** What every journal has to do. `start` gives one that is empty. */
import { afterEach, beforeEach, describe } from "vitest";
import type { Journal, LaneJournal } from "../../src/journal/journal.ts";
import { doneTests } from "./contract/done.ts";
import { inheritTests } from "./contract/inherit.ts";
import { journalTests } from "./contract/journal.ts";
import { laneTests } from "./contract/lane.ts";
import { ledgerTests } from "./contract/ledger.ts";
import { operatorTests } from "./contract/operators.ts";
import { retentionTests } from "./contract/retention.ts";

export interface JournalFixture {
  journal: Journal;
  /** As if the daemon had been killed at this moment and started again. */
  kill(): Promise<Journal>;
  end(): Promise<void>;
}

/** The journal of the test that runs. */
export interface Subject {
  journal: Journal;
  /** Kills the daemon; `journal` is the next one's. */
  kill(): Promise<void>;
  open(id?: string, startSeq?: number): Promise<LaneJournal>;
}

const PARTS = [journalTests, laneTests, ledgerTests, doneTests, inheritTests, operatorTests, retentionTests];

export function journalContract(name: string, start: () => Promise<JournalFixture>): void {
  describe(name, () => {
    let fixture: JournalFixture;
    const subject: Subject = {
      journal: undefined as unknown as Journal,
      async kill() {
        subject.journal = await fixture.kill();
      },
      open: (id = "notify", startSeq = 0) =>
        subject.journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq }),
    };
    beforeEach(async () => {
      fixture = await start();
      subject.journal = fixture.journal;
    });
    afterEach(() => fixture.end());
    for (const tests of PARTS) tests(subject);
  });
}
