import { describe, expect, test } from "vitest";
import { fieldList, NOW, type Row, SCRIPT, Studio } from "./studio.ts";
import { eventsOf, titles } from "./written.ts";

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

  test("the sentence names a file, and lists tags", () => {
    const studio = new Studio();
    const version = studio.make("Version", { code: "v1" });
    const movie = { url: "http://127.0.0.1/v1.mov", name: "v1.mov" };
    const before = studio.lastEvent;
    studio.update(version, { sg_uploaded_movie: movie, tag_list: ["hero", "night"] });
    expect(studio.events(before, ["description"]).map(({ description }) => description)).toEqual([
      'tester changed "Uploaded Movie" from "" to "v1.mov" on Version v1',
      'tester changed "Tags" from "" to "hero, night" on Version v1',
    ]);
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
