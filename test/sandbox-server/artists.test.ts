import { expect, test } from "vitest";
import { startArtists } from "../../src/sandbox/artists.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import type { Requests } from "../../src/sandbox/server/requests.ts";
import { rpc, sandboxForTest } from "./wire.ts";

const writes = (requests: Requests) =>
  requests.count("create") + requests.count("update") + requests.count("batch") + requests.count("delete");

interface EventRow {
  id: number;
  event_type: string;
  user: { type: string; name: string } | null;
}

async function events(sandbox: Sandbox, after: number): Promise<EventRow[]> {
  const reply = await rpc(sandbox, "read", {
    type: "EventLogEntry",
    return_fields: ["event_type", "user", "attribute_name"],
    filters: {
      logical_operator: "and",
      conditions: [{ path: "id", relation: "greater_than", values: [after] }],
    },
    paging: { entities_per_page: 5000, current_page: 1 },
  });
  return (reply.results as { entities: EventRow[] }).entities;
}

const KINDS_OF_CHANGE = [
  "Shotgun_Task_Change",
  "Shotgun_Version_New",
  "Shotgun_Version_Change",
  "Shotgun_Note_New",
  "Shotgun_Shot_New",
  "Shotgun_Task_New",
];

test("change all kinds of things, each as a person of the studio", async () => {
  const sandbox = await sandboxForTest({ studio: "small" });
  let after = sandbox.site.events.newestId;
  const missing = new Set(KINDS_OF_CHANGE);
  const people = new Set<string | undefined>();
  const artists = startArtists(sandbox, { count: 6, pace: 1, seed: 7 });
  // Rare things may take a while; a studio that never does them runs into the test's time limit.
  while (missing.size > 0 || people.size < 6) {
    const goal = writes(sandbox.requests) + 100;
    await sandbox.requests.waitFor((requests) => writes(requests) >= goal);
    const rows = await events(sandbox, after);
    after = rows.at(-1)?.id ?? after;
    for (const row of rows) {
      expect(row.user).toMatchObject({ type: "HumanUser" });
      people.add(row.user?.name);
      missing.delete(row.event_type);
    }
  }
  await artists.stop();
  // Two may want the same thing at the same time; that is all that may fail.
  expect(artists.failed).toBeLessThan(artists.done / 10);
});

test("with the event controls, some transactions are seen late", async () => {
  const sandbox = await sandboxForTest({ studio: "small" });
  let held = 0;
  const { events: controls } = sandbox.site;
  const counting = {
    holdNext() {
      held += 1;
      return controls.holdNext();
    },
  };
  const artists = startArtists(sandbox, { count: 6, pace: 1, seed: 3, events: counting });
  await sandbox.requests.waitFor(() => held > 0);
  await sandbox.requests.more(20);
  await artists.stop();
  expect(await rpc(sandbox, "info")).toHaveProperty("version");
});

test("keep quiet through refusals and outages, and go on afterwards", async () => {
  const sandbox = await sandboxForTest({ studio: "small" });
  sandbox.faults.chaos({
    seed: 4,
    rate: 0.5,
    kinds: [{ kind: "reset" }, { kind: "status", status: 500 }, { kind: "html" }, { kind: "wrong_json" }],
  });
  const artists = startArtists(sandbox, { count: 4, pace: 1, seed: 2 });
  await sandbox.requests.waitFor((requests) => requests.count() >= 30);
  await sandbox.unplug();
  await sandbox.plugIn();
  sandbox.faults.end();
  await sandbox.requests.waitFor((requests) => writes(requests) >= 40);
  expect(artists.failed).toBeGreaterThan(0);
  await artists.stop();
});

test("stop at once, even in the middle of a request that is never answered", async () => {
  const sandbox = await sandboxForTest({ studio: "small" });
  sandbox.faults.next({ kind: "hang", until: "ended", match: { method: "update" } });
  const artists = startArtists(sandbox, { count: 4, pace: 1, seed: 2 });
  await sandbox.requests.waitFor((requests) => requests.count("update") > 0);
  await artists.stop();
  const seen = sandbox.requests.count();
  await rpc(sandbox, "info");
  expect(sandbox.requests.count()).toBe(seen + 1);
});

test("have nothing to do on a site without shots", async () => {
  const sandbox = await sandboxForTest();
  const start = sandbox.site.events.newestId;
  const artists = startArtists(sandbox, { count: 2, pace: 1 });
  await sandbox.requests.waitFor((requests) => requests.count("read", "Shot") >= 4);
  await artists.stop();
  expect(sandbox.site.events.newestId).toBe(start);
});
