/** Metrics: what is there, that its labels are bounded, and that it shows no secret. */
import { expect, it } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, lane, recorder } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

const TOKEN = "a-token-of-some-length";
const READS = `export function registerCallbacks(reg) {
  reg.registerCallback("s", "k", async function reads(sg, _logger, event) {
    await sg.findOne("Task", [["id", "is", event.id]], ["content"]).catch(() => null);
  });
}`;
const PYTHON = `
from callsheet import SkipEvent

def registerCallbacks(reg):
    reg.registerCallback("s", "k", skips)

def skips(sg, logger, event, args):
    raise SkipEvent("no")
`;

/** `name{labels}` → value. */
async function read(get: (path: string, headers: Record<string, string>) => Promise<{ json: string }>) {
  const { json: text } = await get("/metrics", { authorization: `Bearer ${TOKEN}` });
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const values = new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
  return { text, values };
}

it("has every metric that tells idle from stuck, and what plugins and site are doing", async () => {
  const { sandbox, daemon, get, post } = await servedDaemon(
    { "good.ts": recorder("good"), "reads.ts": READS, "snake.py": PYTHON },
    { server: { port: 0, token: TOKEN } },
  );
  sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
  await until(() => ["good", "reads", "snake"].every((name) => lane(daemon, name).calls === 3));
  const { text, values } = await read(get);
  expect(text).not.toMatch(/^# TYPE \S+_total (?!counter$)/m);
  for (const name of [
    "reader_events_total",
    "reader_lag_seconds",
    "reader_last_event_age_seconds",
    "reader_last_answer_age_seconds",
    "reader_connected",
    "gaps_open",
    "gap_age_seconds",
    "journal_last_sequence",
    "journal_size_bytes",
  ])
    expect(values.get(`callsheet_${name}`), name).toBeGreaterThanOrEqual(0);
  for (const name of ["cursor_sequence", "backlog_events", "backlog_age_seconds", "redelivered_total"])
    expect(values.has(`callsheet_plugin_${name}{plugin="good"}`), name).toBe(true);
  expect(values.get('callsheet_lease_epoch{plugin="good"}')).toBe(1);
  expect(values.get('callsheet_replay_running{plugin="good"}')).toBe(0);
  expect(values.get('callsheet_reloads_total{plugin="good",result="failed"}')).toBe(0);
  expect(values.get('callsheet_plugin_memory_bytes{plugin="good"}')).toBeGreaterThan(1e6);
  expect(values.get('callsheet_plugin_memory_bytes{plugin="snake"}')).toBeGreaterThan(1e6);
  expect(values.get('callsheet_events_discarded_total{plugin="snake",intentional="true"}')).toBe(3);
  expect(values.get('callsheet_events_discarded_total{plugin="good",intentional="false"}')).toBe(0);
  const count = 'callsheet_callback_duration_seconds_count{plugin="good",callback="callback 1"}';
  expect(values.get(count)).toBe(3);
  const requests = (by: string) =>
    values.get(`callsheet_site_request_duration_seconds_count{by="${by}",outcome="answered"}`);
  expect(requests("daemon")).toBeGreaterThan(0);
  // and one that asks the site for its version
  expect(requests("plugins")).toBe(4);
  const infinite =
    'callsheet_site_request_duration_seconds_bucket{by="plugins",outcome="answered",le="+Inf"}';
  expect(values.get(infinite)).toBe(4);
  // bounded: nothing that an event, a user or a message could add to
  const labels = new Set([...text.matchAll(/[{,]([a-z_]+)="/g)].map(([, label]) => label));
  const own = [
    "by",
    "callback",
    "consequence",
    "intentional",
    "le",
    "outcome",
    "plugin",
    "result",
    "stage",
    "state",
  ];
  const ofLibrary = ["kind", "major", "minor", "patch", "space", "type", "version", "quantile"];
  expect([...labels].filter((label) => ![...own, ...ofLibrary, "to"].includes(label!))).toEqual([]);
  for (const secret of [TOKEN, sandbox.scriptKey]) expect(text).not.toContain(secret);
  // what an operator passes over counts as such
  await post("/api/v1/plugins/good/pause", {}, { authorization: `Bearer ${TOKEN}` });
  sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => lane(daemon, "good").backlog === 2);
  const moved = await post(
    "/api/v1/plugins/good/forward",
    { end: true, why: "a test" },
    { authorization: `Bearer ${TOKEN}` },
  );
  expect(moved.status).toBe(200);
  const passed = (await read(get)).values.get(
    'callsheet_events_discarded_total{plugin="good",intentional="true"}',
  );
  expect(passed).toBe(2);
}, 60_000);

it("leaves no series behind of a plugin whose label could grow", async () => {
  const { get } = await servedDaemon({ 'odd"name\\.ts': recorder("odd") });
  const { json: text } = await get("/metrics");
  expect(text).toContain('callsheet_plugin_backlog_events{plugin="odd\\"name\\\\"} 0');
});
