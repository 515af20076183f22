import { describe, expect, test } from "vitest";
import { fieldList, link, NOW, type Row, SCRIPT, Studio } from "./studio.ts";

const AT = "2026-05-13 10:20:30 UTC";
const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

/** Runs `work` and returns the events it wrote. */
function eventsOf(studio: Studio, work: () => unknown): Row[] {
  const before = studio.lastEvent;
  work();
  return studio.events(before);
}

/** `Shotgun_Shot_Change code` */
function titles(events: Row[]): string[] {
  return events.map(
    ({ event_type, attribute_name }) => `${event_type}${attribute_name ? ` ${attribute_name}` : ""}`,
  );
}

/** A linked row as it stands in a meta. */
function inMeta(row: Row, name: string, status: string | null) {
  return { id: row.id, name, type: row.type, status, valid: "valid", uuid };
}

test("a created shot leaves New first, then a change for each field that has a value", () => {
  const studio = new Studio();
  let shot!: Row;
  const events = eventsOf(studio, () => {
    shot = studio.make("Shot", { code: "sh010", head_in: 0 });
  });
  const ids = { entity_type: "Shot", entity_id: shot.id };
  const change = { type: "attribute_change", ...ids, old_value: null, in_create: true };
  const entity = { type: "Shot", id: shot.id, name: "sh010" };
  expect(
    events.map(({ meta, event_type, attribute_name, entity: of }) => ({
      meta,
      event_type,
      attribute_name,
      of,
    })),
  ).toEqual([
    {
      event_type: "Shotgun_Shot_New",
      attribute_name: null,
      of: entity,
      meta: { type: "new_entity", ...ids },
    },
    {
      event_type: "Shotgun_Shot_Change",
      attribute_name: "code",
      of: entity,
      meta: { ...change, attribute_name: "code", field_data_type: "text", new_value: "sh010" },
    },
    {
      event_type: "Shotgun_Shot_Change",
      attribute_name: "head_in",
      of: entity,
      meta: { ...change, attribute_name: "head_in", field_data_type: "number", new_value: 0 },
    },
    {
      event_type: "Shotgun_Shot_Change",
      attribute_name: "sg_status_list",
      of: entity,
      meta: { ...change, attribute_name: "sg_status_list", field_data_type: "status_list", new_value: "wtg" },
    },
  ]);
});

test("the other columns: who, where, when, why", () => {
  const studio = new Studio();
  studio.auth = { ...SCRIPT, session_uuid: "0f0e" };
  const before = studio.lastEvent;
  studio.make("Shot", { code: "sh010" });
  const [event] = studio.events(before, [
    "user",
    "project",
    "created_at",
    "session_uuid",
    "description",
    "cached_display_name",
  ]);
  expect(event).toEqual({
    type: "EventLogEntry",
    id: before + 1,
    user: { type: "ApiUser", id: 1, name: "tester" },
    project: { ...studio.project, name: "Marrow Lane" },
    created_at: NOW,
    session_uuid: "0f0e",
    description: "tester created new Shot sh010",
    cached_display_name: "tester created new Shot sh010",
  });
});

test("a site-wide type has no project; a project's events are its own", () => {
  const studio = new Studio();
  const before = studio.lastEvent;
  studio.create("HumanUser", { name: "Ann Lee", login: "ann" });
  const person = studio.events(before, ["project"]);
  expect(new Set(person.map(({ project }) => project))).toEqual(new Set([null]));
  const [first] = studio.find("EventLogEntry", [["event_type", "is", "Shotgun_Project_New"]], ["project"]);
  expect(first!.project).toEqual({ ...studio.project, name: "Marrow Lane" });
});

describe("update", () => {
  test("one row for each field that really changed, in the order written", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010", head_in: 5 });
    const events = eventsOf(studio, () =>
      studio.update(shot, { sg_status_list: "ip", head_in: 5, code: "sh020" }),
    );
    expect(titles(events)).toEqual(["Shotgun_Shot_Change sg_status_list", "Shotgun_Shot_Change code"]);
    expect(events[0]!.meta).toEqual({
      type: "attribute_change",
      attribute_name: "sg_status_list",
      entity_type: "Shot",
      entity_id: shot.id,
      field_data_type: "status_list",
      old_value: "wtg",
      new_value: "ip",
    });
  });

  test("nothing changed, nothing written", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    expect(eventsOf(studio, () => studio.update(shot, { code: " sh010 ", sg_status_list: "wtg" }))).toEqual(
      [],
    );
    expect(eventsOf(studio, () => studio.update(shot, { description: "" }))).toEqual([]);
  });

  test.each<[string, string, string, unknown, unknown]>([
    ["checkbox", "Task", "milestone", true, true],
    ["date", "Task", "start_date", "2026-02-03", "2026-02-03"],
    ["date_time", "HumanUser", "locked_until", "2015-07-13T21:54:01Z", "2015-07-13 21:54:01 UTC"],
    ["float", "Version", "sg_movie_aspect_ratio", 2.39, 2.39],
    ["percent", "Note", "content", "text", "text"],
    ["list", "Note", "sg_note_type", "Internal", "Internal"],
    ["color", "Task", "color", "1,2,3", "1,2,3"],
  ])("%s as new value", (_name, type, field, value, shown) => {
    const studio = new Studio();
    const row = type === "HumanUser" ? studio.create(type, { name: "Ann", login: "ann" }) : studio.make(type);
    const [event] = eventsOf(studio, () => studio.update(row, { [field]: value }));
    expect(event!.meta).toMatchObject({ attribute_name: field, new_value: shown });
  });

  test("a link to a retired row counts as empty: clearing it changes nothing", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    const task = studio.make("Task", { entity: shot });
    studio.delete(shot);
    expect(eventsOf(studio, () => studio.update(task, { entity: null }))).toEqual([]);
  });

  test("the rows of a batch come in the order of its requests", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    const events = eventsOf(studio, () =>
      studio.call("batch", [
        { request_type: "update", type: "Shot", id: shot.id, fields: fieldList({ head_in: 1 }) },
        { request_type: "update", type: "Shot", id: shot.id, fields: fieldList({ head_in: 2 }) },
        { request_type: "delete", type: "Shot", id: shot.id },
      ]),
    );
    expect(titles(events)).toEqual([
      "Shotgun_Shot_Change head_in",
      "Shotgun_Shot_Change head_in",
      "Shotgun_Shot_Change retirement_date",
      "Shotgun_Shot_Retirement",
    ]);
  });
});

describe("links", () => {
  test("a single link: old and new, and a row on each entity that lists it", () => {
    const studio = new Studio();
    const [one, two] = ["sh010", "sh020"].map((code) => studio.make("Shot", { code })) as [Row, Row];
    const task = studio.make("Task", { content: "Comp", entity: one });
    const before = studio.lastEvent;
    const events = eventsOf(studio, () => studio.update(task, { entity: link(two) }));
    expect(titles(events)).toEqual([
      "Shotgun_Task_Change entity",
      "Shotgun_Shot_Change tasks",
      "Shotgun_Shot_Change tasks",
    ]);
    expect(events[0]!.meta).toMatchObject({
      field_data_type: "entity",
      old_value: inMeta(one, "sh010", "wtg"),
      new_value: inMeta(two, "sh020", "wtg"),
    });
    const back = {
      type: "attribute_change",
      attribute_name: "tasks",
      entity_type: "Task",
      entity_id: task.id,
      field_data_type: "entity",
      actual_attribute_changed: "Task.entity",
      original_event_log_entry_id: before + 1,
    };
    const self = [inMeta(task, "Comp", "wtg")];
    expect(events[1]).toMatchObject({
      entity: { id: one.id, name: "sh010" },
      meta: { ...back, added: [], removed: self },
    });
    expect(events[2]).toMatchObject({
      entity: { id: two.id, name: "sh020" },
      meta: { ...back, added: self, removed: [] },
    });
    expect(Object.keys(events[2]!.meta as object)).not.toContain("in_create");
  });

  test("a link at birth: in_create on both rows", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    const events = eventsOf(studio, () => studio.make("Task", { content: "Comp", entity: shot }));
    expect(titles(events)).toEqual([
      "Shotgun_Task_New",
      "Shotgun_Task_Change color",
      "Shotgun_Task_Change content",
      "Shotgun_Task_Change entity",
      "Shotgun_Shot_Change tasks",
      "Shotgun_Task_Change sg_status_list",
    ]);
    expect(events[4]!.meta).toMatchObject({ in_create: true, original_event_log_entry_id: events[3]!.id });
  });

  test("a list of links: added and removed, no values", () => {
    const studio = new Studio();
    const [a, b] = ["A", "B"].map((code) => studio.make("Asset", { code })) as [Row, Row];
    const shot = studio.make("Shot", { code: "sh010", assets: [a] });
    const events = eventsOf(studio, () => studio.update(shot, { assets: [link(b)] }));
    expect(titles(events)).toEqual([
      "Shotgun_Shot_Change assets",
      "Shotgun_Asset_Change shots",
      "Shotgun_Asset_Change shots",
    ]);
    expect(events[0]!.meta).toEqual({
      type: "attribute_change",
      attribute_name: "assets",
      entity_type: "Shot",
      entity_id: shot.id,
      field_data_type: "multi_entity",
      added: [inMeta(b, "B", "wtg")],
      removed: [inMeta(a, "A", "wtg")],
    });
    expect(events[1]).toMatchObject({
      entity: { id: a.id },
      meta: { entity_type: "Shot", removed: [{ id: shot.id }] },
    });
    expect(events[2]).toMatchObject({
      entity: { id: b.id },
      meta: { entity_type: "Shot", added: [{ id: shot.id }] },
    });
  });

  test("a task that another shot takes over leaves a row on the shot that lost it", () => {
    const studio = new Studio();
    const [one, two] = ["sh010", "sh020"].map((code) => studio.make("Shot", { code })) as [Row, Row];
    const task = studio.make("Task", { content: "Comp", entity: one });
    const events = eventsOf(studio, () => studio.update(two, { tasks: [link(task)] }));
    expect(events.map((event) => [event.attribute_name, (event.entity as Row).id])).toEqual([
      ["tasks", one.id],
      ["tasks", two.id],
      ["entity", task.id],
    ]);
    expect(studio.get(one, "tasks").tasks).toEqual([]);
  });

  test("a dependency between tasks is a row of its own", () => {
    const studio = new Studio();
    const [first, second] = ["Layout", "Anim"].map((content) => studio.make("Task", { content })) as [
      Row,
      Row,
    ];
    const events = eventsOf(studio, () => studio.update(second, { upstream_tasks: [link(first)] }));
    expect(titles(events).sort()).toEqual(
      [
        "Shotgun_TaskDependency_Change dependency_type",
        "Shotgun_TaskDependency_Change dependent_task",
        "Shotgun_TaskDependency_Change task",
        "Shotgun_TaskDependency_New",
        "Shotgun_Task_Change downstream_tasks",
        "Shotgun_Task_Change upstream_tasks",
      ].filter((title) => !title.endsWith("dependency_type")),
    );
    const filters: [string, string, number][] = [
      ["dependent_task_id", "is", first.id],
      ["task_id", "is", second.id],
    ];
    expect(studio.find("TaskDependency", filters, ["dependency_type"])).toMatchObject([
      { dependency_type: "finish-to-start-next-day" },
    ]);
  });
});

describe("retirement", () => {
  test("the rows, and the entity that goes null in all that came before", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    const before = studio.lastEvent;
    const events = eventsOf(studio, () => studio.delete(shot));
    expect(
      events.map(({ event_type, attribute_name, meta, entity }) => ({
        event_type,
        attribute_name,
        meta,
        entity,
      })),
    ).toEqual([
      {
        event_type: "Shotgun_Shot_Change",
        attribute_name: "retirement_date",
        entity: null,
        meta: {
          type: "attribute_change",
          attribute_name: "retirement_date",
          entity_type: "Shot",
          entity_id: shot.id,
          old_value: null,
          new_value: AT,
        },
      },
      {
        event_type: "Shotgun_Shot_Retirement",
        attribute_name: null,
        entity: null,
        meta: {
          type: "entity_retirement",
          class_name: "Shot",
          display_name: "sh010",
          entity_id: shot.id,
          entity_type: "Shot",
          id: shot.id,
          retirement_date: AT,
        },
      },
    ]);
    const older = studio.find(
      "EventLogEntry",
      [
        ["id", "less_than", before + 1],
        ["event_type", "starts_with", "Shotgun_Shot"],
      ],
      ["entity"],
    );
    expect(older.map(({ entity }) => entity)).toEqual([null, null, null]);
    expect(studio.ids("EventLogEntry", [["entity", "is", link(shot)]])).toEqual([]);
    const revived = eventsOf(studio, () => studio.revive(shot));
    expect(revived.map(({ event_type, meta }) => ({ event_type, meta }))).toEqual([
      {
        event_type: "Shotgun_Shot_Revival",
        meta: {
          type: "entity_revival",
          class_name: "Shot",
          display_name: "sh010",
          entity_id: shot.id,
          entity_type: "Shot",
          id: shot.id,
        },
      },
      {
        event_type: "Shotgun_Shot_Change",
        meta: {
          type: "attribute_change",
          attribute_name: "retirement_date",
          entity_type: "Shot",
          entity_id: shot.id,
          old_value: AT,
          new_value: null,
        },
      },
    ]);
    expect(studio.ids("EventLogEntry", [["entity", "is", link(shot)]])).toHaveLength(7);
  });

  test("a shot takes its versions along, and brings them back", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    const version = studio.make("Version", { code: "v1", entity: shot });
    const gone = studio.make("Version", { code: "v0", entity: shot });
    studio.delete(gone);
    const events = eventsOf(studio, () => studio.delete(shot));
    expect(titles(events)).toContain("Shotgun_Version_Retirement");
    expect(studio.ids("Version", [])).toEqual([]);
    expect(eventsOf(studio, () => studio.revive(shot)).map(({ event_type }) => event_type)).toContain(
      "Shotgun_Version_Revival",
    );
    expect(studio.ids("Version", [])).toEqual([version.id]);
  });

  test("a task takes its dependencies along; links to it read as null until it is back", () => {
    const studio = new Studio();
    const [first, second] = ["Layout", "Anim"].map((content) => studio.make("Task", { content })) as [
      Row,
      Row,
    ];
    studio.update(second, { upstream_tasks: [link(first)] });
    const version = studio.make("Version", { sg_task: first });
    studio.delete(first);
    expect(studio.find("TaskDependency")).toEqual([]);
    expect(studio.get(second, "upstream_tasks").upstream_tasks).toEqual([]);
    expect(studio.get(version, "sg_task").sg_task).toBeNull();
    expect(studio.ids("Version", [["sg_task", "is", null]])).toEqual([version.id]);
    studio.revive(first);
    expect(studio.get(second, "upstream_tasks").upstream_tasks).toHaveLength(1);
    expect(studio.get(version, "sg_task").sg_task).toMatchObject({ id: first.id });
  });
});

describe("who writes events", () => {
  test("a script without generate_event_log_entries leaves none, unless it acts for a person", () => {
    const studio = new Studio();
    studio.update({ type: "ApiUser", id: 1 }, { generate_event_log_entries: false });
    expect(eventsOf(studio, () => studio.make("Shot", { code: "quiet" }))).toEqual([]);
    studio.auth = { ...SCRIPT, sudo_as_login: "jane" };
    const before = studio.lastEvent;
    const shot = studio.make("Shot", { code: "loud" }, ["created_by"]);
    expect(shot.created_by).toMatchObject({ type: "HumanUser", name: "Jane Doe" });
    const [event] = studio.events(before, ["user", "meta"]);
    expect(event).toMatchObject({
      user: { type: "HumanUser", name: "Jane Doe" },
      meta: { type: "new_entity", sudo_actual_user: { type: "ApiUser", id: 1 } },
    });
  });

  test("a tool's own row is taken as it is, and stays", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    const before = studio.lastEvent;
    const event = studio.make("EventLogEntry", {
      event_type: "Toolkit_App_Startup",
      meta: { a: [1] },
      entity: shot,
    });
    expect(event.id).toBe(before + 1);
    expect(studio.get(event, "event_type", "description", "meta", "entity", "user")).toEqual({
      type: "EventLogEntry",
      id: event.id,
      event_type: "Toolkit_App_Startup",
      description: "New Event",
      meta: { a: [1] },
      entity: { type: "Shot", id: shot.id, name: "sh010" },
      user: null,
    });
    expect(studio.lastEvent).toBe(before + 1);
    expect(() => studio.update(event, { description: "x" })).toThrow(/PermissionRule|create only/);
    expect(() => studio.delete(event)).toThrow(/can not be deleted by this user. Rule:/);
  });
});
