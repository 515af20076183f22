/** What an operator does to a lane while the database's disk is full: it is refused, and nothing of it is stored later. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import type { LaneJournal, OperatorNote } from "../../../src/journal/journal.ts";
import { appendIds, failure, refusal } from "../support.ts";
import { useJournals } from "./use-journals.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const NOTE: OperatorNote = { by: "zoe@desk", why: "the shot is gone", at: "2026-11-01T08:00:00.000Z" };

describe.skipIf(withoutPostgres)("a deed that the database has no room for", () => {
  const server = useServer();
  const journals = useJournals(server);

  const lane = async () => {
    journals.freshSchema();
    const member = { name: "ada", labels: [], weight: 1, version: "1", leaseMs: 60_000 };
    const journal = await journals.open({ member });
    await appendIds(journal, [101, 102, 103, 104, 105, 106]);
    const notify = await journal.openLane({ id: "notify", path: "/notify.ts", name: "notify", startSeq: 1 });
    await notify.register(["first"]);
    await notify.handOver({ from: 2, to: 4, matched: [2, 3, 4] });
    await notify.commit({ seq: 3, begun: true, finishedCallbacks: 0 });
    await notify.setState("failed", failure(3), []);
    const record = async () => (await journal.lanes())[0]!;
    const outcomes = async () => {
      const found = await journal.ledgers([101, 102, 103, 104]);
      return [...found.values()].map(([one]) => one!.outcome);
    };
    const before = { record: await record(), outcomes: await outcomes(), cursor: await notify.cursor() };
    /** What is asked of the database by another than the daemon. */
    const ask = async (text: string) => {
      const options = `-c search_path=${journals.schema}`;
      const client = new pg.Client({ connectionString: server.url, options });
      await client.connect();
      await client.query(text).finally(() => client.end());
    };
    await ask(`
      CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER no_room BEFORE INSERT ON action EXECUTE FUNCTION full_disk()`);
    const makeRoom = () => ask("DROP TRIGGER no_room ON action");
    return { journal, notify, record, outcomes, before, makeRoom, ask };
  };
  const listed = (action: string) => ({ action: { ...NOTE, action, plugin: "notify", detail: "" } });
  const move = (action: string, to: number) => (notify: LaneJournal) =>
    notify.moveCursor({ from: 2, to }, NOTE, listed(action));
  const deeds: [string, (notify: LaneJournal) => Promise<unknown>, string[]][] = [
    [
      "pause",
      (notify) => notify.setPaused(NOTE, listed("pause")),
      ["before_start", "delivered", "failed", "waiting"],
    ],
    ["skip", move("skip", 3), ["before_start", "delivered", "skipped", "waiting"]],
    ["forward", move("forward", 6), ["before_start", "delivered", "skipped", "skipped"]],
    ["rewind", move("rewind", 0), ["waiting", "waiting", "waiting", "waiting"]],
  ];

  test.each(deeds)("%s", async (action, deed, after) => {
    const { journal, notify, record, outcomes, before, makeRoom } = await lane();
    expect((await refusal(deed(notify))).code).toBe("STATE_FULL");
    expect(await notify.cursor()).toEqual(before.cursor);
    // whatever is written next, as a renewal of the lease is
    await notify.relocate("/moved/notify.ts");
    expect(await record()).toEqual({ ...before.record, path: "/moved/notify.ts" });
    expect(await outcomes()).toEqual(before.outcomes);
    await makeRoom();
    await deed(notify);
    expect((await journal.actions(9)).map((one) => one.action)).toEqual([action]);
    expect(await outcomes()).toEqual(after);
  });

  test.each<[string, (notify: LaneJournal) => Promise<void>]>([
    ["another path", (notify) => notify.relocate("/moved/notify.ts")],
    ["another state", (notify) => notify.setState("active", null)],
    ["other callbacks", (notify) => notify.register(["second"])],
  ])("%s", async (_, change) => {
    const { journal, notify, before, ask } = await lane();
    const record = async () => (await journal.lanes())[0]!;
    await ask(`CREATE TRIGGER no_room BEFORE UPDATE ON lane FOR EACH ROW
      WHEN ((NEW.path, NEW.state, NEW.callbacks) IS DISTINCT FROM (OLD.path, OLD.state, OLD.callbacks))
      EXECUTE FUNCTION full_disk()`);
    expect((await refusal(change(notify))).code).toBe("STATE_FULL");
    // not with the next write, which goes through
    await notify.commit({ seq: 3, begun: true, finishedCallbacks: 1 });
    expect(await record()).toEqual({
      ...before.record,
      cursor: { ...before.cursor, begun: { seq: 3, finished: ["first"] } },
    });
    await ask("DROP TRIGGER no_room ON lane");
    await change(notify);
  });
});
