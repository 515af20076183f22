/** What of all that happens becomes an alert. */
import { expect, test } from "vitest";
import type { HappeningBody } from "../../src/daemon/happenings.ts";
import { listening, MINUTE } from "./ear.ts";

const NOTIFY = { plugin: "notify", lane: "notify-0a1b2c3d" };
const FAILURE = {
  seq: 7,
  eventId: 4711,
  callback: "onStatus",
  code: "CALLBACK_FAILED",
  message: "Error: no",
  stack: null,
  attempts: 1,
  at: "2026-11-27T16:00:00.000Z",
};

function failure(consequence: "stopped" | "retrying" | "recorded" | "skipped"): HappeningBody {
  return {
    kind: "failure",
    failure: FAILURE,
    fingerprint: "f1",
    consequence,
    retryInMs: null,
    emails: false,
    ...NOTIFY,
  };
}

test("a failure is told when it stopped the plugin or was recorded, not when it is tried again", () => {
  const { ear, hear } = listening();
  hear(failure("retrying"), failure("skipped"));
  expect(ear.broken).toEqual([]);
  hear(failure("stopped"), failure("recorded"));
  expect(ear.broken).toMatchObject([
    {
      kind: "plugin_failed",
      fingerprint: "plugin_failed/f1",
      plugin: "notify",
      emails: false,
      facts: { eventId: 4711, seq: 7 },
    },
    { kind: "callback_failed", fingerprint: "callback_failed/f1" },
  ]);
  hear({
    kind: "recovered",
    failure: FAILURE,
    backlog: 3,
    again: { events: 3, untilSeq: 10, doneSeq: 7, forMs: 5 },
    ...NOTIFY,
  });
  expect(ear.open).toEqual(["callback_failed notify"]);
});

const LOGGED: HappeningBody = {
  kind: "logged",
  logger: "plugin.notify.onStatus",
  level: "error",
  message: "no such task\nTraceback (most recent call last):\n  …\n",
  eventId: 4711,
  fingerprint: "l1",
  emails: ["zoe@studio.example"],
  ...NOTIFY,
};

test("what a plugin logs as an error is told to whom it says, unless that is switched off", () => {
  const { ear, hear } = listening();
  hear(LOGGED);
  expect(ear.broken).toMatchObject([
    {
      kind: "plugin_logged",
      fingerprint: "plugin_logged/l1",
      plugin: "notify",
      emails: ["zoe@studio.example"],
      facts: {
        message: "no such task",
        callback: "onStatus",
        eventId: 4711,
        stack: "Traceback (most recent call last):\n  …",
      },
    },
  ]);
  const off = listening({ pluginErrors: false });
  off.hear(LOGGED);
  expect(off.ear.broken).toEqual([]);
});

test("a file that does not load is told, to whom it said when it did", () => {
  const { ear, hear } = listening();
  const unloadable: HappeningBody = {
    kind: "unloadable",
    code: "PLUGIN_SYNTAX",
    message: "m",
    stack: null,
    ...NOTIFY,
  };
  hear(unloadable);
  hear({ kind: "loaded", callbacks: 1, loadMs: 1, reload: false, emails: ["td@studio.com"], ...NOTIFY });
  hear(unloadable);
  expect(ear.broken.map(({ kind, emails }) => [kind, emails])).toEqual([
    ["plugin_unloadable", true],
    ["plugin_unloadable", ["td@studio.com"]],
  ]);
});

test("a host that restarts too often within ten minutes is told, and is steady ten minutes later", () => {
  const { ear, alarms, hear, pass } = listening();
  const restart: HappeningBody = {
    kind: "host_restart",
    code: "HOST_EXITED",
    message: "exit 3",
    waitMs: 1,
    excused: false,
    ...NOTIFY,
  };
  for (let count = 0; count < 10; count += 1) {
    hear(restart);
    pass(3 * MINUTE);
  }
  expect(ear.broken).toEqual([]);
  for (let count = 0; count < 6; count += 1) hear(restart);
  expect(ear.broken.at(-1)).toMatchObject({ kind: "plugin_restarting", plugin: "notify" });
  expect(alarms.isSteady("notify")).toBe(false);
  pass(11 * MINUTE);
  expect(alarms.isSteady("notify")).toBe(true);
  // another plugin of its process was to blame
  for (let count = 0; count < 20; count += 1) hear({ ...restart, excused: true });
  expect(alarms.isSteady("notify")).toBe(true);
});

test("gaps given up, a restored site and dropped events are told, each of its kind once", () => {
  const { ear, hear } = listening();
  hear({ kind: "gap_given_up", first: 5, last: 9, waitedMs: 300_000 });
  hear({ kind: "gap_given_up", first: 12, last: 12, waitedMs: 300_000 });
  hear({ kind: "site_restored", fromId: 90, lastCommonId: 40 });
  hear({
    kind: "loaded",
    callbacks: 1,
    loadMs: 1,
    reload: false,
    emails: true,
    plugin: "my.plugin",
    lane: "my_plugin-0a1b2c3d",
  });
  hear({ kind: "journal_dropped", lane: "my_plugin-0a1b2c3d", firstSeq: 3, lastSeq: 12 });
  expect(ear.broken.map(({ fingerprint, plugin, facts }) => [fingerprint, plugin, facts.message])).toEqual([
    ["gap_given_up", null, "Events 5 to 9 (5 ids), after 300 s."],
    ["gap_given_up", null, "Event 12, after 300 s."],
    ["site_restored/90/40", null, "It went back from event 90 to event 40."],
    ["events_dropped/my.plugin", "my.plugin", "10 events of the journal, numbers 3 to 12."],
  ]);
});
