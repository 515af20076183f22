/** The contract of the journal where one answer in a hundred, and here more, never comes, though the database did what it was asked. */
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Journal } from "../../../src/journal/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { Dice } from "../../../src/sandbox/random.ts";
import { type JournalFixture, journalContract } from "../contract.ts";
import { type LostAnswers, loseAnswers } from "./lost-answers.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const SEED = Number(process.env.LOST_SEED ?? 1);
/** The tests of the contract are short: at one in a hundred most would lose none. */
const SHARE = 0.05;

describe.skipIf(withoutPostgres)("on a server whose answers are lost", () => {
  const server = useServer();
  let answers: LostAnswers;
  let losing = false;

  beforeAll(async () => {
    answers = loseAnswers(new Dice(SEED), SHARE, () => losing);
  });
  afterAll(async () => {
    answers.end();
    expect(answers.taken()).toBeGreaterThan(20);
  });

  async function fixture(): Promise<JournalFixture> {
    const schema = server.freshSchema();
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

  journalContract("PostgreSQL", fixture);
});
