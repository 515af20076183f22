import { describe, expect, test } from "vitest";
import { link, NOW, type Row, refusal, Studio } from "./studio.ts";

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
