import { describe, expect, test } from "vitest";
import { link, type Row, refusal, Studio } from "./studio.ts";

interface Stream {
  earliest_update_id: number | null;
  latest_update_id: number | null;
  updates: (Row & { update_type: string; primary_entity: Row; meta: Record<string, unknown> })[];
}

function shotWithNote() {
  const studio = new Studio();
  const shot = studio.make("Shot", { code: "sh010" });
  const note = studio.make("Note", { content: "Test!", note_links: [link(shot)] });
  const stream = (more: object = {}, of: Row = shot) =>
    studio.call("activity_stream", {
      type: of.type,
      id: of.id,
      max_id: null,
      min_id: null,
      limit: null,
      entity_fields: {},
      ...more,
    }) as Stream;
  return { studio, shot, note, stream };
}

const kinds = ({ updates }: Stream) =>
  updates.map(({ update_type, primary_entity }) => `${update_type} ${primary_entity.type}`);

describe("activity_stream", () => {
  test("a shot and its note: two updates, the note first, no values at birth", () => {
    const { shot, note, stream } = shotWithNote();
    const found = stream();
    expect(found).toMatchObject({ entity_type: "Shot", entity_id: shot.id });
    expect(kinds(found)).toEqual(["create Note", "create Shot"]);
    const [first, second] = found.updates;
    expect(found.latest_update_id).toBe(first!.id);
    expect(found.earliest_update_id).toBe(second!.id);
    expect(second).toMatchObject({
      created_at: "2026-05-13 10:20:30 UTC",
      read: false,
      meta: { type: "new_entity", entity_type: "Shot", entity_id: shot.id },
      created_by: { type: "ApiUser", name: "tester", status: null, image: null },
    });
    expect(second!.primary_entity).toEqual({ type: "Shot", id: shot.id, name: "sh010", status: "wtg" });
    expect(first!.primary_entity.id).toBe(note.id);
  });

  test("limits: a number of updates, and ids that are left out themselves", () => {
    const { studio, shot, stream } = shotWithNote();
    studio.update(shot, { sg_status_list: "ip" });
    const ids = stream().updates.map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(stream({ limit: 1 }).updates.map(({ id }) => id)).toEqual([ids[0]]);
    expect(stream({ min_id: ids[2], max_id: ids[0] }).updates.map(({ id }) => id)).toEqual([ids[1]]);
    expect(stream({ min_id: ids[0] })).toMatchObject({
      earliest_update_id: null,
      latest_update_id: null,
      updates: [],
    });
    expect(refusal(() => stream({ limit: 0 }))).toContain(
      "103 API activity_stream() invalid integer 'limit'",
    );
  });

  test("extra fields by type", () => {
    const { shot, stream } = shotWithNote();
    const entity_fields = { Shot: ["created_by.ApiUser.firstname", "code"], Note: ["content"] };
    const [note, first] = stream({ entity_fields }).updates;
    expect(note!.primary_entity).toMatchObject({ content: "Test!" });
    expect(first!.primary_entity).toEqual({
      type: "Shot",
      id: shot.id,
      name: "sh010",
      status: "wtg",
      code: "sh010",
      "created_by.ApiUser.firstname": "tester",
    });
  });

  test("changes, replies and deletions; other entities stay out; a project's stream has all of its own", () => {
    const { studio, shot, note, stream } = shotWithNote();
    studio.make("Shot", { code: "sh020" });
    studio.create("Reply", { entity: link(note), content: "Done" });
    studio.update(note, { content: "Again" });
    studio.delete(note);
    expect(kinds(stream())).toEqual([
      "delete Note",
      "update Note",
      "create_reply Note",
      "create Note",
      "create Shot",
    ]);
    const project = kinds(stream({}, studio.project as Row));
    expect(project.filter((kind) => kind === "create Shot")).toHaveLength(2);
    expect(project.at(-1)).toBe("create Project");
    expect(shot.id).toBeGreaterThan(0);
  });

  test("a site restored from a backup has forgotten the updates too", () => {
    const { studio, shot, stream } = shotWithNote();
    const before = studio.lastEvent;
    studio.update(shot, { sg_status_list: "ip" });
    studio.site.events.restoreTo(before);
    expect(kinds(stream())).toEqual(["create Note", "create Shot"]);
    studio.update(shot, { description: "Wide" });
    expect(stream().updates[0]!.meta.attribute_name).toBe("description");
  });

  test("refuses an entity that never was", () => {
    const { stream } = shotWithNote();
    expect(refusal(() => stream({ id: 999 }))).toContain("104 API activity_stream() CRUD ERROR #3");
    expect(refusal(() => stream({ type: "Nope" }))).toContain("103 API activity_stream() invalid/missing");
    expect(refusal(() => stream({ entity_fields: { Shot: "code" } }))).toContain("'entity_fields'");
  });
});

describe("note_thread_contents", () => {
  test("the note, then replies and attachments in the order of creation", () => {
    const { studio, note } = shotWithNote();
    const at = (second: number) => `2026-05-13T11:00:0${second}Z`;
    const reply = (content: string, second: number) =>
      studio.create("Reply", { entity: link(note), content, created_at: at(second) });
    const [last, first] = [reply("Later", 3), reply("First", 1)];
    const file = studio.make("Attachment", {
      this_file: { url: "https://marrowlane.example/ref.png", name: "ref" },
      created_at: at(2),
    });
    studio.update(note, { attachments: [link(file)] });
    const thread = studio.call("note_thread_contents", {
      note_id: note.id,
      entity_fields: { Note: ["sg_note_type", "created_by.ApiUser.firstname"], Attachment: ["this_file"] },
    }) as Row[];
    expect(thread.map(({ type, id }) => [type, id])).toEqual([
      ["Note", note.id],
      ["Reply", first.id],
      ["Attachment", file.id],
      ["Reply", last.id],
    ]);
    const who = { type: "ApiUser", name: "tester", status: null, valid: "valid" };
    expect(thread[0]).toMatchObject({
      content: "Test!",
      created_at: "2026-05-13 10:20:30 UTC",
      created_by: who,
      "created_by.ApiUser.firstname": "tester",
    });
    expect(thread[1]).toMatchObject({ content: "First", user: { ...who, image: null } });
    expect(Object.keys(thread[1]!)).not.toContain("created_by");
    expect(thread[2]).toMatchObject({ this_file: { name: "ref" }, created_by: who });
    expect(Object.keys(thread[2]!)).not.toContain("content");
    studio.delete(note);
    expect(refusal(() => studio.call("note_thread_contents", { note_id: note.id }))).toContain(
      "CRUD ERROR #3",
    );
    expect(refusal(() => studio.call("note_thread_contents", { note_id: "1" }))).toContain("'note_id'");
  });
});
