/** The contract of the journal where one answer in a hundred, and here more, never comes, though the database did what it was asked. */
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Journal } from "../../../src/journal/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { Dice } from "../../../src/sandbox/random.ts";
import { doneTests } from "../contract/done.ts";
import { journalTests } from "../contract/journal.ts";
import { laneTests } from "../contract/lane.ts";
import { ledgerTests } from "../contract/ledger.ts";
import { operatorTests } from "../contract/operators.ts";
import { type JournalFixture, journalContract } from "../contract.ts";
import { type LostAnswers, loseAnswers } from "./lost-answers.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "./server.ts";

const missing = await postgresMissing();
if (missing) console.warn(`SKIPPED: ${missing}`);

const SEED = Number(process.env.LOST_SEED ?? 1);
/** The tests of the contract are short: at one in a hundred most would lose none. */
const SHARE = 0.05;

describe.skipIf(missing !== null)("on a server whose answers are lost", () => {
  let server: PostgresServer;
  let answers: LostAnswers;
  let losing = false;
  let count = 0;

  beforeAll(async () => {
    server = await startPostgres(["fsync=off"]);
    answers = loseAnswers(new Dice(SEED), SHARE, () => losing);
  });
  afterAll(async () => {
    answers.end();
    expect(answers.taken()).toBeGreaterThan(20);
    await server.stop();
  });

  async function fixture(): Promise<JournalFixture> {
    count += 1;
    const schema = `lost_${count}`;
    const opened: Journal[] = [];
    // opening does not wait for a database that is away: a wrong address is told at once
    const another = async () => {
      losing = false;
      const member = { name: `host${opened.length}`, labels: [], weight: 1, version: "1", leaseMs: 3000 };
      const journal = await openPostgresJournal({ url: server.url, schema, connections: 4, member });
      opened.push(journal);
      losing = true;
      return journal;
    };
    return {
      journal: await another(),
      kill: another,
      async end() {
        losing = false;
        for (const journal of opened) await journal.close();
      },
    };
  }

  // without going on after another daemon: done twice it does no harm, but tells of what it finds, which is no more what it was
  journalContract("PostgreSQL", fixture, [journalTests, laneTests, ledgerTests, doneTests, operatorTests]);
});
