/** The proof of delivery, and that it finds what is not right. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { said } from "../cli/said.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE, lane, notes, OTHER, recorder } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

const PLUGINS = {
  "all.ts": recorder("all"),
  "tasks.ts": recorder("tasks", "{ Shotgun_Task_Change: ['sg_status_list'] }"),
};

async function workingDaemon() {
  const parts = await servedDaemon(PLUGINS, { gapTimeout: "50ms" });
  const { sandbox, folder, daemon, config } = parts;
  const { first } = sandbox.site.events.add([CHANGE, OTHER, CHANGE]);
  sandbox.site.events.skipIds(3);
  const { last } = sandbox.site.events.add([CHANGE, OTHER]);
  await until(() => notes(folder, "all").length === 5 && lane(daemon, "tasks").backlog === 0);
  await until(() => daemon.status().reader.gaps.length === 0);
  const run = (...args: string[]) => said("audit", ...args, "--config", config.file);
  return { ...parts, first, last, run };
}

it("finds no difference when there is none, whether the daemon runs or not", async () => {
  const { daemon, first, last, run } = await workingDaemon();
  const shown = await run();
  expect(shown.stdout).toContain(`5 events of the site, ${first} to ${last}.\n0 differences.\n`);
  expect(shown.stdout).toMatch(/all +5 +- /);
  expect(shown.stdout).toMatch(/tasks +3 +2 /);
  expect(shown.status).toBe(0);
  expect(JSON.parse((await run("--since", String(last), "--json")).stdout)).toMatchObject({
    events: 1,
    first: last,
  });
  expect((await run("--since", "1")).stdout).toContain(first > 1 ? "cannot be compared" : "0 differences");
  expect((await run("--since", String(last + 1))).stdout).toContain("Nothing was compared");
  expect(await run("--since", "2999-01-01")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("That is yet to come."),
  });
  await daemon.stop();
  const stopped = await run("--json");
  expect(JSON.parse(stopped.stdout)).toMatchObject({ first, last, events: 5, differences: 0 });
});

it("tells of events that the journal lacks, and of some that were given up although they happened", async () => {
  const { daemon, config, first, last, run } = await workingDaemon();
  await daemon.stop();
  const database = new DatabaseSync(join(config.state, "journal.sqlite"));
  database.exec(`DELETE FROM event WHERE id = ${first + 1}`);
  database.close();
  const lost = await run();
  expect(lost.status).toBe(1);
  expect(lost.stdout).toContain(`1 difference.\n  event ${first + 1}: missing\n`);
  expect(JSON.parse((await run("--until", String(first), "--json")).stdout).differences).toBe(0);
  expect(JSON.parse((await run("--json")).stdout)).toMatchObject({
    last,
    differences: 1,
    list: [{ eventId: first + 1, kind: "missing", plugin: null }],
  });
});

it("one at a time, and only with a range that makes sense", async () => {
  const { get } = await workingDaemon();
  expect((await get("/api/v1/audit?since=yesterday")).status).toBe(400);
  expect((await get("/api/v1/audit?since=2026-11-01T00:00:00Z&from=3")).json.error.message).toContain(
    "either since or from",
  );
});
