import { readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSandbox } from "../../src/sandbox/open.ts";
import { until } from "../daemon/rig.ts";
import { callsheet, folderWith } from "./process.ts";

const RECORDER = `import { appendFileSync } from "node:fs";
export function registerCallbacks(reg) {
  reg.registerCallback("s", "k", (_sg, _logger, event) => appendFileSync("got", event.id + "\\n"));
}`;

test("a cut journal: run refuses and names the repair, repair says what was lost, and the next run loses nothing", async () => {
  const site = await openSandbox();
  onTestFinished(() => site.close());
  const { url, scriptName, scriptKey } = site;
  const config = { site: { url, scriptName, scriptKey }, start: "earliest", fetchInterval: "20ms" };
  const cwd = folderWith({ "callsheet.config.json": JSON.stringify(config), "plugins/got.js": RECORDER });
  const got = () => [
    ...new Set(
      readFileSync(join(cwd, "got"), { encoding: "utf8", flag: "a+" }).split("\n").slice(0, -1).map(Number),
    ),
  ];
  const row = { event_type: "Shotgun_Task_Change", attribute_name: "sg_status_list" };
  const { first, last } = site.site.events.add(Array.from({ length: 3000 }, () => row));

  const before = callsheet(["run"], { cwd });
  await until(() => got().includes(last));
  before.kill("SIGTERM");
  expect((await before.ended).status).toBe(0);

  const journal = join(cwd, "state/journal.sqlite");
  truncateSync(journal, Math.floor(statSync(journal).size / 2));
  const refused = callsheet(["run"], { cwd });
  expect((await refused.ended).status).toBe(1);
  const said = refused.all;
  expect(said).toContain("STATE_CORRUPT");
  expect(said).toContain("journal.sqlite");
  expect(said).toContain(`callsheet repair --state ${join(cwd, "state")}`);

  const repair = callsheet(["repair", "--state", "state"], { cwd });
  expect((await repair.ended).status).toBe(0);
  expect(repair.stdout).toMatch(/events of the journal were recovered/);
  expect(repair.stdout).toMatch(/kept as/);

  const more = site.site.events.add([row, row]);
  const after = callsheet(["run"], { cwd });
  await until(() => got().includes(more.last));
  after.kill("SIGTERM");
  expect((await after.ended).status).toBe(0);
  expect(got().filter((id) => id >= first && id <= more.last).length).toBe(3002);
});
