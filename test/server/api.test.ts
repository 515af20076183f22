/** The control API of a running daemon: what it answers, and that this is what its document says. */
import { expect, it } from "vitest";
import { z } from "zod";
import { readingRoutes } from "../../src/server/routes/reading.ts";
import { replayReadingRoutes } from "../../src/server/routes/replays.ts";
import { ended } from "../daemon/replay/rig.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE, lane, notes, OTHER, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

const PLUGINS = {
  "good.ts": recorder("good"),
  "tasks.ts": recorder("tasks", "{ Shotgun_Task_Change: ['sg_status_list'] }"),
  "bad.ts": twoCallbacks(true),
  "goes_on.ts": twoCallbacks(true, false).replaceAll("b is broken", "odd one"),
};

async function workingDaemon() {
  const parts = await servedDaemon(PLUGINS);
  const { sandbox, folder, daemon } = parts;
  const project = { type: "Project", id: 70, name: "Night Bus" };
  const { first, last } = sandbox.site.events.add([CHANGE, { ...OTHER, project }, CHANGE]);
  await until(
    () =>
      notes(folder, "good").length === 3 &&
      lane(daemon, "good").backlog === 0 &&
      lane(daemon, "tasks").backlog === 0 &&
      lane(daemon, "bad").activity === "failed" &&
      lane(daemon, "goes_on").failures.recorded === 3,
  );
  return { ...parts, first, last };
}

it("answers every question in the shape that its document gives", async () => {
  const { daemon, get, post, first } = await workingDaemon();
  const ask: Record<string, string> = {
    "/plugins/:name": "/plugins/bad",
    "/plugins/:name/history": "/plugins/bad/history",
    "/events/:id": `/events/${first}`,
    "/replays/:id": "/replays/1",
    "/replays/:id/writes": "/replays/1/writes",
  };
  const routes = [
    ...readingRoutes(daemon, { version: "1" }),
    ...replayReadingRoutes(daemon.replays, daemon.answers),
  ];
  const asked = { fromId: first, dryRun: false, keepGoing: true, why: "a test" };
  expect(await post("/api/v1/plugins/bad/replays", asked)).toMatchObject({ status: 200, json: { id: 1 } });
  await ended(daemon, 1);
  expect(routes.length).toBeGreaterThan(7);
  for (const { path, reply } of routes) {
    const { status, json } = await get(`/api/v1${ask[path] ?? path}`);
    expect(status, path).toBe(200);
    const strict = reply instanceof z.ZodObject ? reply.strict() : reply;
    expect(strict.safeParse(json).error?.message, path).toBeUndefined();
  }
});

it("says how things stand, and what to look at first", async () => {
  const { get, last, first } = await workingDaemon();
  const { json: status } = await get("/api/v1/status");
  expect(status).toMatchObject({
    ready: { ready: true, reasons: [] },
    site: { state: "connected" },
    reader: { position: last },
  });
  expect(status.attention).toMatchObject([
    { severity: "error", plugin: "bad", command: "callsheet retry bad" },
  ]);
  expect(status.attention[0].message).toContain(`stopped at event ${first}`);
  const { json: bad } = await get("/api/v1/plugins/bad");
  expect(bad).toMatchObject({
    activity: "failed",
    nextEventId: first,
    failure: { eventId: first, callback: "b" },
    callbackList: [{ key: "a", wants: "every event" }, { key: "b" }, { key: "c" }],
  });
  const missing = await get("/api/v1/plugins/bda");
  expect(missing).toMatchObject({ status: 404, json: { error: { code: "PLUGIN_UNKNOWN" } } });
});

it("tells for an event which plugins saw it, what each did, and why not", async () => {
  const { get, first } = await workingDaemon();
  const of = async (id: number) => {
    const { json } = await get(`/api/v1/events/${id}`);
    return Object.fromEntries(json.plugins.map((one: { plugin: string }) => [one.plugin, one]));
  };
  const other = await of(first + 1);
  const { outcome, delivered } = other.good;
  expect({ outcome, delivered }).toMatchObject({
    outcome: "delivered",
    delivered: { after: expect.any(String), ms: expect.any(Number) },
  });
  expect(delivered.before).toBe(delivered.after);
  expect(Math.abs(Date.parse(delivered.before) - Date.now())).toBeLessThan(60_000);
  expect(other.tasks.delivered).toBe(null);
  expect(other.tasks.why).toBe(
    "No callback wants Shotgun_Shot_Change (code). Registered: callback 1: Shotgun_Task_Change (sg_status_list).",
  );
  expect(other.bad).toMatchObject({
    outcome: "waiting",
    why: `Waiting: the plugin stopped at event ${first}.`,
  });
  expect(other.goes_on).toMatchObject({ outcome: "failed", why: "b failed: odd one" });
  expect((await of(first)).bad).toMatchObject({ outcome: "failed", failures: [{ callback: "b" }] });
  const { json: unknown } = await get("/api/v1/events/99999999");
  expect(unknown).toMatchObject({ event: null, note: expect.stringContaining("Not read yet") });
});

it("lists events newest first, page by page, with filters", async () => {
  const { get, first } = await workingDaemon();
  const ids = async (query: string) => {
    const { json } = await get(`/api/v1/events?${query}`);
    return json.events.map(({ event }: { event: { id: number } }) => event.id - first);
  };
  const { json: page } = await get("/api/v1/events?limit=2");
  expect(page.events.map(({ event }: { event: { id: number } }) => event.id - first)).toEqual([2, 1]);
  expect(await ids(`limit=1&before=${page.next}`)).toEqual([0]);
  expect(await ids("limit=3&type=Shotgun_Task_*")).toEqual([2, 0]);
  expect(await ids("project=night")).toEqual([1]);
  expect(await ids("project=70")).toEqual([1]);
  expect(await ids("entity=Nothing")).toEqual([]);
  expect(page.events[0].outcomes).toContainEqual({ plugin: "good", outcome: "delivered" });
});

it("puts failures of the same trouble together, open ones first", async () => {
  const { get, first } = await workingDaemon();
  const { json } = await get("/api/v1/failures");
  expect(json.groups).toMatchObject([
    { plugin: "bad", open: true, count: 1, events: [{ eventId: first, open: true }] },
    { plugin: "goes_on", open: false, count: 3, message: "odd one" },
  ]);
  for (const { source } of json.groups)
    expect(source.lines[source.line - source.first]).toMatch(/throw|fail|odd|broken/i);
});

it("acts, refuses what does not fit, and remembers who did what", async () => {
  const { get, post, log, daemon, first } = await workingDaemon();
  const who = { by: "zoe@desk", why: "the shot is\ngone" };
  expect((await post("/api/v1/plugins/good/pause", who)).json).toEqual({ done: true });
  expect(await post("/api/v1/plugins/good/pause", who)).toMatchObject({
    status: 409,
    json: { error: { code: "NOT_POSSIBLE_NOW", message: "good is paused already, by zoe@desk." } },
  });
  const plan = await post("/api/v1/plugins/good/rewind", { eventId: first, dryRun: true });
  expect(plan.json).toMatchObject({ events: 3, nextEventId: first });
  expect(lane(daemon, "good").backlog).toBe(0);
  const moved = await post("/api/v1/plugins/good/rewind", {
    ...who,
    eventId: first,
    expected: plan.json.from,
  });
  expect(moved.json).toEqual(plan.json);
  expect(lane(daemon, "good").backlog).toBe(3);
  await post("/api/v1/plugins/good/resume");
  await post("/api/v1/plugins/bad/skip", { ...who, eventId: first });
  expect(await post("/api/v1/plugins/bad/skip", { eventId: first })).toMatchObject({
    status: 400,
    json: { error: { message: "The body cannot be used: why is missing." } },
  });
  expect(await post("/api/v1/plugins/none/reload")).toMatchObject({ status: 404 });
  const { json } = await get("/api/v1/actions");
  expect(
    json.actions.map(({ action, plugin, by, why }: Record<string, string>) => [action, plugin, by, why]),
  ).toEqual([
    ["skip", "bad", "zoe@desk", "the shot is gone"],
    ["resume", "good", "somebody at 127.0.0.1", ""],
    ["rewind", "good", "zoe@desk", "the shot is gone"],
    ["pause", "good", "zoe@desk", "the shot is gone"],
  ]);
  expect(await log.line("zoe@desk: skip bad")).toMatchObject({ action: "skip", by: "zoe@desk" });
});

it("has health checks, metrics and a document", async () => {
  const { get } = await workingDaemon();
  expect(await get("/healthz")).toMatchObject({ status: 200, json: { alive: true } });
  expect(await get("/readyz")).toMatchObject({ status: 200, json: { ready: true } });
  const { json: metrics, headers } = await get("/metrics");
  expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  for (const line of [
    'callsheet_plugin_state{plugin="bad",state="failed"} 1',
    'callsheet_plugin_backlog_events{plugin="good"} 0',
    'callsheet_plugin_failures_total{plugin="goes_on",consequence="recorded"} 3',
    'callsheet_plugin_errors_total{plugin="goes_on",kind="CALLBACK_FAILED",stage="callback"} 3',
    'callsheet_callback_duration_seconds_count{plugin="tasks",callback="callback 1"} 2',
    "callsheet_reader_connected 1",
  ])
    expect(metrics.split("\n")).toContain(line);
  const { json: document } = await get("/api/v1/openapi.json");
  expect(
    document.paths["/api/v1/plugins/{name}/skip"].post.requestBody.content["application/json"].schema,
  ).toMatchObject({
    required: ["why", "eventId"],
  });
  expect(await get("/nothing")).toMatchObject({ status: 404, json: { error: { code: "NOT_FOUND" } } });
});
