/** Past events given to a plugin again, with real parts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Happening } from "../../../src/daemon/happenings.ts";
import { openTestSandbox, TestLog, until } from "../rig.ts";
import {
  allNotes,
  CHANGE,
  daemonWith,
  ids,
  lane,
  notes,
  OTHER,
  recorder,
  start,
  untilFollowing,
} from "../whole.ts";
import { ended, refusal, WHO } from "./rig.ts";

const TASKS = "{ Shotgun_Task_Change: ['sg_status_list'] }";
const REAL = { dryRun: false, keepGoing: false };
/** Tells of what it gets, and fails where the event says so, until there is a file `mended`. */
const FRAGILE = `import { appendFileSync, existsSync } from "node:fs";
const note = (file, event) => appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file, ...event }) + "\\n");
export function registerCallbacks(reg) {
  reg.registerCallback("s", "k", function a(sg, logger, event) { note("a", event); });
  reg.registerCallback("s", "k", function b(sg, logger, event) {
    if (event.replay && event.meta?.bad && !existsSync(new URL("../mended", import.meta.url))) throw new Error("b is broken");
    note("b", event);
  });
}`;

it("gives past events that match again, marked, beside the lane, and tells of it everywhere", async () => {
  const { sandbox, folder, daemon, log } = await daemonWith({ "tasks.ts": recorder("tasks", TASKS) });
  const { first, last } = sandbox.site.events.add([CHANGE, OTHER, CHANGE, CHANGE]);
  await until(() => lane(daemon, "tasks").backlog === 0 && lane(daemon, "tasks").calls === 3);
  const before = lane(daemon, "tasks");
  const happenings: Happening[] = [];
  daemon.happenings.listen((happening) => happenings.push(happening));
  const begun = await daemon.replays.start("tasks", { from: { eventId: first }, ...REAL }, WHO);
  expect(begun).toMatchObject({ id: 1, plugin: "tasks", first, last, state: "running", doneId: first - 1 });
  expect(await ended(daemon, 1)).toMatchObject({
    state: "finished",
    doneId: last,
    counts: { events: 4, matched: 3, failed: 0, skipped: 0, writes: 0 },
    problem: null,
  });
  const replayed = notes(folder, "tasks").slice(3);
  expect(replayed).toMatchObject(
    [first, first + 2, last].map((id) => ({ id, redelivered: false, replay: { id: 1, dryRun: false } })),
  );
  expect(notes(folder, "tasks")[0]).toMatchObject({ replay: null });
  expect(lane(daemon, "tasks")).toMatchObject({ calls: before.calls, doneSeq: before.doneSeq, reloads: 0 });
  const answer = await daemon.answers.event(first);
  expect(answer.plugins).toMatchObject([{ plugin: "tasks", outcome: "delivered" }]);
  expect(answer.replays).toMatchObject([
    { replay: 1, plugin: "tasks", outcome: "delivered", dryRun: false, operator: WHO },
  ]);
  expect((await daemon.answers.event(first + 1)).replays).toEqual([]);
  expect(await log.line("zoe@desk: replay tasks")).toMatchObject({ plugin: "tasks", action: "replay" });
  expect(await daemon.answers.actions(1)).toMatchObject([{ action: "replay", plugin: "tasks", ...WHO }]);
  expect(happenings.filter(({ kind }) => kind === "replay").at(-1)).toMatchObject({
    replay: 1,
    state: "finished",
    doneId: last,
  });
  const report = await daemon.audit({}, new AbortController().signal, () => {});
  expect(report).toMatchObject({ differences: 0, events: 4 });
  sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "tasks").length === 7);
  expect(notes(folder, "tasks").at(-1)).toMatchObject({ replay: null });
});

it("asks the site for what the journal does not hold, and for nothing that never happened", async () => {
  const sandbox = await openTestSandbox();
  const old = sandbox.site.events.add([CHANGE, OTHER, CHANGE]);
  const { folder, daemon } = await daemonWith({ "all.ts": recorder("all") }, {}, sandbox);
  const fresh = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => notes(folder, "all").length === 2);
  const plan = await daemon.replays.plan("all", { from: { eventId: 1 }, to: { eventId: 99_999_999 } });
  expect(plan).toEqual({ plugin: "all", first: 1, last: fresh.last, heldFrom: fresh.first });
  await daemon.replays.start("all", { from: { eventId: old.first }, ...REAL }, WHO);
  const { counts } = await ended(daemon, 1);
  const given = ids(folder, "all").slice(2);
  expect(given).toEqual([...given].sort((a, b) => a - b));
  expect(given).toEqual(
    expect.arrayContaining([old.first, old.first + 1, old.last, fresh.first, fresh.last]),
  );
  expect(counts).toMatchObject({ events: given.length, matched: given.length });
  // up to an event in the middle
  const part = { from: { eventId: old.first }, to: { eventId: old.first + 1 } };
  await daemon.replays.start("all", { ...part, ...REAL }, WHO);
  expect(await ended(daemon, 2)).toMatchObject({ counts: { matched: 2 }, doneId: old.first + 1 });
});

it("stops at an event that fails, shows why, and goes on there when it is resumed", async () => {
  const { sandbox, folder, daemon, log } = await daemonWith({ "both.ts": FRAGILE });
  const { first, last } = sandbox.site.events.add([CHANGE, { ...CHANGE, meta: { bad: true } }, CHANGE]);
  await until(() => notes(folder, "b").length === 3);
  await daemon.replays.start("both", { from: { eventId: first }, ...REAL }, WHO);
  const failed = await ended(daemon, 1);
  expect(failed).toMatchObject({
    state: "failed",
    doneId: first,
    problem: { code: "CALLBACK_FAILED", message: "b is broken", eventId: first + 1, callback: "b" },
    counts: { events: 1, matched: 1 },
  });
  expect(failed.problem!.stack).toContain("both.ts:6");
  await log.line("the replay stops at this event");
  expect(lane(daemon, "both")).toMatchObject({ activity: "running", failure: null });
  expect((await daemon.answers.event(first + 1)).replays).toMatchObject([{ outcome: "failed" }]);
  expect((await daemon.answers.event(last)).replays).toEqual([]);
  writeFileSync(join(folder, "mended"), "");
  expect(await daemon.replays.resume(1, WHO)).toMatchObject({ state: "running", problem: null });
  expect(await ended(daemon, 1)).toMatchObject({ state: "finished", counts: { events: 3, matched: 3 } });
  // a had finished the event, and is not called again
  const again = allNotes(folder).filter(({ replay }) => replay !== null);
  expect(again.map(({ file, id, redelivered }) => [file, id, redelivered])).toEqual([
    ["a", first, false],
    ["b", first, false],
    ["a", first + 1, false],
    ["b", first + 1, true],
    ["a", last, false],
    ["b", last, false],
  ]);
});

it("keeps going after failures when told to, and lists them", async () => {
  const { sandbox, folder, daemon } = await daemonWith({ "both.ts": FRAGILE });
  const bad = { ...CHANGE, meta: { bad: true } };
  const { first, last } = sandbox.site.events.add([bad, CHANGE, bad]);
  await until(() => notes(folder, "b").length === 3);
  await daemon.replays.start("both", { from: { eventId: first }, dryRun: false, keepGoing: true }, WHO);
  expect(await ended(daemon, 1)).toMatchObject({
    state: "finished",
    counts: { events: 3, matched: 3, failed: 2 },
  });
  expect(await daemon.replays.failures(1, 10)).toMatchObject(
    [last, first].map((eventId) => ({ kind: "failed", failure: { eventId, callback: "b" } })),
  );
  expect((await daemon.answers.event(last)).replays).toMatchObject([
    { outcome: "failed", failures: [{ message: "b is broken" }] },
  ]);
  expect((await daemon.answers.failures()).length).toBe(0);
});

it("can be stopped after the event in hand, outlives the daemon, and goes on where it was", async () => {
  const { sandbox, folder, config, daemon } = await daemonWith({
    "slow.ts": recorder(
      "slow",
      "null",
      "if (event.replay) await new Promise((done) => setTimeout(done, 20));",
    ),
  });
  const events = Array.from({ length: 30 }, () => CHANGE);
  const { first, last } = sandbox.site.events.add(events);
  await until(() => notes(folder, "slow").length === 30);
  await daemon.replays.start("slow", { from: { eventId: first }, ...REAL }, WHO);
  const replayed = () => notes(folder, "slow").slice(30);
  await until(() => replayed().length > 3);
  expect((await daemon.replays.get(1)).activity).toBe("running");
  await daemon.replays.stop(1, WHO);
  const stopped = await ended(daemon, 1);
  expect(stopped.state).toBe("stopped");
  expect(replayed().map(({ id }) => id)).toEqual(
    events.map((_, i) => first + i).filter((id) => id <= stopped.doneId),
  );
  await daemon.replays.resume(1, WHO);
  await until(() => replayed().length > stopped.counts.events + 3);
  await daemon.stop();
  const again = await start(config, new TestLog());
  await untilFollowing(again);
  const interrupted = await again.replays.get(1);
  expect(interrupted).toMatchObject({ state: "interrupted", activity: null });
  await again.replays.resume(1, WHO);
  expect(await ended(again, 1)).toMatchObject({ state: "finished", counts: { events: 30, matched: 30 } });
  expect(replayed().map(({ id }) => id)).toEqual(events.map((_, i) => first + i));
  expect(last).toBe(first + 29);
});

it("a plugin that hangs, spins or dies in a replay does not delay its lane, and can be stopped", async () => {
  const spinner = recorder("spin", "null", "if (event.replay) for (;;);");
  const { sandbox, folder, daemon } = await daemonWith({ "spin.ts": spinner }, { shutdownTimeout: "300ms" });
  const { first } = sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "spin").length === 1);
  await daemon.replays.start("spin", { from: { eventId: first }, ...REAL }, WHO);
  await until(async () => (await daemon.replays.get(1)).inHand?.eventId === first);
  sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => notes(folder, "spin").length === 3);
  await daemon.replays.stop(1, WHO);
  expect(await ended(daemon, 1)).toMatchObject({
    state: "stopped",
    doneId: first - 1,
    counts: { events: 0 },
  });
});

it("refuses what does not fit, in a sentence", async () => {
  const { sandbox, folder, daemon } = await daemonWith({
    "slow.ts": recorder("slow", "null", "if (event.replay) await new Promise(() => {});"),
    "broken.ts": "export function registerCallbacks( {",
  });
  const { replays } = daemon;
  const range = { from: { eventId: 1 } };
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => notes(folder, "slow").length === 2);
  const refused = async (work: Promise<unknown>) => (await refusal(work)).describe();
  expect(await refused(replays.start("nobody", { ...range, ...REAL }, WHO))).toContain("PLUGIN_UNKNOWN");
  expect(await refused(replays.start("slow", { ...range, ...REAL }, { ...WHO, why: " " }))).toContain(
    "needs a reason",
  );
  expect(await refused(replays.start("slow", { from: { eventId: last + 9 }, ...REAL }, WHO))).toContain(
    `The newest event that was read is ${last}`,
  );
  const backwards = { from: { eventId: last }, to: { eventId: first } };
  expect(await refused(replays.start("slow", { ...backwards, ...REAL }, WHO))).toContain(
    "There is no event to replay",
  );
  expect(await refused(replays.get(7))).toContain("REPLAY_UNKNOWN: There is no replay 7.");
  await replays.start("slow", { from: { eventId: first }, ...REAL }, WHO);
  expect(await refused(replays.start("slow", { ...range, ...REAL }, WHO))).toContain("Replay 1 of slow runs");
  expect(await refused(replays.resume(1, WHO))).toContain("runs already");
  await replays.start("broken", { ...range, ...REAL }, WHO);
  expect(await ended(daemon, 2)).toMatchObject({ state: "failed", problem: { code: "PLUGIN_SYNTAX" } });
  expect(await refused(replays.stop(2, WHO))).toContain("Replay 2 does not run: it is failed.");
});
