/** A dry run: reads get through, writes are caught, answered as the site would, and kept as differences. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { Shotgun } from "../../../src/client/shotgun.ts";
import type { CaughtWrite } from "../../../src/daemon/replay/dry/caught.ts";
import type { Sandbox } from "../../../src/sandbox/open.ts";
import { openTestSandbox, temporaryFolder, until } from "../rig.ts";
import { CHANGE, daemonWith, notes } from "../whole.ts";
import { ended, WHO } from "./rig.ts";

let sandbox: Sandbox;
let site: Shotgun;
let shot: { type: string; id: number };
let asset: { type: string; id: number };

beforeEach(async () => {
  sandbox = await openTestSandbox();
  const { url, scriptName, scriptKey } = sandbox;
  site = new Shotgun(url, { scriptName, scriptKey, dates: "string" });
  onTestFinished(() => site.close());
  const project = await site.create("Project", { name: "Night Bus" });
  shot = await site.create("Shot", { project, code: "sh010", description: "a < b", sg_status_list: "wtg" });
  asset = await site.create("Asset", { project, code: "tree", shots: [shot] });
});

/** Replays one event to a plugin whose callback, in a replay, does this and notes what it answers. */
async function dryRun(body: string, more: { before?: string; shot?: number } = {}) {
  const { scriptName, scriptKey } = sandbox;
  const source = `import { appendFileSync, writeFileSync } from "node:fs";
import { Shotgun } from "callsheet/client";
${more.before ?? ""}
const shot = ${JSON.stringify(shot)}, asset = ${JSON.stringify(asset)};
const note = (value) => appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "p", value: value === undefined ? "nothing" : value }) + "\\n");
export function registerCallbacks(reg) {
  reg.registerCallback(${JSON.stringify(scriptName)}, ${JSON.stringify(scriptKey)}, async function onTask(sg, logger, event) {
    if (!event.replay) return note("live");
    ${body}
  }, { Shotgun_Task_Change: null });
}`;
  const parts = await daemonWith({ "p.ts": source }, {}, sandbox);
  const { daemon, folder } = parts;
  const { first } = sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "p").length === 1);
  const newest = await newestId();
  await daemon.replays.start("p", { from: { eventId: first }, dryRun: true, keepGoing: true }, WHO);
  const end = await ended(daemon, 1);
  // what is written leaves an event in the site's log
  expect(await newestId()).toBe(newest);
  const kept = await daemon.replays.writes<CaughtWrite>(1, { after: 0, limit: 500 });
  const failures = await daemon.replays.failures(1, 10);
  expect(failures.map(({ failure }) => failure.stack)).toEqual([]);
  expect(end).toMatchObject({ state: "finished", counts: { matched: 1, writes: kept.length } });
  expect(kept.every(({ eventId, write }) => eventId === first && write.callback === "onTask")).toBe(true);
  const said = notes(folder, "p")
    .slice(1)
    .map(({ value }) => value);
  return { ...parts, first, writes: kept.map(({ write }) => write), said };
}

async function newestId(): Promise<number> {
  const order = [{ field_name: "id", direction: "desc" as const }];
  const entry = await site.findOne("EventLogEntry", [], [], { order });
  return entry!.id;
}

it("shows of an update what would change, and what is so already", async () => {
  const { writes, said } = await dryRun(`
    note(await sg.update("Shot", shot.id, { sg_status_list: "fin", code: "sh010", description: "a < b" }));
    note(await sg.findOne("Shot", [["id", "is", shot.id]], ["sg_status_list", "code"]));`);
  expect(writes).toMatchObject([
    {
      method: "update",
      entity: { ...shot, name: "sh010" },
      fields: [
        { field: "sg_status_list", before: "wtg", after: "fin", changed: true, mode: null },
        { field: "code", before: "sh010", after: "sh010", changed: false },
        { field: "description", after: "a < b", changed: false },
      ],
      note: null,
    },
  ]);
  expect(said).toMatchObject([
    { ...shot, sg_status_list: "fin", code: "sh010" },
    { ...shot, sg_status_list: "fin", code: "sh010" },
  ]);
});

it("honours how lists are changed, and adds up the writes of one event", async () => {
  const other = await site.create("Shot", { project: (await site.findOne("Project", []))!, code: "sh020" });
  const { writes } = await dryRun(`
    const other = ${JSON.stringify({ type: other.type, id: other.id })};
    await sg.update("Asset", asset.id, { shots: [other] }, { multiEntityUpdateModes: { shots: "add" } });
    await sg.update("Asset", asset.id, { shots: [shot] }, { multiEntityUpdateModes: { shots: "remove" } });
    await sg.update("Asset", asset.id, { shots: [other] });`);
  const [added, removed, set] = writes.map(({ fields }) => fields[0]!);
  expect(added).toMatchObject({
    mode: "add",
    before: [shot],
    after: [shot, { id: other.id }],
    changed: true,
  });
  expect(removed).toMatchObject({ mode: "remove", after: [{ id: other.id }], changed: true });
  expect(set).toMatchObject({ mode: null, changed: false });
});

it("gives a new entity an id of its own, by which it is found, updated and deleted at the same event", async () => {
  const { writes, said } = await dryRun(`
    const made = await sg.create("Note", { subject: "hello", content: "x", project: event.project }, ["subject", "content"]);
    note(made);
    await sg.update("Note", made.id, { subject: "changed" });
    note(await sg.find("Note", [["id", "is", made.id]], ["subject", "content", "user"]));
    note(await sg.delete("Note", made.id));
    note(await sg.findOne("Note", [["id", "is", made.id]]));
    const second = await sg.create("Note", { subject: "again" });
    note(second.id < made.id);`);
  expect(said).toEqual([
    { type: "Note", id: -1, subject: "hello", content: "x" },
    [{ type: "Note", id: -1, subject: "changed", content: "x", user: null }],
    true,
    null,
    true,
  ]);
  expect(writes.map(({ method, entity }) => [method, entity?.id])).toEqual([
    ["create", -1],
    ["update", -1],
    ["delete", -1],
    ["create", -2],
  ]);
  expect(writes[1]!.fields).toMatchObject([{ before: "hello", after: "changed" }]);
});

it("shows the row that would go, and says when there is none", async () => {
  const gone = await site.create("Shot", { project: (await site.findOne("Project", []))!, code: "old" });
  await site.delete("Shot", gone.id);
  const { writes, said } = await dryRun(`
    note(await sg.delete("Shot", shot.id));
    note((await sg.find("Shot", [], ["code"])).length);
    note(await sg.delete("Shot", shot.id));
    note(await sg.revive("Shot", ${gone.id}));
    await sg.update("Shot", 999999, { code: "x" });`);
  expect(said).toEqual([true, 0, false, true]);
  expect(writes[0]).toMatchObject({ method: "delete", entity: { ...shot, name: "sh010" }, note: null });
  expect(writes[0]!.fields).toContainEqual({ field: "code", before: "sh010", mode: null, changed: true });
  expect(writes[1]!.note).toContain("not on the site");
  expect(writes[2]).toMatchObject({ method: "revive", note: null });
  expect(writes[3]!.note).toContain("not on the site");
});

it("takes a batch apart", async () => {
  const { writes, said } = await dryRun(`
    note(await sg.batch([
      { request_type: "create", entity_type: "Note", data: { subject: "one" }, return_fields: ["subject"] },
      { request_type: "update", entity_type: "Shot", entity_id: shot.id, data: { code: "sh011" } },
      { request_type: "delete", entity_type: "Asset", entity_id: asset.id },
    ]));`);
  expect(said).toEqual([[{ type: "Note", id: -1, subject: "one" }, { ...shot, code: "sh011" }, true]]);
  expect(writes.map(({ method, batch }) => [method, batch])).toEqual([
    ["create", 0],
    ["update", 1],
    ["delete", 2],
  ]);
});

it("catches files, pictures and every other method that writes", async () => {
  const file = join(temporaryFolder(), "frame.png");
  writeFileSync(file, "not really a picture");
  const { writes, said } = await dryRun(`
    const file = ${JSON.stringify(file)}, user = (await sg.findOne("HumanUser", [])) ?? { type: "HumanUser", id: 1 };
    note(await sg.upload("Version", 5, file, "sg_uploaded_movie"));
    note(await sg.upload("Shot", shot.id, file));
    note(await sg.uploadThumbnail("Shot", shot.id, file));
    note((await sg.create("Shot", { code: "with a picture", image: file }, ["image"])).image);
    note(await sg.shareThumbnail([shot], { sourceEntity: asset }));
    note((await sg.follow(user, shot)).followed);
    note((await sg.unfollow(user, shot)).unfollowed);
    note(await sg.schemaFieldCreate("Shot", "text", "My Field"));
    note(await sg.schemaFieldUpdate("Shot", "sg_my_field", { description: "x" }));
    note(await sg.schemaFieldDelete("Shot", "sg_my_field"));
    note((await sg.workScheduleUpdate("2026-11-01", false)).working);
    await sg.updateProjectLastAccessed({ type: "Project", id: 1 }, user);`);
  expect(said.slice(0, 3).every((id) => Number(id) < 0)).toBe(true);
  expect(said[3]).toContain("thumbnail_pending");
  expect(said.slice(5)).toEqual([true, true, "sg_my_field", true, true, false]);
  expect(writes.map(({ method }) => method)).toEqual([
    "upload",
    "upload",
    "upload",
    "create",
    "upload",
    "share_thumbnail",
    "follow",
    "unfollow",
    "schema_field_create",
    "schema_field_update",
    "schema_field_delete",
    "work_schedule_update",
    "update_project_last_accessed_by_current_user",
  ]);
  expect(writes[0]).toMatchObject({
    entity: { type: "Version", id: 5 },
    given: { field: "sg_uploaded_movie", file: "frame.png" },
  });
  expect(writes.every(({ note }) => note === null)).toBe(true);
});

it("catches what clients of the plugin's own write, and shows no secret", async () => {
  const { scriptName, scriptKey, url } = sandbox;
  const { writes, said, daemon } = await dryRun(
    `const own = new Shotgun(${JSON.stringify(url)}, { scriptName: ${JSON.stringify(scriptName)}, scriptKey: ${JSON.stringify(scriptKey)} });
    await own.update("Shot", shot.id, { description: "the key is ${scriptKey}" });
    note((await own.findOne("Shot", [["id", "is", shot.id]], ["code"])).code);
    await own.close();`,
  );
  expect(said).toEqual(["sh010"]);
  expect(writes).toMatchObject([{ method: "update", fields: [{ after: "the key is ***" }] }]);
  expect(JSON.stringify(await daemon.replays.writes(1, { after: 0, limit: 9 }))).not.toContain(scriptKey);
});

it("begins each event with the site as it is, and catches what nobody knows", async () => {
  const { scriptName, scriptKey, url } = sandbox;
  const auth = JSON.stringify({ script_name: scriptName, script_key: scriptKey });
  const source = `import { oneWay } from ${JSON.stringify(new URL("../../../src/client/one-way.ts", import.meta.url).href)};
export function registerCallbacks(reg) {
  reg.registerCallback(${JSON.stringify(scriptName)}, ${JSON.stringify(scriptKey)}, async function onTask(sg, logger, event) {
    if (!event.replay) return logger.info("live");
    await sg.update("Shot", ${shot.id}, { code: "changed" });
    const made = await sg.create("Note", { subject: "x" });
    logger.info("made %d, had %j", made.id, await sg.findOne("Note", [["id", "is", made.id + 1]], []));
    const body = JSON.stringify({ method_name: "erase_everything", params: [${auth}, { type: "Shot" }] });
    const request = { url: "${url}/api3/json", method: "POST", headers: { "content-type": "application/json" }, body };
    const { status } = await oneWay().send(request, { timeoutMs: 5000 });
    logger.info("answered %d", status);
  }, { Shotgun_Task_Change: null });
}`;
  const { daemon, log } = await daemonWith({ "p.ts": source }, {}, sandbox);
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => log.lines.filter(({ message }) => message === "live").length === 2);
  const newest = await newestId();
  await daemon.replays.start(
    "p",
    { from: { eventId: first }, to: { eventId: last }, dryRun: true, keepGoing: false },
    WHO,
  );
  expect(await ended(daemon, 1)).toMatchObject({ state: "finished", counts: { matched: 2, writes: 6 } });
  expect(await newestId()).toBe(newest);
  const kept = await daemon.replays.writes<CaughtWrite>(1, { after: 0, limit: 9 });
  expect(kept.map(({ eventId, write }) => [eventId - first, write.method])).toEqual(
    [0, 1].flatMap((at) => ["update", "create", "erase_everything"].map((method) => [at, method])),
  );
  for (const { write } of kept.filter(({ write: { method } }) => method === "update"))
    expect(write.fields).toMatchObject([{ before: "sh010", after: "changed" }]);
  expect(kept.at(-1)!.write).toMatchObject({
    given: { type: "Shot" },
    note: expect.stringContaining("does not know"),
  });
  await log.line("made -1, had null");
  await log.line("made -2, had null");
  expect(log.lines.filter(({ message }) => message === "answered 200").length).toBe(2);
});
