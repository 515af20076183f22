/** The history: what happened in each sample, not since the start. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { History } from "../../src/server/history.ts";
import type { PluginView } from "../../src/server/views.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE, lane, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

it("counts in each sample what happened in it", async () => {
  const { daemon, sandbox } = await servedDaemon({ "good.ts": recorder("good") });
  await until(() => lane(daemon, "good").activity === "running");
  const history = new History(daemon, 10);
  onTestFinished(() => history.close());
  sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
  await until(() => lane(daemon, "good").calls === 3);
  await until(async () => (await history.samples()).reduce((sum, { calls }) => sum + calls, 0) === 3);
  const before = (await history.samples()).length;
  await until(async () => (await history.samples()).length > before + 1);
  const samples = await history.samples();
  expect(samples.reduce((sum, { read }) => sum + read, 0)).toBe(3);
  expect(samples.at(-1)).toMatchObject({ read: 0, calls: 0, backlog: 0, lagMs: 0 });
});

it("is answered by the API, with the minute under way", async () => {
  const { get } = await servedDaemon({});
  const { status, json } = await get("/api/v1/history");
  expect(status).toBe(200);
  expect(json.samples).toHaveLength(1);
});

it("counts each plugin's calls and their durations in each sample, and forgets those that went", async () => {
  const { daemon, sandbox } = await servedDaemon({ "good.ts": recorder("good") });
  await until(() => lane(daemon, "good").activity === "running");
  const history = new History(daemon, 10);
  onTestFinished(() => history.close());
  const { id } = lane(daemon, "good");
  sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
  await until(() => history.samplesOf(id).reduce((sum, { calls }) => sum + calls, 0) === 3);
  const withCalls = history.samplesOf(id).filter(({ calls }) => calls > 0);
  for (const { p50Ms, p95Ms } of withCalls) expect(p95Ms).toBeGreaterThanOrEqual(p50Ms!);
  const before = history.samplesOf(id).length;
  await until(() => history.samplesOf(id).length > before + 1);
  expect(history.samplesOf(id).at(-1)).toMatchObject({ calls: 0, p50Ms: null, p95Ms: null, backlog: 0 });
  expect(history.samplesOf("nobody")).toEqual([]);
  const [hour] = history.lastHour();
  expect(hour!.id).toBe(id);
  expect(hour!.calls.length).toBeLessThanOrEqual(61);
});

it("says how late events are: the oldest that waits, or how long the site has been silent", async () => {
  const { daemon, sandbox, get } = await servedDaemon({
    "bad.ts": twoCallbacks(true),
    "good.ts": recorder("good"),
  });
  const lag = async (): Promise<number> => (await get("/api/v1/history")).json.samples.at(-1).lagMs;
  expect(await lag()).toBe(0);
  sandbox.site.events.add([{ ...CHANGE, created_at: new Date(Date.now() - 3_600_000).toISOString() }]);
  await until(() => lane(daemon, "bad").activity === "failed");
  expect(await lag()).toBeGreaterThanOrEqual(3_600_000);
  // what somebody paused is as somebody wished
  await daemon.operations.pause("bad", { by: "test", why: "x" });
  await until(async () => (await lag()) === 0);
  await sandbox.close();
  await until(async () => (await lag()) > 0);
  expect(daemon.status().site.state).toBe("unreachable");
});

it("tells of a plugin whose file is gone", async () => {
  const { get, folder } = await servedDaemon({ "bad.ts": twoCallbacks(true), "good.ts": recorder("good") });
  const gone = async (name: string) => (await get(`/api/v1/plugins/${name}`)).json.gone;
  expect([await gone("bad"), await gone("good")]).toEqual([false, false]);
  rmSync(join(folder, "plugins", "bad.ts"));
  await until(async () => (await gone("bad")) === true);
  expect(
    (await get("/api/v1/plugins")).json.plugins.map(({ name, gone }: PluginView) => [name, gone]),
  ).toEqual([
    ["good", false],
    ["bad", true],
  ]);
});
