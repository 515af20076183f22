/** What compiles with the types of a fresh site, and what it gives. Compiled by `schema-types.test.ts`, never run. */
import type { Callback, Event } from "callsheet";
import type { EntityRecord, Filter, FindOptions, Link, Shotgun } from "callsheet/client";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles when `Expected` is exactly the type of the value. */
declare function is<Expected>(): <Given>(value: Given, same: Same<Given, Expected>) => void;
declare const sg: Shotgun;
declare const event: Event;
declare const text: string;

type ShotStatus = "cbb" | "fin" | "hld" | "ip" | "omt" | "rdy" | "wtg";

const [shot] = await sg.find(
  "Shot",
  [["sg_status_list", "in", ["ip"]]],
  [
    "code",
    "sg_sequence.Sequence.code",
    "sg_status_list",
    "sg_sequence",
    "assets",
    "created_at",
    "sg_cut_in",
    "type",
  ],
);
is<"Shot">()(shot!.type, true);
is<number>()(shot!.id, true);
is<string | null>()(shot!.code, true);
is<string | null>()(shot!["sg_sequence.Sequence.code"], true);
is<ShotStatus | null>()(shot!.sg_status_list, true);
is<Link<"Sequence"> | null>()(shot!.sg_sequence, true);
is<Link<"Asset">[]>()(shot!.assets, true);
is<Date | null>()(shot!.created_at, true);
is<number | null>()(shot!.sg_cut_in, true);

const task = await sg.findOne(
  "Task",
  [["id", "is", 7]],
  ["due_date", "milestone", "entity.Shot.sg_sequence.Sequence.project"],
);
is<string | null | undefined>()(task?.due_date, true);
is<boolean | undefined>()(task?.milestone, true);
is<Link<"Project"> | null | undefined>()(task?.["entity.Shot.sg_sequence.Sequence.project"], true);

for await (const version of sg.findEach(
  "Version",
  [["sg_status_list", "is", "rev"]],
  ["sg_uploaded_movie"],
)) {
  is<string | undefined>()(version.sg_uploaded_movie?.url, true);
}

// Every form of a filter.
await sg.find("Task", []);
await sg.find(
  "Task",
  [
    ["project", "is", { type: "Project", id: 70 }],
    [
      "entity",
      "in",
      [
        { type: "Shot", id: 1 },
        { type: "Asset", id: 2, name: "chair" },
      ],
    ],
    ["entity", "is", null],
    ["entity", "type_is", "Shot"],
    ["entity", "name_contains", "sh"],
    ["task_assignees", "in", { type: "HumanUser", id: 1 }, { type: "Group", id: 2 }],
    ["created_at", "in_last", 4, "DAY"],
    ["created_at", "in_last", [4, "DAY"]],
    ["created_at", "greater_than", new Date()],
    ["due_date", "between", "2026-01-01", "2026-02-01"],
    ["due_date", "in_calendar_week", -1],
    ["milestone", "is_not", true],
    ["image", "is", null],
    ["id", "in", [1, 2]],
    ["entity.Shot.sg_sequence.Sequence.code", "starts_with", "sq"],
    ["task_assignees.HumanUser.login", "is", "ada"],
    ["$FROM$Version.sg_task.code", "is", "x"],
    { filterOperator: "any", filters: [["content", "is", "Anim"], { filter_operator: "all", filters: [] }] },
    { path: "anything", relation: "is", values: [1] },
  ],
  ["content"],
  { order: [{ field_name: "entity.Shot.code", direction: "desc" }, { column: "id" }], limit: 3 },
);

// What is only known when the program runs is trusted.
const built: Filter[] = [["code", "is", "a"]];
const lists = [["code", "is", "a"]];
const options: FindOptions = { order: [{ field_name: text }] };
is<EntityRecord[]>()(await sg.find("Shot", built, [text], options), true);
await sg.find("Shot", lists, ["code"]);
await sg.find("Shot", [
  [text, "is", "x"],
  ["project", "is", event.project],
  ["sg_status_list", "is", text],
]);
is<EntityRecord[]>()(await sg.find(event.entity!.type, [["nope", "contains", 1]], ["nope"]), true);
is<EntityRecord<{ code: string }>[]>()(
  await sg.find<{ code: string }>("Shot", [["nope", "is", 1]], ["nope"]),
  true,
);
async function all<Row>(type: string): Promise<EntityRecord<Row>[]> {
  return sg.find<Row>(type, [], ["nope"]);
}
await all("Shot");

// Writing.
const note = await sg.create(
  "Note",
  {
    project: event.project,
    note_links: [event.entity!, { type: "Shot", id: 1 }],
    content: "Looks good",
    created_at: new Date(),
    created_by: { type: "HumanUser", id: 1 },
  },
  ["content", "project.Project.name"],
);
is<string | null>()(note["project.Project.name"], true);
const updated = await sg.update(
  "Shot",
  862,
  { sg_status_list: "fin", assets: [{ type: "Asset", id: 1 }], sg_cut_in: null, image: "/tmp/thumb.png" },
  { multiEntityUpdateModes: { assets: "add" } },
);
is<ShotStatus | null | undefined>()(updated.sg_status_list, true);
await sg.create("EventLogEntry", { event_type: "My_Event", meta: { a: 1 }, entity: event.entity });
await sg.update(text, 1, { nope: 1 });
is<boolean>()(await sg.delete("Shot", 1), true);
await sg.revive(text, 1);
const [made, changed, gone] = await sg.batch([
  {
    request_type: "create",
    entity_type: "Shot",
    data: { code: "x", project: event.project },
    return_fields: ["code"],
  },
  { request_type: "update", entity_type: "Shot", entity_id: 1, data: { description: "" } },
  { request_type: "delete", entity_type: text, entity_id: 7 },
]);
is<string | null>()(made.code, true);
is<string | null | undefined>()(changed.description, true);
is<boolean>()(gone, true);

await sg.textSearch("x", { Shot: [["code", "contains", "a"]], Asset: [] }, { limit: 3 });
const searched: Record<string, Filter[]> = { [text]: [] };
await sg.textSearch("x", searched);
await sg.upload("Version", 1, "a.mov", "sg_uploaded_movie", { displayName: "a" });
await sg.upload("Version", 1, "a.mov");
await sg.upload("Shot", 1, "a.mov", null);
await sg.upload("Shot", 1, "a.png", "thumb_image");
await sg.upload(event.entity!.type, 1, "a.png", text);
await sg.upload("Version", 1, "a.mov", text);
await sg.activityStreamRead(text, 1);
await sg.schemaFieldRead("Shot", "code");

const { summaries } = await sg.summarize(
  "Task",
  [["project", "is", event.project]],
  [{ field: "id", type: "count" }],
  {
    grouping: [{ field: "entity.Shot.sg_sequence", type: "exact", direction: "asc" }],
  },
);
is<Record<string, unknown>>()(summaries, true);

/** A plugin's `sg` is the same. */
export const onTask: Callback = async (connection, logger, { entity }) => {
  const found = await connection.findOne("Task", [["id", "is", entity!.id]], ["sg_status_list"]);
  if (found?.sg_status_list === "fin") logger.info("done");
};
