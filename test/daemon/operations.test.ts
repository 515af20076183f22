/** What operators do to a running daemon, with real parts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Daemon } from "../../src/daemon/daemon.ts";
import type { Happening } from "../../src/daemon/happenings.ts";
import { CallsheetError } from "../../src/errors.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { TestLog, until } from "./rig.ts";
import {
  CHANGE,
  daemonWith,
  ids,
  lane,
  notes,
  recorder,
  start,
  twoCallbacks,
  untilFollowing,
} from "./whole.ts";

const WHO = { by: "zoe@desk", why: "the shot is gone" };

async function refusal(work: Promise<unknown>): Promise<CallsheetError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CallsheetError) return error;
  throw error ?? new Error("it was not refused");
}

/** What happened, for as long as the test runs. */
function heard(daemon: Daemon): Happening[] {
  const all: Happening[] = [];
  daemon.happenings.listen((happening) => all.push(happening));
  return all;
}

it("a paused plugin stays paused over a restart, and has every event when it is resumed", async () => {
  const { sandbox, folder, config, log, daemon } = await daemonWith({
    "calm.ts": recorder("calm"),
    "other.ts": recorder("other"),
  });
  await daemon.operations.pause("calm", WHO);
  expect(lane(daemon, "calm")).toMatchObject({ activity: "paused", paused: WHO });
  expect(await log.line("zoe@desk: pause calm")).toMatchObject({ level: "info", plugin: "calm" });
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => notes(folder, "other").length === 2);
  expect(await refusal(daemon.operations.pause("calm", WHO))).toMatchObject({ code: "NOT_POSSIBLE_NOW" });
  expect((await refusal(daemon.operations.retry("calm", WHO))).hint).toContain("callsheet resume calm");
  await daemon.stop();
  const again = await start(config, new TestLog());
  await untilFollowing(again);
  expect(lane(again, "calm")).toMatchObject({ activity: "paused", backlog: 2, paused: WHO });
  expect(notes(folder, "calm")).toEqual([]);
  await again.operations.resume("calm", WHO);
  await until(() => notes(folder, "calm").length === 2);
  expect(ids(folder, "calm")).toEqual([first, last]);
  expect((await refusal(again.operations.resume("calm", WHO))).message).toContain("is not paused");
});

it("a change of a paused plugin's file does not wake it", async () => {
  const { folder, daemon, log } = await daemonWith({ "calm.ts": recorder("calm") });
  await daemon.operations.pause("calm", WHO);
  writeFileSync(join(folder, "plugins/calm.ts"), recorder("calm", "null", "// new"));
  writeFileSync(join(folder, "plugins/second.ts"), recorder("second"));
  await log.line("loaded second");
  expect(lane(daemon, "calm").activity).toBe("paused");
  await daemon.operations.resume("calm", WHO);
  await log.line("reloaded calm");
});

it("skips the event that a plugin stopped at, says so in the ledger, and goes on", async () => {
  const bad = twoCallbacks(true).replace("if (true)", "if (event.meta?.bad)");
  const { sandbox, folder, config, daemon } = await daemonWith({ "bad.ts": bad });
  const happenings = heard(daemon);
  const { first, last } = sandbox.site.events.add([CHANGE, { ...CHANGE, meta: { bad: true } }, CHANGE]);
  await until(() => lane(daemon, "bad").activity === "failed");
  const { skip } = daemon.operations;
  const skipBad = (id: number, who = WHO) => skip.call(daemon.operations, "bad", id, who);
  expect((await refusal(skipBad(last))).message).toContain(`stands at event ${first + 1}`);
  expect((await refusal(skipBad(first + 1, { by: "zoe", why: " " }))).message).toContain("needs a reason");
  await skipBad(first + 1);
  await until(() => lane(daemon, "bad").backlog === 0);
  expect(ids(folder, "b")).toEqual([first, last]);
  expect(lane(daemon, "bad")).toMatchObject({ activity: "running", failure: null, backlog: 0 });
  expect(happenings).toContainEqual(expect.objectContaining({ kind: "operated", action: "skip", ...WHO }));
  expect(happenings).toContainEqual(expect.objectContaining({ kind: "recovered", plugin: "bad" }));
  expect((await refusal(skipBad(first + 1))).code).toBe("NOT_POSSIBLE_NOW");
  await daemon.stop();
  const journal = await openSqliteJournal({ folder: config.state });
  const answers = await journal.ledgers([first, first + 1, last]);
  expect([...answers.values()].map(([answer]) => answer!.outcome)).toEqual([
    "delivered",
    "skipped",
    "delivered",
  ]);
  expect(answers.get(first + 1)![0]!.operator).toMatchObject(WHO);
  expect(await journal.actions(5)).toMatchObject([
    { action: "skip", plugin: "bad", detail: `event ${first + 1}` },
  ]);
  await journal.close();
});

it("skips an event that a callback hangs in", async () => {
  const hangs = recorder("hang", "null", "if (event.meta?.hang) await new Promise(() => {});");
  const { sandbox, folder, daemon } = await daemonWith({ "hang.ts": hangs }, { shutdownTimeout: "50ms" });
  const { first, last } = sandbox.site.events.add([{ ...CHANGE, meta: { hang: true } }, CHANGE]);
  await until(() => lane(daemon, "hang").inHand?.eventId === first);
  await daemon.operations.skip("hang", first, WHO);
  await until(() => notes(folder, "hang").length === 1);
  expect(ids(folder, "hang")).toEqual([last]);
});

it("retries a failed plugin at its event, and what waits for its next attempt at once", async () => {
  const later = `
    import { RetryAfter, type Registrar } from "callsheet";
    let calls = 0;
    export function registerCallbacks(reg: Registrar) {
      reg.registerCallback("s", "k", (_sg, logger) => {
        calls += 1;
        logger.info("attempt");
        throw new RetryAfter(3_600_000);
      });
    }`;
  const { sandbox, daemon, log } = await daemonWith({ "bad.ts": twoCallbacks(true), "later.ts": later });
  sandbox.site.events.add([CHANGE]);
  await until(
    () => lane(daemon, "bad").activity === "failed" && lane(daemon, "later").activity === "retrying",
  );
  const failures = () => log.lines.filter(({ message }) => message.startsWith("b failed on event")).length;
  const attempts = () => log.lines.filter(({ message }) => message === "attempt").length;
  await daemon.operations.retry("bad", WHO);
  await daemon.operations.retry("later", WHO);
  await until(() => failures() === 2 && attempts() === 2);
  expect((await refusal(daemon.operations.retry("bda", WHO))).hint).toBe("There are: bad, later.");
});

it("rewinds and forwards a paused plugin, and only one", async () => {
  const { sandbox, folder, daemon } = await daemonWith({ "calm.ts": recorder("calm") });
  const { operations } = daemon;
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE, CHANGE, CHANGE]);
  await until(() => notes(folder, "calm").length === 5);
  const back = { eventId: first + 2 };
  const running = await refusal(operations.move("rewind", "calm", back, WHO));
  expect(running.hint).toBe("Pause it first: callsheet pause calm");
  await operations.pause("calm", WHO);
  const from = lane(daemon, "calm").doneSeq;
  const plan = await operations.plan("rewind", "calm", back);
  expect(plan).toMatchObject({ from, to: from - 3, events: 3, nextEventId: first + 2 });
  const elsewhere = operations.move("rewind", "calm", back, { ...WHO, expected: from - 1 });
  expect((await refusal(elsewhere)).message).toContain(`stands at place ${from}`);
  expect((await refusal(operations.plan("forward", "calm", back))).hint).toContain("rewind");
  const lost = await refusal(operations.plan("rewind", "calm", { eventId: last + 50 }));
  expect(lost).toMatchObject({ code: "EVENT_UNKNOWN" });
  expect(lost.message).toContain(`its last ${last}`);
  await operations.move("rewind", "calm", back, { ...WHO, expected: from });
  expect(lane(daemon, "calm")).toMatchObject({ activity: "paused", doneSeq: from - 3, backlog: 3 });
  await operations.move("forward", "calm", { eventId: last }, WHO);
  await operations.resume("calm", WHO);
  await until(() => notes(folder, "calm").length === 6);
  expect(notes(folder, "calm").at(-1)).toMatchObject({ id: last, redelivered: true });
});

it("finds the place of a time, and of the end", async () => {
  const { sandbox, folder, daemon } = await daemonWith({ "calm.ts": recorder("calm") });
  const at = (day: number) => ({ ...CHANGE, created_at: `2026-11-0${day}T08:00:00Z` });
  const { first } = sandbox.site.events.add([at(1), at(2), at(4), at(3), at(5)]);
  await until(() => notes(folder, "calm").length === 5 && lane(daemon, "calm").backlog === 0);
  const next = async (aim: { time: Date }) =>
    (await daemon.operations.plan("rewind", "calm", aim)).nextEventId;
  const dates = [
    "2026-11-02T08:00:00Z",
    "2026-11-03T00:00:00Z",
    "2026-11-04T08:00:01Z",
    "2020-01-01T00:00:00Z",
  ];
  const found = await Promise.all(dates.map((date) => next({ time: new Date(date) })));
  expect(found.slice(0, 3)).toEqual([first + 1, first + 2, first + 4]);
  expect(found[3]).toBeLessThanOrEqual(first);
  expect((await refusal(daemon.operations.plan("forward", "calm", "end"))).hint).toContain("where it stands");
});
