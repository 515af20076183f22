/** A move that is broken off, at any step: it is finished by the same command, or given up; and no daemon goes on beside it. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openState } from "../../src/daemon/open-state.ts";
import { CallsheetError } from "../../src/errors.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { TestLog } from "../daemon/rig.ts";
import { everythingOf } from "./moving-acts.ts";
import { BREAKS, type Break, breaking, during, move, onMachine, seenIn, useMoves } from "./moving-rig.ts";
import { withoutPostgres } from "./postgres/use-server.ts";
import { appendIds, refusal } from "./support.ts";

describe.skipIf(withoutPostgres)("a move", { timeout: 60_000 }, () => {
  const rig = useMoves();
  const { intoDatabase, intoFolder, openDatabase, openFolder } = rig;

  /** As a daemon of the cluster does it on this machine. */
  async function startInCluster(): Promise<unknown> {
    const state = join(rig.folderOf("ada"), "host");
    const cluster = {
      ...{ url: rig.server.url, schema: rig.schema, lease: 3000 },
      ...{ host: "ada", labels: [], weight: 1, hosts: {}, runsOn: {} },
    };
    const opened = await openState({ state, cluster, order: "independent" }, new TestLog());
    try {
      return await everythingOf(opened.journal);
    } finally {
      await opened.close();
    }
  }
  /** What a daemon that is started would go on from; null: it would be refused. */
  async function started(start: () => Promise<unknown>): Promise<unknown> {
    try {
      return await start();
    } catch (error) {
      expect(error).toBeInstanceOf(CallsheetError);
      return null;
    }
  }
  const inFolder = { open: () => openFolder(), start: () => seenIn(openFolder) };
  const inDatabase = { open: openDatabase, start: startInCluster };
  const DIRECTIONS = [
    {
      name: "into the database",
      ...{ direction: intoDatabase, back: intoFolder, abandon: rig.abandonIntoDatabase },
      ...{ source: inFolder, target: inDatabase },
    },
    {
      name: "into the folder",
      ...{ direction: intoFolder, back: intoDatabase, abandon: rig.abandonIntoFolder },
      ...{ source: inDatabase, target: inFolder },
    },
  ];
  const EACH = DIRECTIONS.flatMap((one) => BREAKS.map((brk) => ({ ...one, ...brk })));
  /** The steps after which the target is marked, the source is, all has arrived, and the source is left. */
  const [CLAIM, LEAVE, RECEIVE, PART, LET_IN] = [1, 2, 4, 5, 6];
  const isAfter = ({ at, midst }: Break, step: number) => at > step || (at === step && !midst);

  async function aState(open: () => Promise<Journal>): Promise<unknown> {
    await during(open, (journal) => appendIds(journal, [1, 2, 5]));
    return seenIn(open);
  }

  test.each(EACH)("$name that is killed $step goes on by the same command", async (all) => {
    const { direction, source, target, ...brk } = all;
    const before = await aState(source.open);
    const killed = direction((ends) => move(breaking(onMachine(ends, "ada"), brk)));
    await expect(killed).rejects.toThrow("killed");
    const [there, here] = [await started(source.start), await started(target.start)];
    // one that is opened is whole, and only one is
    expect([null, before]).toContainEqual(there);
    if (there !== null && isAfter(brk, CLAIM)) expect(here).toBeNull();
    // an empty database is refused beside the state; an empty folder knows of nothing yet
    if (there !== null && !isAfter(brk, CLAIM) && target === inDatabase) expect(here).toBeNull();
    if (there === null) expect([null, before]).toContainEqual(here);
    await direction((ends) => move(onMachine(ends, "renamed"))).catch((error) => {
      // all but the last word was said
      expect(brk).toMatchObject({ at: LET_IN });
      expect(error).toMatchObject({ code: "STATE_MOVED" });
    });
    expect(await seenIn(target.open)).toEqual(before);
    expect((await refusal(source.open())).code).toBe("STATE_MOVED");
  });

  test.each(EACH)("$name that is killed $step can be given up until it has arrived", async (all) => {
    const { direction, abandon, source, target, ...brk } = all;
    const before = await aState(source.open);
    await expect(direction((ends) => move(breaking(ends, brk)))).rejects.toThrow("killed");
    if (isAfter(brk, PART)) {
      expect(await refusal(abandon())).toMatchObject({
        code: "STATE_MOVED",
        message: expect.stringMatching(/was moved to/),
      });
    } else if (isAfter(brk, RECEIVE)) {
      const { message, hint } = await refusal(abandon());
      expect(message).toMatch(/^All of the state in .* has arrived in .*\.$/);
      expect(hint).toMatch(/without --abandon/);
    } else if (isAfter(brk, CLAIM)) {
      expect(await abandon()).toMatchObject({ stays: isAfter(brk, LEAVE) });
      expect(await seenIn(source.open)).toEqual(before);
      expect(await seenIn(target.open)).toMatchObject({ ids: [], lanes: [] });
    } else {
      const { code, message } = await refusal(abandon());
      expect({ code, message }).toEqual({ code: "USAGE", message: expect.stringMatching(/has begun\.$/) });
    }
    if (!isAfter(brk, LET_IN)) await direction(move);
    expect(await seenIn(target.open)).toEqual(before);
  });

  test.each(DIRECTIONS)(
    "$name says how to go on, and how to give up",
    async ({ direction, source, target }) => {
      await aState(source.open);
      await expect(direction((ends) => move(breaking(ends, { at: RECEIVE, midst: true })))).rejects.toThrow(
        "killed",
      );
      for (const { open } of [source, target]) {
        const { message, hint } = await refusal(open());
        expect(message).toMatch(/^The move of the state in .* to .* has not finished\.$/);
        expect(hint).toMatch(
          /^Give the same callsheet import-state command again .* With --abandon it is given up/,
        );
      }
    },
  );

  test.each(DIRECTIONS)(
    "$name back to where it came from is given up, and that stays as it was left",
    async (one) => {
      const { direction, back, abandon, source, target } = one;
      const before = await aState(target.open);
      await back(move);
      await expect(direction((ends) => move(breaking(ends, { at: RECEIVE, midst: true })))).rejects.toThrow(
        "killed",
      );
      await abandon();
      expect(await seenIn(source.open)).toEqual(before);
      expect(await refusal(target.open())).toMatchObject({
        code: "STATE_MOVED",
        message: expect.stringMatching(/was moved to/),
      });
      await direction(move);
      expect(await seenIn(target.open)).toEqual(before);
    },
  );

  test("that had arrived in one schema when it was broken off does not go on into another", async () => {
    const before = await aState(openFolder);
    await expect(intoDatabase((ends) => move(breaking(ends, { at: RECEIVE })))).rejects.toThrow("killed");
    const first = rig.schema;
    rig.freshSchema();
    const { code, message } = await refusal(intoDatabase(move));
    expect(code).toBe("STATE_MOVED");
    expect(message).toMatch(new RegExp(`to schema ${first} of .* has not finished`));
    expect((await refusal(rig.abandonIntoDatabase())).message).toBe(message);
    expect(await started(startInCluster)).toBeNull();
    rig.useSchema(first);
    await intoDatabase(move);
    expect(await seenIn(openDatabase)).toEqual(before);
  });

  test("that another machine gives up is not finished by the first, which keeps what has arrived", async () => {
    const before = await aState(openDatabase);
    await expect(intoFolder((ends) => move(breaking(ends, { at: RECEIVE })))).rejects.toThrow("killed");
    const asOnBob = rig.abandonIntoFolder(rig.folderOf("bob"), rig.folderOf("ada"));
    expect(await asOnBob).toMatchObject({ stays: true });
    const { message, hint } = await refusal(intoFolder(move));
    expect(message).toMatch(/was given up meanwhile\.$/);
    expect(hint).toMatch(/with --abandon puts aside what has arrived/);
    expect(await seenIn(openDatabase)).toEqual(before);
    expect((await refusal(openFolder())).code).toBe("STATE_MOVED");
    await rig.abandonIntoFolder();
    expect(readdirSync(rig.folderOf("ada")).filter((name) => name.startsWith("left-"))).toHaveLength(1);
    await intoFolder(move);
    expect(await seenIn(openFolder)).toEqual(before);
  });

  test("out of a folder that is lost since can be given up from any machine", async () => {
    await aState(openFolder);
    await expect(intoDatabase((ends) => move(breaking(ends, { at: RECEIVE, midst: true })))).rejects.toThrow(
      "killed",
    );
    rmSync(rig.folderOf("ada"), { recursive: true });
    expect((await refusal(openDatabase())).code).toBe("STATE_MOVED");
    expect(await rig.abandonIntoDatabase(rig.folderOf("bob"))).toMatchObject({ stays: false });
    expect(await seenIn(openDatabase)).toMatchObject({ ids: [], lanes: [] });
  });
});
