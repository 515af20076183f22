import { describe, expect, test } from "vitest";
import { SiteFault } from "../../src/sandbox/site.ts";
import { type Fields, fieldList, link, NOW, type Row, Studio } from "./studio.ts";

/** `103 API create() …` */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SiteFault) return `${error.code} ${error.message}`;
    throw error;
  }
  return "no refusal";
}

describe("create", () => {
  test("replies with type, id and the fields asked for", () => {
    const studio = new Studio();
    expect(studio.make("Shot", { code: "sh010" }, ["code", "nope", "project.Project.name"])).toEqual({
      type: "Shot",
      id: 1,
      code: "sh010",
      "project.Project.name": "Marrow Lane",
    });
  });

  test("needs a project where the type has one", () => {
    const studio = new Studio();
    expect(refusal(() => studio.create("Shot", { code: "x" }))).toMatch(
      /^103 API create\(\) missing 'project' attribute: \{/,
    );
    expect(studio.create("Tag", { name: "x" }).id).toBeGreaterThan(0);
  });

  test("stamps, defaults and names come by themselves", () => {
    const studio = new Studio();
    const caller = { type: "ApiUser", id: 1, name: "tester" };
    const version = studio.make("Version", {}, [
      "code",
      "sg_status_list",
      "user",
      "created_by",
      "updated_by",
      "created_at",
      "updated_at",
      "flagged",
    ]);
    expect(version).toEqual({
      type: "Version",
      id: 1,
      code: "New Version 1",
      sg_status_list: "rev",
      user: caller,
      created_by: caller,
      updated_by: caller,
      created_at: NOW,
      updated_at: NOW,
      flagged: false,
    });
    expect(studio.make("Task", {}, ["content", "color", "duration"])).toMatchObject({
      content: "New Task 1",
      color: "pipeline_step",
      duration: null,
    });
    expect(studio.create("HumanUser", { login: "al", firstname: "Al", lastname: "Ode" }, ["name"]).name).toBe(
      "Al Ode",
    );
    expect(
      studio.create("HumanUser", { login: "bo", name: "Bo Lo Ma" }, ["firstname", "lastname"]),
    ).toMatchObject({ firstname: "Bo", lastname: "Lo Ma" });
  });

  test("a creation date may be given, on create only", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { created_at: "2016-05-03T04:50:30+01:00" }, ["created_at"]);
    expect(shot.created_at).toBe("2016-05-03T03:50:30Z");
    expect(refusal(() => studio.update(shot, { created_at: NOW }))).toMatch(
      /^103 API update\(\) Shot.created_at is editable on create only/,
    );
  });

  test("names that must be unique", () => {
    const studio = new Studio();
    expect(refusal(() => studio.create("Project", { name: "marrow lane" }))).toBe(
      "104 API create() CRUD ERROR #61: Create failed for [Project]. The value for the Project Name field is required to be unique. <br>",
    );
    studio.create("HumanUser", { login: "ann", name: "Ann" });
    expect(refusal(() => studio.create("HumanUser", { login: "ann", name: "Other" }))).toMatch(
      /^104 .*unique/,
    );
    const other = studio.create("Project", { name: "Other" });
    expect(refusal(() => studio.update(other, { name: "Marrow Lane" }))).toMatch(
      /^104 API update\(\) CRUD ERROR #51: Update failed for \[Project.name\]/,
    );
    expect(studio.update(other, { name: "Other" })).toMatchObject({ name: "Other" });
    expect(studio.update(other, { name: "OTHER" })).toMatchObject({ name: "OTHER" });
    studio.delete(other);
    expect(studio.create("Project", { name: "Other" }).id).toBeGreaterThan(other.id);
    expect([1, 2].map(() => studio.make("Shot", { code: "same" }).id)).toHaveLength(2);
  });
});

describe("values", () => {
  const studio = new Studio();
  const shot = studio.make("Shot");
  const task = studio.make("Task");
  const version = studio.make("Version");
  const note = studio.make("Note");
  const rows: Record<string, Row> = { shot, task, version, note };

  test.each<[keyof typeof rows, string, unknown, unknown]>([
    ["shot", "description", "  trimmed ", "trimmed"],
    ["shot", "description", "   ", null],
    ["shot", "description", "La Peña — ご 🚀 <b>", "La Peña — ご 🚀 <b>"],
    ["shot", "head_in", "42", 42],
    ["shot", "head_in", -2147483648, -2147483648],
    ["task", "duration", 90.7, 90],
    ["version", "sg_movie_aspect_ratio", "2.3900001", 2.39],
    ["version", "sg_movie_aspect_ratio", 2, 2],
    ["task", "due_date", "1968-10-13", "1968-10-13"],
    ["task", "color", "Red", "253,1,0"],
    ["task", "color", "pipeline_step", "pipeline_step"],
    ["task", "splits", { a: [1, null] }, { a: [1, null] }],
    ["shot", "tag_list", [" a", "b", "a"], ["a", "b"]],
    ["note", "sg_note_type", "Client", "Client"],
    ["note", "sg_note_type", "", null],
    ["shot", "image", null, null],
    ["task", "milestone", true, true],
  ])("%s.%s takes %j and keeps %j", (name, field, value, kept) => {
    const reply = studio.update(rows[name]!, { [field]: value });
    expect(reply).toEqual({ type: rows[name]!.type, id: rows[name]!.id, [field]: kept });
    expect(studio.get(rows[name]!, field)[field]).toEqual(kept);
  });

  test.each<[keyof typeof rows, string, unknown, RegExp]>([
    [
      "shot",
      "description",
      4,
      /^103 .*Shot.description expected \[String, NilClass\] data type\(s\) but got Integer: 4/,
    ],
    ["shot", "head_in", 1.5, /^103 .*expected \[Integer, NilClass\].*got Float/],
    ["shot", "head_in", true, /^103 .*got TrueClass/],
    [
      "shot",
      "head_in",
      2147483648,
      /^104 API update\(\) CRUD ERROR #6: Update failed for \[Shot.head_in\]: Value is not legal/,
    ],
    ["version", "sg_movie_aspect_ratio", 1e10, /^104 /],
    ["task", "due_date", "2026-02-30", /^103 .*invalid 'date' value/],
    ["task", "due_date", "2026-02-01T00:00:00Z", /^103 .*invalid 'date' value/],
    ["task", "milestone", null, /^103 .*expected \[TrueClass, FalseClass\].*got NilClass/],
    ["task", "color", null, /^104 .*Task.color/],
    ["task", "color", "256,0,0", /^104 /],
    ["shot", "sg_status_list", "IP", /^103 .*'IP' is not a valid list value/],
    ["note", "sg_note_type", "nope", /^103 .*'nope' is not a valid list value.*"Internal"/],
    ["shot", "assets", null, /^103 .*expected \[Array\] data type\(s\) but got NilClass/],
    ["shot", "assets", [{ type: "Asset", id: 999 }], /^104 .*Value is not legal/],
    ["shot", "sg_sequence", { type: "Shot", id: 1 }, /^104 .*Sequence expected, got Shot/],
    ["shot", "sg_sequence", { id: 1 }, /^103 .*invalid\/missing entity hash string 'type'/],
    ["shot", "sg_sequence", "x", /^103 .*expected \[Hash, NilClass\]/],
    ["shot", "project", null, /^104 /],
    ["shot", "code", "", /^104 .*Cannot set identifier field to empty. \(Shot\)/],
    ["shot", "image", "a.png", /^103 .*expected \[NilClass\]/],
    ["shot", "nope", 1, /^103 API update\(\) Shot.nope doesn't exist\.$/],
    ["shot", "id", 1, /^103 API update\(\) Shot.id is read only/],
    ["shot", "created_by", null, /^103 .*Shot.created_by is editable on create only/],
    ["task", "splits", "x", /^103 .*expected \[Hash, NilClass\]/],
  ])("%s.%s refuses %j", (name, field, value, message) => {
    expect(refusal(() => studio.update(rows[name]!, { [field]: value }))).toMatch(message);
  });

  test("a refused value leaves the others of its update unwritten", () => {
    refusal(() => studio.update(shot, { description: "half", head_in: "x" }));
    expect(studio.get(shot, "description").description).not.toBe("half");
  });

  test("cached_display_name takes a write and drops it", () => {
    studio.update(shot, { code: "sh010" });
    studio.update(shot, { cached_display_name: "other" });
    expect(studio.get(shot, "cached_display_name").cached_display_name).toBe("sh010");
    expect(studio.ids("Shot", [["cached_display_name", "is", "sh010"]])).toEqual([shot.id]);
  });

  test("secrets are masked, and work at once", () => {
    const person = studio.create("HumanUser", { login: "kim", name: "Kim", password_proxy: "pw of kim" }, [
      "password_proxy",
    ]);
    expect(person.password_proxy).toBe("*******");
    const as = (user_password: string) => () =>
      studio.site.call("schema_entity_read", [{ user_login: "kim", user_password }]);
    expect(as("pw of kim")).not.toThrow();
    expect(as("other")).toThrow("Can't authenticate user 'kim'.");
    expect(JSON.stringify(studio.find("EventLogEntry", [], ["meta", "description"]))).not.toContain(
      "pw of kim",
    );
  });
});

describe("update", () => {
  test("needs a live row", () => {
    const studio = new Studio();
    expect(refusal(() => studio.update({ type: "Shot", id: 7 }, {}))).toBe(
      "104 API update() CRUD ERROR #3: Entity of type [Shot] with id=7 does not exist.",
    );
    expect(refusal(() => studio.delete({ type: "Shot", id: 7 }))).toBe(
      "104 API delete() CRUD ERROR #3: Entity of type [Shot] with id=7 does not exist.",
    );
    const shot = studio.make("Shot");
    expect([studio.delete(shot), studio.delete(shot)]).toEqual([true, false]);
    expect(refusal(() => studio.update(shot, { code: "x" }))).toMatch(/^104 /);
    expect([studio.revive(shot), studio.revive(shot)]).toEqual([true, false]);
    expect(studio.find("Shot")).toEqual([{ type: "Shot", id: shot.id }]);
  });

  test("stamps who and when, only when something changed", () => {
    let now = NOW;
    const studio = new Studio({ now: () => new Date(now) });
    const shot = studio.make("Shot", { code: "sh010" });
    now = "2026-05-14T00:00:00Z";
    studio.update(shot, { code: "sh010" });
    expect(studio.get(shot, "updated_at").updated_at).toBe(NOW);
    studio.auth = { user_login: "jane", user_password: "secret of jane" };
    studio.update(shot, { code: "sh020" });
    expect(studio.get(shot, "updated_at", "updated_by")).toMatchObject({
      updated_at: now,
      updated_by: { type: "HumanUser", name: "Jane Doe" },
    });
  });

  test("multi-entity modes", () => {
    const studio = new Studio();
    const [a, b, c] = ["a", "b", "c"].map((code) => link(studio.make("Asset", { code })));
    const shot = studio.make("Shot", { assets: [a] });
    const names = (assets: unknown[], mode?: string) =>
      (studio.update(shot, { assets }, mode).assets as Row[]).map(({ name }) => name);
    expect(names([b, b], "add")).toEqual(["a", "b"]);
    expect(names([a], "remove")).toEqual(["b"]);
    expect(names([c, a])).toEqual(["a", "c"]);
    expect(names([], "set")).toEqual([]);
    expect(() => studio.update(shot, { assets: [a] }, "toggle")).toThrow(/multi_entity_update_mode/);
  });

  test.each<[string, string, string, string]>([
    ["Shot", "assets", "Asset", "shots"],
    ["Asset", "shots", "Shot", "assets"],
    ["Shot", "notes", "Note", "note_links"],
    ["Note", "note_links", "Asset", "notes"],
    ["Note", "note_links", "Camera", "notes"],
    ["Playlist", "versions", "Version", "playlists"],
    ["Task", "upstream_tasks", "Task", "downstream_tasks"],
    ["Asset", "parents", "Asset", "assets"],
    ["Shot", "shots", "Shot", "parent_shots"],
    ["Project", "users", "HumanUser", "projects"],
    ["Group", "users", "HumanUser", "groups"],
  ])("%s.%s is the same data as %s.%s", (type, field, otherType, otherField) => {
    const studio = new Studio();
    const make = (kind: string, at: number) => {
      if (kind === "HumanUser") return studio.create(kind, { login: `p${at}`, name: `P${at}` });
      if (kind === "Group" || kind === "Project")
        return studio.create(kind, { [kind === "Group" ? "code" : "name"]: `g${at}` });
      return studio.make(kind);
    };
    const [one, two] = [make(type, 1), make(otherType, 2)];
    const read = (row: Row, name: string) => (studio.get(row, name)[name] as Row[]).map(({ id }) => id);
    studio.update(one, { [field]: [link(two)] });
    expect(read(two, otherField)).toEqual([one.id]);
    expect(studio.ids(otherType, [[otherField, "is", link(one)]])).toEqual([two.id]);
    studio.update(two, { [otherField]: [] });
    expect(read(one, field)).toEqual([]);
  });

  test.each<[string, string, string, string]>([
    ["Task", "entity", "Shot", "tasks"],
    ["Task", "entity", "Camera", "tasks"],
    ["Shot", "sg_sequence", "Sequence", "shots"],
    ["Version", "entity", "Asset", "sg_versions"],
    ["Version", "entity", "Episode", "sg_versions"],
    ["CutItem", "cut", "Cut", "cut_items"],
    ["Shot", "sg_scene", "Scene", "shots"],
  ])("the single link %s.%s is the same data as the list %s.%s", (type, field, otherType, otherField) => {
    const studio = new Studio();
    const [one, two] = [studio.make(type), studio.make(otherType)];
    studio.update(one, { [field]: link(two) });
    expect(studio.get(two, otherField)[otherField]).toMatchObject([link(one)]);
    studio.update(two, { [otherField]: [] });
    expect(studio.get(one, field)[field]).toBeNull();
    studio.update(two, { [otherField]: [link(one)] });
    expect(studio.get(one, field)[field]).toMatchObject(link(two));
  });

  test("a playlist's order is a field of its connections, lost with the link", () => {
    const studio = new Studio();
    const version = studio.make("Version");
    const playlist = studio.make("Playlist", { versions: [version] });
    const connections = () =>
      studio.find(
        "PlaylistVersionConnection",
        [["playlist", "is", link(playlist)]],
        ["version", "sg_sort_order"],
      );
    const [first] = connections();
    expect(first).toMatchObject({ version: link(version), sg_sort_order: null });
    studio.update(first!, { sg_sort_order: 3 });
    studio.update(playlist, { versions: [] });
    expect(connections()).toEqual([]);
    studio.update(playlist, { versions: [link(version)] });
    expect(connections()).toMatchObject([{ sg_sort_order: null }]);
  });

  test("a note that lets its replies go destroys them", () => {
    const studio = new Studio();
    const note = studio.make("Note", { subject: "s" });
    const reply = studio.create("Reply", { content: "r", entity: note });
    expect(studio.get(note, "replies").replies).toMatchObject([link(reply)]);
    studio.update(note, { replies: [] });
    expect(studio.find("Reply", [], [], { return_only: "retired" })).toEqual([link(reply)]);
  });
});

describe("dates of a task", () => {
  const dates = (fields: Fields, ...updates: Fields[]) => {
    const studio = new Studio();
    const task = studio.make("Task", fields);
    for (const update of updates) studio.update(task, update);
    const { start_date, due_date, duration } = studio.get(task, "start_date", "due_date", "duration");
    return [start_date, due_date, duration];
  };

  test("one of the three follows the others, over weekends", () => {
    expect(dates({ due_date: "1968-10-13" })).toEqual([null, "1968-10-13", 480]);
    expect(dates({ start_date: "2026-05-14", due_date: "2026-05-19" })).toEqual([
      "2026-05-14",
      "2026-05-19",
      4 * 480,
    ]);
    expect(dates({ start_date: "2026-05-15", duration: 2 * 480 })).toEqual(["2026-05-15", "2026-05-18", 960]);
    expect(dates({ start_date: "2026-05-15", duration: 960 }, { duration: 480 })).toEqual([
      "2026-05-15",
      "2026-05-15",
      480,
    ]);
    expect(dates({ start_date: "2026-05-11", duration: 960 }, { start_date: "2026-05-15" })).toEqual([
      "2026-05-15",
      "2026-05-18",
      960,
    ]);
  });

  test("a due date alone does not undo a duration", () => {
    expect(dates({}, { duration: 100 }, { due_date: "2026-05-15" })).toEqual([null, "2026-05-15", 100]);
    expect(dates({ due_date: "2026-05-15" }, { duration: 100 })).toEqual([null, "2026-05-15", 100]);
  });
});

describe("files", () => {
  test("a web link", () => {
    const studio = new Studio();
    const version = studio.make("Version", {
      sg_uploaded_movie: { url: "http://apple.com/itunes", name: "Apple: iTunes" },
    });
    const movie = studio.get(version, "sg_uploaded_movie").sg_uploaded_movie as Fields;
    expect(movie).toEqual({
      type: "Attachment",
      id: expect.any(Number),
      url: "http://apple.com/itunes",
      name: "Apple: iTunes",
      content_type: null,
      link_type: "web",
    });
    expect(studio.ids("Attachment", [["id", "is", movie.id]])).toHaveLength(1);
  });

  test("a local file goes to the storage with the deepest root, for all platforms", () => {
    const studio = new Studio();
    studio.create("LocalStorage", { code: "all", linux_path: "/mnt", windows_path: "Z:\\" });
    const deep = studio.create("LocalStorage", {
      code: "deep",
      linux_path: "/mnt/proj",
      windows_path: "P:\\proj",
      mac_path: "/Volumes/proj",
    });
    const version = studio.make("Version", { sg_uploaded_movie: { local_path: "/mnt/proj/a/b.mov" } });
    expect(studio.get(version, "sg_uploaded_movie").sg_uploaded_movie).toMatchObject({
      link_type: "local",
      name: "b.mov",
      local_path_linux: "/mnt/proj/a/b.mov",
      local_path_windows: "P:\\proj\\a\\b.mov",
      local_path_mac: "/Volumes/proj/a/b.mov",
      relative_path: "a/b.mov",
      local_storage: { type: "LocalStorage", id: deep.id, name: "deep" },
    });
    expect(
      refusal(() => studio.make("Version", { sg_uploaded_movie: { local_path: "/else/b.mov" } })),
    ).toMatch(
      /^104 API create\(\) CRUD ERROR #6: Create failed for \[Attachment\]: Path \/else\/b.mov doesn't match any defined Local Storage/,
    );
    const relative = studio.make("PublishedFile", {
      path: { relative_path: "c.ma", local_storage: { type: "LocalStorage", name: "deep" } },
    });
    expect(studio.get(relative, "path").path).toMatchObject({ local_path_linux: "/mnt/proj/c.ma" });
  });
});

describe("batch", () => {
  test("results in request order, of their kinds", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    expect(
      studio.call("batch", [
        {
          request_type: "create",
          type: "Shot",
          fields: fieldList({ code: "sh020", project: studio.project }),
          return_fields: ["code"],
        },
        { request_type: "update", type: "Shot", id: shot.id, fields: fieldList({ head_in: 3 }) },
        { request_type: "delete", type: "Shot", id: shot.id },
      ]),
    ).toEqual([
      { type: "Shot", id: shot.id + 1, code: "sh020" },
      { type: "Shot", id: shot.id, head_in: 3 },
      true,
    ]);
    expect(studio.call("batch", [])).toEqual([]);
  });

  test("is refused as a whole when its shape is wrong", () => {
    const studio = new Studio();
    expect(refusal(() => studio.call("batch", {}))).toMatch(/^103 /);
    expect(refusal(() => studio.call("batch", [{ request_type: "read" }]))).toMatch(
      /^104 .*index 0 failed.*\n.*request_type/,
    );
  });

  test("rolled back, names are as before", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "before" });
    const task = studio.make("Task", { entity: shot });
    const rename = {
      request_type: "update",
      type: "Shot",
      id: shot.id,
      fields: fieldList({ code: "after" }),
    };
    refusal(() => studio.call("batch", [rename, { request_type: "delete", type: "Shot", id: 99 }]));
    expect(studio.get(task, "entity").entity).toEqual({ type: "Shot", id: shot.id, name: "before" });
  });
});
