/** A state moves from one engine to the other, and back: nothing of it is lost, and no two of it can be used. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import { type MoveSource, type MoveTarget, moveState } from "../../src/journal/moving/move.ts";
import { Engine } from "../../src/journal/postgres/engine.ts";
import { postgresSource } from "../../src/journal/postgres/moving/source.ts";
import { postgresTarget } from "../../src/journal/postgres/moving/target.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { openSqliteSource } from "../../src/journal/sqlite/moving/source.ts";
import { openSqliteTarget } from "../../src/journal/sqlite/moving/target.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { type Act, act, acts, everythingOf } from "./moving-acts.ts";
import { useServer, withoutPostgres } from "./postgres/use-server.ts";
import { appendIds, refusal } from "./support.ts";

describe.skipIf(withoutPostgres)("a move", () => {
  const server = useServer();
  let schema: string;
  let root: string;
  let folder: string;

  beforeEach(fresh);
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function fresh(): void {
    schema = server.freshSchema();
    root = mkdtempSync(join(tmpdir(), "callsheet-moving-"));
    folder = join(root, "state");
  }

  const openFolder = () => openSqliteJournal({ folder });
  const openDatabase = () => openPostgresJournal({ url: server.url, schema, connections: 4 });
  const engine = () =>
    new Engine({
      url: server.url,
      schema,
      statementTimeoutMs: 10_000,
      connectTimeoutMs: 5000,
      connections: 2,
    });

  type Ends = { source: MoveSource; target: MoveTarget };
  type Direction = (work: (ends: Ends) => Promise<unknown>) => Promise<void>;

  /** Opens both ends, as a command does, and closes them. */
  const intoDatabase: Direction = async (work) => {
    const database = await openedEngine();
    const source = await openSqliteSource(folder).catch(async (error) => {
      await database.close();
      throw error;
    });
    await work({ source, target: postgresTarget(database) }).finally(async () => {
      await source.close();
      await database.close();
    });
  };
  const intoFolder: Direction = async (work) => {
    const database = await openedEngine();
    const target = await openSqliteTarget(folder);
    await work({ source: postgresSource(database), target }).finally(async () => {
      target.close();
      await database.close();
    });
  };
  const move: (ends: Ends) => Promise<unknown> = ({ source, target }) => moveState(source, target);

  async function openedEngine(): Promise<Engine> {
    const { migrate } = await import("../../src/journal/postgres/migrate.ts");
    const opened = engine();
    await migrate(opened);
    return opened;
  }

  async function during(open: () => Promise<Journal>, work: (journal: Journal) => Promise<unknown>) {
    const journal = await open();
    await work(journal).finally(() => journal.close());
  }

  const seenIn = async (open: () => Promise<Journal>) => {
    let seen: unknown;
    await during(open, async (journal) => {
      seen = await everythingOf(journal);
    });
    return seen;
  };

  const done = (list: readonly Act[]) => async (journal: Journal) => {
    for (const one of list) await act(journal, one);
  };

  test("carries over whatever stood in the state, there and back", async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, async (first, second) => {
        rmSync(root, { recursive: true, force: true });
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

  const STEPS = ["source.setMark", "source.state", "target.receive", "target.clearMark"] as const;
  /** Breaks the n-th call of these, before or after it has done its work. */
  function breaking(ends: Ends, at: number, when: "before" | "after"): Ends {
    let calls = 0;
    const wrapped = <T extends object>(name: string, end: T): T =>
      new Proxy(end, {
        get(target, key) {
          const value = Reflect.get(target, key) as unknown;
          if (typeof value !== "function" || !(STEPS as readonly string[]).includes(`${name}.${String(key)}`))
            return value;
          return async (...values: unknown[]) => {
            calls += 1;
            if (calls === at && when === "before") throw new Error("killed");
            const result = await (value as (...values: unknown[]) => Promise<unknown>)(...values);
            if (calls === at && when === "after") throw new Error("killed");
            return result;
          };
        },
      });
    return { source: wrapped("source", ends.source), target: wrapped("target", ends.target) };
  }
  const MOST_CALLS = 5;
  const BREAKS = Array.from({ length: MOST_CALLS }, (_, index) => index + 1).flatMap((at) =>
    (["before", "after"] as const).map((when) => ({ at, when })),
  );
  const PLACES: [string, Direction, () => Promise<Journal>, () => Promise<Journal>][] = [
    ["into the database", intoDatabase, openFolder, openDatabase],
    ["into the folder", intoFolder, openDatabase, openFolder],
  ];

  test.each(PLACES.flatMap((place) => BREAKS.map((brk) => [...place, brk] as const)))(
    "%s that is broken off is finished by the same command (%#)",
    async (_name, direction, openSource, openTarget, { at, when }) => {
      await during(openSource, (journal) => appendIds(journal, [1, 2, 5]));
      const before = await seenIn(openSource);
      await expect(direction((ends) => move(breaking(ends, at, when)))).rejects.toThrow("killed");
      // never both, and none is silently empty
      const usable = await Promise.all([openSource, openTarget].map((open) => isUsable(open)));
      expect(usable.filter(Boolean).length).toBeLessThanOrEqual(1);
      if (usable[0] === false && usable[1] === false) await direction(move);
      else if (usable[0]) await direction(move);
      expect(await seenIn(openTarget)).toEqual(before);
      expect((await refusal(openSource())).code).toBe("STATE_MOVED");
    },
  );

  /** Whether a daemon could work on what it finds. */
  async function isUsable(open: () => Promise<Journal>): Promise<boolean> {
    try {
      const journal = await open();
      const has = (await journal.readerState()) !== null;
      await journal.close();
      return has;
    } catch {
      return false;
    }
  }

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
      new RegExp(`was moved to ${folder} of the machine ${hostname()} on 20`),
    );
  });

  test("that had arrived in one schema when it was broken off does not go on into another", async () => {
    await during(openFolder, (journal) => appendIds(journal, [1, 2, 5]));
    const before = await seenIn(openFolder);
    const received = 3;
    await expect(intoDatabase((ends) => move(breaking(ends, received, "after")))).rejects.toThrow("killed");
    const first = schema;
    schema = server.freshSchema();
    const { code, message } = await refusal(intoDatabase(move));
    expect(code).toBe("STATE_MOVED");
    expect(message).toMatch(new RegExp(`to schema ${first} of .* has not finished`));
    expect(await isUsable(openDatabase)).toBe(false);
    schema = first;
    await intoDatabase(move);
    expect(await seenIn(openDatabase)).toEqual(before);
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
    const running = await openPostgresJournal({ url: server.url, schema, connections: 4, member });
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
    expect(readdirSync(folder).filter((name) => name.startsWith("left-"))).toHaveLength(1);
    expect(readdirSync(folder)).not.toContain("arriving");
  });

  test("places that a repair could not recover stay known", async () => {
    await during(openFolder, (journal) => appendIds(journal, [1, 2, 3, 4, 5, 6]));
    const file = new DatabaseSync(join(folder, "journal.sqlite"));
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
