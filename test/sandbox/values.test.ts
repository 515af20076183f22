import { describe, expect, test } from "vitest";
import { type Fields, type Row, refusal, Studio } from "./studio.ts";

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
