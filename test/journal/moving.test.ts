/** A state moves from one engine to the other, and back: nothing of it is lost. */
import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { type Act, act, acts } from "./moving-acts.ts";
import { during, move, seenIn, useMoves } from "./moving-rig.ts";
import { withoutPostgres } from "./postgres/use-server.ts";
import { appendIds, refusal } from "./support.ts";

describe.skipIf(withoutPostgres)("a move", () => {
  const rig = useMoves();
  const { fresh, intoDatabase, intoFolder, openDatabase, openFolder, server } = rig;
  const folder = () => rig.folderOf("ada");

  const done = (list: readonly Act[]) => async (journal: Journal) => {
    for (const one of list) await act(journal, one);
  };

  test("carries over whatever stood in the state, there and back", async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, async (first, second) => {
        fresh();
        await during(openFolder, done(first));
        const before = await seenIn(openFolder);
        await intoDatabase(move);
        expect(await seenIn(openDatabase)).toEqual(before);
        await during(openDatabase, done(second));
        const later = await seenIn(openDatabase);
        await intoFolder(move);
        expect(await seenIn(openFolder)).toEqual(later);
        // and once more, over what was left behind
        await intoDatabase(move);
        expect(await seenIn(openDatabase)).toEqual(later);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  }, 300_000);

  test("says where the state went", async () => {
    await during(openFolder, (journal) => appendIds(journal, [1]));
    await intoDatabase(move);
    const { code, message, hint } = await refusal(openFolder());
    expect({ code, message, hint }).toEqual({
      code: "STATE_MOVED",
      message: expect.stringMatching(
        /^The state in .*state was moved to schema \w+ of 127\.0\.0\.1:\d+\/postgres on 20/,
      ),
      hint: expect.stringContaining("callsheet import-state"),
    });
    expect(message).not.toContain("callsheet-test");
    expect((await refusal(intoDatabase(move))).code).toBe("STATE_MOVED");
    await intoFolder(move);
    expect((await refusal(openDatabase())).message).toMatch(
      new RegExp(`was moved to ${folder()} of the machine ${hostname()} on 20`),
    );
  });

  test("does not replace a state that is in use", async () => {
    await during(openFolder, (journal) => appendIds(journal, [1]));
    await during(openDatabase, (journal) => appendIds(journal, [7]));
    const { code, message } = await refusal(intoDatabase(move));
    expect({ code, message }).toEqual({ code: "USAGE", message: expect.stringMatching(/already\.$/) });
    expect((await refusal(intoFolder(move))).code).toBe("USAGE");
    expect((await seenIn(openFolder)) as { ids: number[] }).toMatchObject({ ids: [1] });
    expect((await seenIn(openDatabase)) as { ids: number[] }).toMatchObject({ ids: [7] });
  });

  test("is refused while a daemon has the folder", async () => {
    await during(openFolder, async (journal) => {
      await appendIds(journal, [1]);
      expect((await refusal(intoDatabase(move))).code).toBe("STATE_LOCKED");
    });
  });

  test("out of a folder that nobody used is refused", async () => {
    expect((await refusal(intoDatabase(move))).code).toBe("STATE_UNUSABLE");
  });

  test("a daemon of the cluster that still runs is fenced off, and told", async () => {
    const member = { name: "a", labels: [], weight: 1, version: "0", leaseMs: 3000 };
    const running = await openPostgresJournal({
      url: server.url,
      schema: rig.schema,
      connections: 4,
      member,
    });
    try {
      await appendIds(running, [1, 2]);
      const lane = await running.openLane({ id: "n", path: "/n.ts", name: "n", startSeq: 0 });
      await intoFolder(move);
      expect((await refusal(lane.setState("absent", null))).code).toBe("STATE_LOCKED");
      expect((await refusal(appendIds(running, [3]))).code).toBe("STATE_LOCKED");
      const told = running.cluster!.looked(AbortSignal.timeout(20_000));
      expect((await refusal(told)).code).toBe("STATE_MOVED");
    } finally {
      await running.close();
    }
  });

  test("old files of the folder are kept beside the new ones", async () => {
    await during(openFolder, (journal) => appendIds(journal, [1]));
    await intoDatabase(move);
    await intoFolder(move);
    expect(readdirSync(folder()).filter((name) => name.startsWith("left-"))).toHaveLength(1);
    expect(readdirSync(folder())).not.toContain("arriving");
  });

  test("places that a repair could not recover stay known", async () => {
    await during(openFolder, (journal) => appendIds(journal, [1, 2, 3, 4, 5, 6]));
    const file = new DatabaseSync(join(folder(), "journal.sqlite"));
    file.exec("DELETE FROM event WHERE seq IN (3, 4); INSERT INTO hole VALUES (3, 4)");
    file.close();
    const before = await seenIn(openFolder);
    expect(before).toMatchObject({ ids: [1, 2, 5, 6] });
    await intoDatabase(move);
    expect(await seenIn(openDatabase)).toEqual(before);
    await intoFolder(move);
    expect(await seenIn(openFolder)).toEqual(before);
  });
});
