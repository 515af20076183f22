/** The history: what happened in each sample, not since the start. */
import { expect, it, onTestFinished } from "vitest";
import { History } from "../../src/server/history.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE, lane, recorder } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

it("counts in each sample what happened in it", async () => {
  const { daemon, sandbox } = await servedDaemon({ "good.ts": recorder("good") });
  await until(() => lane(daemon, "good").activity === "running");
  const history = new History(daemon, 10);
  onTestFinished(() => history.close());
  sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
  await until(() => lane(daemon, "good").calls === 3);
  await until(() => history.samples().reduce((sum, { calls }) => sum + calls, 0) === 3);
  const before = history.samples().length;
  await until(() => history.samples().length > before + 1);
  const samples = history.samples();
  expect(samples.reduce((sum, { read }) => sum + read, 0)).toBe(3);
  expect(samples.at(-1)).toMatchObject({ read: 0, calls: 0, backlog: 0 });
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
});
