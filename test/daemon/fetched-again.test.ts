/** A reader on a journal that was repaired. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { hostOf } from "../journal/support.ts";
import { read, rows } from "./reader-rig.ts";
import { idsOf, journaled, openTestSandbox, temporaryFolder, until } from "./rig.ts";

it("what it fetches again is marked for a plugin that had it, also when gaps among it have become visible", async () => {
  const sandbox = await openTestSandbox();
  const folder = temporaryFolder();
  const before = await read(sandbox, {}, undefined, folder);
  await before.reading.started();
  const late = Array.from({ length: 60 }, () => {
    sandbox.site.events.add(rows(4));
    return sandbox.site.events.reserve(1);
  });
  sandbox.site.events.add(rows(4));
  await until(() => before.journal.head.lastSeq === 244);
  await fed(before.journal, "had", 244);
  await fed(before.journal, "new", 0);
  const had = new Set(idsOf(await journaled(before.journal)));
  await before.reading.stop();
  await before.journal.close();

  withoutPage(join(folder, "journal.sqlite"), 9);
  const { events } = await repairState(folder);
  const lost = events!.lost.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  // among them some of the gaps
  expect(lost).toBeGreaterThan(8);
  for (const one of late) one.commit();
  const { journal } = await read(sandbox, {}, undefined, folder);
  await until(() => journal.head.lastSeq === 244 + lost + late.length);
  const { entries } = await journal.read(244, 500);
  const again = entries.filter(({ id }) => had.has(id));
  expect(again).toHaveLength(lost);
  const doubtfulTo = new Map((await journal.lanes()).map(({ id, cursor }) => [id, cursor.doubtfulTo ?? 0]));
  expect(doubtfulTo.get("had")).toBeGreaterThanOrEqual(again.at(-1)!.seq);
  expect(doubtfulTo.get("new")).toBe(0);
});

/** A lane that has finished everything up to `seq`. */
async function fed(journal: Journal, id: string, seq: number): Promise<void> {
  const lane = await journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq: 0 });
  await lane.register(["onEvent"]);
  if (seq === 0) return;
  await lane.handOver({ from: 1, to: seq, matched: Array.from({ length: seq }, (_, at) => at + 1) });
  const host = hostOf(lane);
  await host.begun(seq, 0);
  await host.done(seq);
  host.close();
}

/** Zeros in its place. */
function withoutPage(file: string, page: number): void {
  writeFileSync(file, readFileSync(file).fill(0, 8192 * page, 8192 * (page + 1)));
}
