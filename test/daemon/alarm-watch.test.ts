/** Conditions that become alerts. */
import { expect, test } from "vitest";
import { AlarmWatch, type AlarmWatchParts } from "../../src/daemon/alarm-watch.ts";
import type { AlarmLimits } from "../../src/daemon/alarms.ts";
import type { LaneStatus } from "../../src/daemon/lane-status.ts";
import { LIMITS, listening, MINUTE } from "./ear.ts";
import { temporaryFolder, until } from "./rig.ts";

type Status = ReturnType<AlarmWatchParts["status"]>;

function lane(more: Partial<LaneStatus>): LaneStatus {
  return {
    id: "l1",
    name: "notify",
    activity: "running",
    doneSeq: 0,
    backlog: 0,
    inHand: null,
    ...more,
  } as LaneStatus;
}

function watching(limits: Partial<AlarmLimits> = {}, maxBytes = 1e9) {
  const { ear, alarms } = listening();
  const status = {
    startedAt: new Date().toISOString(),
    site: { state: "connected", since: null, lastError: null },
    journal: { firstSeq: 1, lastSeq: 0, bytes: 0, maxBytes },
    plugins: [lane({})],
    folderProblems: [],
  } as unknown as Status & { plugins: LaneStatus[]; folderProblems: string[] };
  const watch = new AlarmWatch({
    alerts: ear,
    alarms,
    limits: { ...LIMITS, ...limits },
    status: () => status,
    state: temporaryFolder(),
    maxBytes,
    everyMs: 1,
  });
  return { ear, status, watch };
}

test("a site that is away is told no more when it answers another host of the cluster, which reads now", () => {
  const { ear, status, watch } = watching();
  const cluster = { host: "ada", reader: "ada", plugins: [] as never[], leaseMs: 1 };
  const since = new Date(Date.now() - 6 * MINUTE).toISOString();
  Object.assign(status, { cluster });
  Object.assign(status.site, { state: "unreachable", since, lastError: "refused" });
  watch.look(0);
  Object.assign(status, { cluster: { ...cluster, reader: "bob" }, reading: null });
  watch.look(1);
  expect(ear.open).toEqual(["site_away"]);
  Object.assign(status, { reading: { site: { state: "connected" } } });
  watch.look(2);
  expect(ear.open).toEqual([]);
});

test("a site that is away is told after a while, one that never answered too; and when it is there", () => {
  const { ear, status, watch } = watching();
  const since = (ms: number) => new Date(Date.now() - ms).toISOString();
  Object.assign(status.site, { state: "unreachable", since: since(4 * MINUTE), lastError: "refused" });
  watch.look(0);
  expect(ear.open).toEqual([]);
  Object.assign(status.site, { since: since(6 * MINUTE) });
  watch.look(1);
  watch.look(2);
  expect(ear.broken).toMatchObject([{ kind: "site_away", facts: { message: "refused" } }]);
  Object.assign(status.site, { state: "connected" });
  watch.look(3);
  expect(ear.open).toEqual([]);
  Object.assign(status.site, { state: "never", since: null, lastError: null });
  Object.assign(status, { startedAt: since(6 * MINUTE) });
  watch.look(4);
  expect(ear.open).toEqual(["site_away"]);
});

test("a plugin that is slower than its events is told, and when it has caught up", () => {
  const { ear, status, watch } = watching();
  for (let minute = 0; minute <= 40; minute += 1) {
    Object.assign(status.journal, { lastSeq: minute * 10 });
    status.plugins = [lane({ doneSeq: minute })];
    watch.look(minute * MINUTE);
  }
  expect(ear.open).toEqual(["plugin_lagging notify"]);
  expect(ear.broken).toHaveLength(1);
  status.plugins = [lane({ doneSeq: 400 })];
  watch.look(41 * MINUTE);
  expect(ear.open).toEqual([]);
});

test("one that keeps up does not lag, nor one that stopped, nor one that was just started again", () => {
  const { ear, status, watch } = watching();
  for (let minute = 0; minute <= 60; minute += 1) {
    Object.assign(status.journal, { lastSeq: minute * 10 });
    status.plugins = [
      lane({ id: "l1", name: "quick", doneSeq: minute * 10 - 20 }),
      lane({ id: "l2", name: "stopped", activity: "failed", doneSeq: 1 }),
      lane({ id: "l3", name: "again", activity: minute < 50 ? "failed" : "running", doneSeq: 1 }),
    ];
    watch.look(minute * MINUTE);
  }
  expect(ear.open).toEqual([]);
});

test("a full journal is told only when a plugin needs what it holds", () => {
  const { ear, status, watch } = watching({}, 1000);
  Object.assign(status.journal, { firstSeq: 1, lastSeq: 1000, bytes: 990 });
  status.plugins = [lane({ backlog: 10 })];
  watch.look(0);
  expect(ear.open).toEqual([]);
  status.plugins = [lane({ backlog: 950, activity: "failed" }), lane({ backlog: 2 })];
  watch.look(1);
  expect(ear.broken).toMatchObject([
    {
      kind: "journal_filling",
      facts: { message: expect.stringContaining("950 events wait for notify (failed)") },
    },
  ]);
  status.plugins = [lane({ backlog: 850 })];
  watch.look(2);
  expect(ear.open).toEqual(["journal_filling"]);
  status.plugins = [lane({ backlog: 700 })];
  watch.look(3);
  expect(ear.open).toEqual([]);
});

test("a plugin folder that cannot be listed is told, and keeps its plugins from counting as removed", () => {
  const { ear, status, watch } = watching();
  ear.broke({
    kind: "plugin_failed",
    fingerprint: "x",
    plugin: "gone",
    emails: true,
    facts: { message: "m" },
  });
  status.folderProblems = ["PLUGIN_FOLDER: /mnt/x cannot be listed"];
  watch.look(0);
  expect(ear.open).toEqual(["plugin_failed gone", "folder_away"]);
  status.folderProblems = [];
  watch.look(1);
  expect(ear.open).toEqual([]);
});

test("a plugin has recovered when it is past the event that it stopped at, not when it is loaded", () => {
  const { ear, status, watch } = watching();
  const facts = { message: "m", seq: 7 };
  ear.broke({ kind: "plugin_failed", fingerprint: "x", plugin: "notify", emails: true, facts });
  status.plugins = [lane({ doneSeq: 6 })];
  watch.look(0);
  expect(ear.open).toEqual(["plugin_failed notify"]);
  status.plugins = [lane({ doneSeq: 7 })];
  watch.look(1);
  expect(ear.open).toEqual([]);
});

test("a disk without room is told", async () => {
  const { ear, watch } = watching({ diskFreeLimit: 1e18 });
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  await until(() => ear.open.length > 0);
  stop.abort();
  await running;
  expect(ear.broken).toMatchObject([
    { kind: "disk_low", facts: { message: expect.stringMatching(/MB are left on/) } },
  ]);
});

test("limits that are off tell nothing", () => {
  const { ear, status, watch } = watching({ lagLimit: false, siteAwayAfter: false });
  Object.assign(status.site, { state: "unreachable", since: new Date(0).toISOString() });
  for (let minute = 0; minute <= 60; minute += 1) {
    Object.assign(status.journal, { lastSeq: minute * 10 });
    watch.look(minute * MINUTE);
  }
  expect(ear.open).toEqual([]);
});
