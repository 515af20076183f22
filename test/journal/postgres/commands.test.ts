/** A command between hosts is done once, whoever of them dies or is shut out, and when. */
import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { until } from "../../daemon/rig.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const LANE = { id: "lane-1", path: "/p/one.ts", name: "one", startSeq: 0 };
const NOTE = { by: "lena", why: "a test", at: "2026-01-01T00:00:00.000Z" };

describe.skipIf(withoutPostgres)("a command", { timeout: 60_000 }, () => {
  const server = useServer();
  const open: PostgresJournal[] = [];

  afterEach(async () => {
    await Promise.all(open.splice(0).map((journal) => journal.close()));
  });

  const three = async () => {
    const schema = server.freshSchema();
    const member = { labels: [], weight: 1, version: "1", leaseMs: 3000 };
    for (const name of ["ada", "bob", "cyd"])
      open.push(await openPostgresJournal({ url: server.url, schema, member: { ...member, name } }));
    const [ada, bob, cyd] = open as [PostgresJournal, PostgresJournal, PostgresJournal];
    return { ada: ada.cluster!.commands, bob, cyd, asker: ada };
  };
  const commandsOf = ({ cluster }: PostgresJournal) => cluster!.commands;
  const seen = (journal: PostgresJournal, id: string) =>
    journal.cluster!.view?.commands.find((command) => command.id === id);

  test("is seen by the others, taken by one, and its answer by who asked", async () => {
    const { ada, bob, cyd, asker } = await three();
    const id = randomUUID();
    await ada.give({ id, lane: LANE.id, request: "{}" });
    await ada.give({ id, lane: LANE.id, request: "{}" });
    await until(() => seen(bob, id)?.taker === null);
    const taken = await Promise.all([bob, cyd].map((host) => commandsOf(host).take(id, 1)));
    expect(taken.filter((one) => one !== null)).toEqual([{ before: null }]);
    expect(await ada.withdraw(id)).toBe(false);
    const winner = taken[0] ? bob : cyd;
    // a lost reply to it is asked for again
    expect(await commandsOf(winner).take(id, 1)).not.toBeNull();
    await commandsOf(winner === bob ? cyd : bob).answer({ id, answer: "by who did not take it" }, 1);
    await commandsOf(winner).answer({ id, answer: "first" }, 1);
    await commandsOf(winner).answer({ id, answer: "second" }, 1);
    await until(() => seen(asker, id)?.answer === "first");
    await ada.forget(id);
    await until(() => seen(bob, id) === undefined);
  });

  test("that was taken back is nobody's", async () => {
    const { ada, bob } = await three();
    const id = randomUUID();
    await ada.give({ id, lane: LANE.id, request: "{}" });
    expect(await ada.withdraw(id)).toBe(true);
    expect(await ada.withdraw(id)).toBe(true);
    expect(await commandsOf(bob).take(id, 1)).toBeNull();
  });

  test("whose taker was shut out before it was done goes to the next owner, and not to the old", async () => {
    const { ada, bob, cyd } = await three();
    const old = await bob.openLane(LANE);
    const id = randomUUID();
    await ada.give({ id, lane: LANE.id, request: "{}" });
    expect(await commandsOf(bob).take(id, old.epoch)).toEqual({ before: null });
    const next = await cyd.openLane(LANE);
    const action = { ...NOTE, action: "pause", plugin: "one", detail: "by bob" };
    await expect(old.setPaused(NOTE, { action, answer: { id, answer: "by bob" } })).rejects.toMatchObject({
      code: "STATE_LOCKED",
    });
    expect(await commandsOf(cyd).take(id, next.epoch)).toEqual({ before: bob.cluster!.self.id });
    expect(await commandsOf(bob).take(id, old.epoch)).toBeNull();
    await commandsOf(bob).giveBack(id);
    await next.setPaused(NOTE, { answer: { id, answer: "by cyd" } });
    await until(() => seen(cyd, id)?.answer === "by cyd");
    expect((await cyd.lanes())[0]).toMatchObject({ paused: NOTE });
    expect(await cyd.actions(9)).toEqual([]);
  });

  test.each(["before", "after"])(
    "is not refused by an owner that was shut out, %s the next has taken it",
    async (when) => {
      const { ada, bob, cyd, asker } = await three();
      const old = await bob.openLane(LANE);
      const id = randomUUID();
      await ada.give({ id, lane: LANE.id, request: "{}" });
      await commandsOf(bob).take(id, old.epoch);
      const next = await cyd.openLane(LANE);
      const take = () => commandsOf(cyd).take(id, next.epoch);
      if (when === "after") expect(await take()).not.toBeNull();
      // it was frozen, and has not heard of the next owner yet
      await commandsOf(bob).answer({ id, answer: "refused" }, old.epoch);
      if (when === "before") expect(await take()).not.toBeNull();
      await next.setPaused(NOTE, { answer: { id, answer: "done" } });
      await until(() => seen(asker, id)?.answer === "done");
    },
  );

  test("that was done is answered by the same step, so that nobody does it again when its taker dies", async () => {
    const { ada, bob, cyd, asker } = await three();
    const old = await bob.openLane(LANE);
    const id = randomUUID();
    await ada.give({ id, lane: LANE.id, request: "{}" });
    await commandsOf(bob).take(id, old.epoch);
    await old.setPaused(NOTE, { answer: { id, answer: "done" } });
    const next = await cyd.openLane(LANE);
    expect(await commandsOf(cyd).take(id, next.epoch)).toBeNull();
    await until(() => seen(asker, id)?.answer === "done");
  });

  test("to move a cursor is answered by the step that moves it, and by none that does not", async () => {
    const { ada, bob } = await three();
    const { reader } = bob.cluster!.view ?? { reader: null };
    await bob.cluster!.openReader(reader);
    const event = { id: 1, event_type: "Shotgun_Task_Change", attribute_name: null };
    const events = [event] as unknown as Parameters<typeof bob.append>[0]["events"];
    await bob.append({ events, neverHappened: [], reader: { position: 1, gaps: [], generation: 1 } });
    const lane = await bob.openLane(LANE);
    const id = randomUUID();
    await ada.give({ id, lane: LANE.id, request: "{}" });
    await commandsOf(bob).take(id, lane.epoch);
    expect(await lane.moveCursor({ from: 1, to: 0 }, NOTE, { answer: { id, answer: "wrong" } })).toBe(false);
    expect(await lane.moveCursor({ from: 0, to: 1 }, NOTE, { answer: { id, answer: "right" } })).toBe(true);
    await until(() => seen(bob, id)?.answer === "right");
  });
});
