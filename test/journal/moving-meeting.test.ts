/** Moves that meet: two machines, whose folders have the same path, and one schema; and daemons that are just about to begin in it. */
import fc from "fast-check";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import { until } from "../daemon/rig.ts";
import {
  BREAKS,
  breaking,
  type Direction,
  during,
  type Ends,
  move,
  onMachine,
  seenIn,
  stepping,
  useMoves,
} from "./moving-rig.ts";
import { withoutPostgres } from "./postgres/use-server.ts";
import { appendIds, refusal } from "./support.ts";

const [LEAVE, LET_IN] = [2, 6];
const MACHINES = ["ada", "bob"] as const;
type Machine = (typeof MACHINES)[number];

describe.skipIf(withoutPostgres)("moves of two machines", { timeout: 120_000 }, () => {
  const rig = useMoves();
  const { intoDatabase, intoFolder, openDatabase, openFolder } = rig;
  const onOne = (direction: Direction, machine: Machine, around: (ends: Ends) => Ends = (ends) => ends) =>
    direction((ends) => move(around(onMachine(ends, machine))), rig.folderOf(machine));
  const folderOf = (machine: Machine) => () => openFolder(rig.folderOf(machine));
  const idsIn = async (open: () => Promise<Journal>) => ((await seenIn(open)) as { ids: number[] }).ids;
  /** null: it would be refused. */
  const usable = (open: () => Promise<Journal>) => idsIn(open).catch(() => null);
  const appended = (open: () => Promise<Journal>, ids: number[]) =>
    during(open, (journal) => appendIds(journal, ids));

  const EACH = BREAKS.map((brk) => ({ ...brk, marked: brk.at >= LEAVE }));

  test.each(EACH)(
    "out of one database: the one that is killed $step is not finished by the other",
    async (brk) => {
      await appended(openDatabase, [1, 2, 5]);
      await expect(onOne(intoFolder, "ada", (ends) => breaking(ends, brk))).rejects.toThrow("killed");
      if (brk.marked) {
        const { code, message } = await refusal(onOne(intoFolder, "bob"));
        expect(code).toBe("STATE_MOVED");
        expect(message).toMatch(/\/var\/lib\/callsheet of the machine ada/);
        if (brk.at < LET_IN) await onOne(intoFolder, "ada");
        expect(await usable(folderOf("ada"))).toEqual([1, 2, 5]);
        expect(await usable(folderOf("bob"))).toEqual([]);
      } else {
        // only its own folder knows of it
        await onOne(intoFolder, "bob");
        expect((await refusal(onOne(intoFolder, "ada"))).message).toMatch(/of the machine bob/);
        expect(await usable(folderOf("bob"))).toEqual([1, 2, 5]);
      }
      expect(await usable(openDatabase)).toBeNull();
    },
  );

  const RACES = { numRuns: 8, endOnFailure: true };

  test("out of one database at the same time: one has the state, and the other was refused", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, apart) => {
        rig.fresh();
        await appended(openDatabase, [1, 2, 5]);
        const ended = await race(scheduler, apart, intoFolder);
        const winner = winnerOf(ended);
        const loser = MACHINES.find((machine) => machine !== winner)!;
        expect(await usable(folderOf(winner))).toEqual([1, 2, 5]);
        expect(await usable(folderOf(loser))).toEqual([]);
        expect(await usable(openDatabase)).toBeNull();
      }),
      RACES,
    );
  });

  test("into one database at the same time: one is there, and the other is where it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, apart) => {
        rig.fresh();
        await appended(folderOf("ada"), [1, 2]);
        await appended(folderOf("bob"), [7, 8, 9]);
        const ended = await race(scheduler, apart, intoDatabase);
        const winner = winnerOf(ended);
        const [won, lost] =
          winner === "ada"
            ? [
                [1, 2],
                [7, 8, 9],
              ]
            : [
                [7, 8, 9],
                [1, 2],
              ];
        const loser = MACHINES.find((machine) => machine !== winner)!;
        expect(await usable(openDatabase)).toEqual(won);
        expect(await usable(folderOf(winner))).toBeNull();
        expect(await usable(folderOf(loser))).toEqual(lost);
      }),
      RACES,
    );
  });

  /** Their steps begin in any order. @param apart each when the one before has ended */
  async function race(scheduler: fc.Scheduler, apart: boolean, direction: Direction) {
    let before: Promise<unknown> = Promise.resolve();
    const stepwise = (ends: Ends) =>
      stepping(ends, async (call, _at, values) => {
        const step = () => call(...values);
        await scheduler.schedule(Promise.resolve());
        if (!apart) return step();
        const done = before.then(step);
        before = done.catch(() => {});
        return done;
      });
    return scheduler.waitFor(
      Promise.allSettled(MACHINES.map((machine) => onOne(direction, machine, stepwise))),
    );
  }

  function winnerOf(ended: readonly PromiseSettledResult<unknown>[]): Machine {
    const refused = ended.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused).toHaveLength(1);
    expect(["STATE_MOVED", "USAGE"]).toContain(refused[0].code);
    return MACHINES[ended.findIndex(({ status }) => status === "fulfilled")]!;
  }

  async function client(): Promise<pg.Client> {
    const opened = new pg.Client({ connectionString: rig.server.url });
    await opened.connect();
    onTestFinished(() => opened.end());
    await opened.query(`SET search_path = ${rig.schema}`);
    return opened;
  }
  const waiting = async (asks: pg.Client, count: number) => {
    const query = "SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted";
    await until(async () => (await asks.query(query)).rows[0].count >= count);
  };

  test("what a daemon is storing when its database is claimed is waited for, and is in use", async () => {
    await appended(folderOf("ada"), [1]);
    await (await openDatabase()).close();
    const [daemon, looks] = [await client(), await client()];
    await daemon.query(
      `BEGIN; INSERT INTO lane (id, path, name, state, start_seq, epoch, version, cursor, begun, finished, callbacks, doubtful_to, inherited)
       VALUES ('n', '/n.ts', 'n', 'active', 0, 1, 1, 0, false, '[]', '[]', 0, '[]')`,
    );
    const moved = refusal(onOne(intoDatabase, "ada"));
    await waiting(looks, 1);
    await daemon.query("COMMIT");
    expect((await moved).message).toMatch(/There is a state in .* already\.$/);
    expect(await usable(folderOf("ada"))).toEqual([1]);
  });

  test("a daemon that comes while its database is claimed begins nothing in it", async () => {
    await appended(folderOf("ada"), [1]);
    const daemon = await openDatabase();
    onTestFinished(() => daemon.close());
    const [busy, looks] = [await client(), await client()];
    await busy.query("BEGIN; LOCK TABLE reader IN ROW EXCLUSIVE MODE");
    const moved = onOne(intoDatabase, "ada");
    await waiting(looks, 1);
    const lane = refusal(daemon.openLane({ id: "n", path: "/n.ts", name: "n", startSeq: 0 }));
    await waiting(looks, 2);
    await busy.query("COMMIT");
    expect((await lane).code).toBe("STATE_LOCKED");
    await moved;
    expect(await idsIn(openDatabase)).toEqual([1]);
  });

  test("nothing is inherited into a database that is claimed", async () => {
    await appended(folderOf("ada"), [1]);
    const daemon = await openDatabase();
    onTestFinished(() => daemon.close());
    const claimed = { at: LEAVE };
    await expect(onOne(intoDatabase, "ada", (ends) => breaking(ends, claimed))).rejects.toThrow("killed");
    const estate = { reader: { position: 3, gaps: [] }, lanes: [] };
    expect((await refusal(daemon.inherit(estate))).code).toBe("STATE_MOVED");
  });

  test("one that is at work is told as that", { timeout: 60_000 }, async () => {
    await appended(folderOf("ada"), [1]);
    await (await openDatabase()).close();
    const busy = await client();
    await busy.query("BEGIN; LOCK TABLE move IN EXCLUSIVE MODE");
    const { code, message } = await refusal(onOne(intoDatabase, "ada"));
    expect(code).toBe("STATE_LOCKED");
    expect(message).toMatch(/^Another callsheet import-state is at work on schema /);
    await busy.query("COMMIT");
    await onOne(intoDatabase, "ada");
  });
});
