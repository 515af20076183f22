import { afterEach, expect, test } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { Child } from "./child.ts";
import { Folders, idsAfter } from "./support.ts";

const folders = new Folders();
const children: Child[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
  folders.remove();
});

const ROUNDS = 8;

test("killed at any moment: everything acknowledged is there, without holes, and nothing was done twice", async () => {
  const folder = folders.make();
  let acknowledged = { append: 0, done: 0, skip: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = new Child("work", folder);
    children.push(child);
    await child.said(1 + Math.floor(Math.random() * 400));
    await child.kill();
    acknowledged = { ...acknowledged, ...highest(child.lines) };
    const journal = await openSqliteJournal({ folder, cacheBytes: 0 });
    await expectAcknowledged(journal, acknowledged);
    await journal.close();
  }
}, 120_000);

/** Last number after each word. */
function highest(lines: readonly string[]): Record<string, number> {
  return Object.fromEntries(lines.slice(1).map((line) => [line.split(" ")[0]!, Number(line.split(" ")[1])]));
}

async function expectAcknowledged(
  journal: Journal,
  { append, done, skip }: { append: number; done: number; skip: number },
): Promise<void> {
  const { lastSeq } = journal.head;
  expect(lastSeq).toBeGreaterThanOrEqual(append);
  expect(await idsAfter(journal, 0)).toEqual(Array.from({ length: lastSeq }, (_, index) => index + 1));
  if (lastSeq > 0) expect((await journal.readerState())!.position).toBe(lastSeq);
  const [lane] = await journal.lanes();
  expect(lane!.cursor.seq).toBeGreaterThanOrEqual(done);
  // it may have finished one more event, and begun another, before it could say so
  const { seq, begun } = lane!.cursor;
  expect(seq).toBeLessThanOrEqual(matchAfter(done) + 1);
  if (begun) expect([matchAfter(done), matchAfter(matchAfter(done))]).toContain(begun.seq);
  if (skip > 0) expect(await journal.ledger(skip)).toMatchObject([{ outcome: "skipped" }]);
}

/** The lane takes no event whose seq is a multiple of three. */
function matchAfter(seq: number): number {
  return (seq + 1) % 3 === 0 ? seq + 2 : seq + 1;
}
