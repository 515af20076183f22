/** TestFollow, TestActivityStream and TestTextSearch. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Batched } from "./client.ts";
import type { Entity, Filter, Values } from "./query.ts";
import { type Live, liveClass, type Suite } from "./suite.ts";

export function testFollow(suite: () => Suite): void {
  liveClass("TestFollow", suite, "script", (live) => {
    test("test_follow_unfollow, test_followers", async () => {
      const { sg, project } = live;
      await withEntities(live, ["HumanUser", "Shot"], async ([user, entity]) => {
        expect(await sg.rpc("follow", { user, entity })).toMatchObject({ followed: true });
        const followers = await sg.rpc<Entity[]>("followers", { entity });
        expect(followers.map(({ id }) => id)).toEqual([user!.id]);
        expect(await sg.rpc("unfollow", { user, entity })).toMatchObject({ unfollowed: true });
        expect(await sg.rpc("followers", { entity })).toEqual([]);
        expect(project.type).toBe("Project");
      });
    });

    test("test_following", async () => {
      const { sg, project } = live;
      await withEntities(live, ["HumanUser", "Shot", "Task"], async ([user, shot, task]) => {
        const types = async (more: Values = {}) =>
          (await sg.rpc<Entity[]>("following", { user, ...more })).map(({ type }) => type).sort();
        await sg.rpc("follow", { user, entity: shot });
        expect(await types()).toEqual(["Shot"]);
        await sg.rpc("follow", { user, entity: task });
        expect(await types()).toEqual(["Shot", "Task"]);
        expect(await types({ entity_type: "Task" })).toEqual(["Task"]);
        expect(await types({ entity_type: "Shot" })).toEqual(["Shot"]);
        const field = "project.Project.id";
        const row = await sg.findOne("Shot", [["id", "is", shot!.id]], [field]);
        expect(row![field]).toBe(project.id);
        const at = { project: { type: "Project", id: row![field] } };
        expect(await types(at)).toEqual(["Shot", "Task"]);
        expect(await types({ ...at, entity_type: "Task" })).toEqual(["Task"]);
        expect(await types({ project: { type: "Project", id: 1 } })).toEqual([]);
      });
    });
  });
}

/** Entities that have no name, deleted afterwards. */
async function withEntities(
  { sg, project }: Live,
  types: string[],
  use: (made: Entity[]) => Promise<void>,
): Promise<void> {
  const made: Entity[] = [];
  for (const type of types) {
    const data = type === "HumanUser" ? { sg_status_list: "dis", projects: [project] } : { project };
    made.push(await sg.create(type, data));
  }
  await use(made);
  for (const { type, id } of made) expect(await sg.delete(type, id)).toBe(true);
}

export function testActivityStream(suite: () => Suite): void {
  liveClass("TestActivityStream", suite, "script", (live) => {
    let shot: Entity;
    let note: Entity;

    beforeEach(async () => {
      const { sg, project } = live;
      const code = `${crypto.randomUUID()} activity stream test`;
      shot = await sg.create("Shot", { code, project });
      note = await sg.create("Note", { content: "Test!", project, note_links: [shot] });
      const flag = "created_by.ApiUser.generate_event_log_entries";
      const row = await sg.findOne("Shot", [["id", "is", shot.id]], [flag]);
      expect(row![flag]).not.toBe(false);
    });

    afterEach(async () => {
      await live.sg.batch([note, shot].map(deletion));
    });

    const read = (more: Values = {}) =>
      live.sg.rpc<Values & { updates: (Values & { primary_entity: Values })[] }>("activity_stream", {
        type: "Shot",
        id: shot.id,
        max_id: null,
        min_id: null,
        limit: null,
        entity_fields: {},
        ...more,
      });

    test("test_simple", async () => {
      const stream = await read();
      const keys = ["earliest_update_id", "entity_id", "entity_type", "latest_update_id", "updates"];
      expect(Object.keys(stream).sort()).toEqual(keys);
      expect(stream.updates).toHaveLength(2);
      expect(stream).toMatchObject({ entity_type: "Shot", entity_id: shot.id });
    });

    test("test_limit", async () => {
      const { updates } = await read({ limit: 1 });
      expect(updates).toHaveLength(1);
      expect(updates[0]).toMatchObject({ update_type: "create", meta: { entity_type: "Note" } });
    });

    test("test_extra_fields", async () => {
      const field = "created_by.HumanUser.image";
      const { updates } = await read({ entity_fields: { Shot: [field], Note: ["content"] } });
      const keys = updates.map(({ primary_entity }) => Object.keys(primary_entity).sort());
      expect(keys).toEqual([
        ["content", "id", "name", "status", "type"],
        [field, "id", "name", "status", "type"],
      ]);
    });
  });
}

export function testTextSearch(suite: () => Suite): void {
  liveClass("TestTextSearch", suite, "script", (live) => {
    let prefix = "";
    let made: Entity[] = [];

    beforeEach(async () => {
      prefix = crypto.randomUUID().replaceAll("-", "");
      const data = (at: number) => ({ code: `${prefix} Text Search ${at}`, project: live.project });
      const requests = [0, 1, 2, 3, 4].flatMap((at): Batched[] =>
        ["Shot", "Asset"].map((type) => ({ request_type: "create", type, data: data(at) })),
      );
      made = (await live.sg.batch(requests)) as Entity[];
    });

    afterEach(async () => {
      expect(await live.sg.batch(made.map(deletion))).toEqual(Array(10).fill(true));
    });

    const search = (types: Record<string, Filter[]>, limit?: number) =>
      live.sg.textSearch(`${prefix} Text Search`, types, limit);

    test("test_simple", async () => {
      const result = await search({ Shot: [], Asset: [] });
      expect(Object.keys(result).sort()).toEqual(["matches", "terms"]);
      expect(result.terms).toEqual([prefix, "text", "search"]);
      expect(result.matches).toHaveLength(10);
      const ids = new Set(made.map(({ type, id }) => `${type} ${id}`));
      for (const match of result.matches) {
        expect(ids.has(`${match.type} ${match.id}`)).toBe(true);
        expect(match).toMatchObject({ project_id: live.project.id, image: null });
      }
    });

    test("test_limit", async () => {
      expect((await search({ Shot: [] }, 3)).matches).toHaveLength(3);
    });

    test("test_entity_filter, test_complex_entity_filter", async () => {
      const ends = (...digits: number[]): Filter => ({
        filter_operator: "any",
        filters: digits.map((digit) => ["code", "ends_with", String(digit)]),
      });
      const names = async (types: Record<string, Filter[]>) =>
        (await search(types)).matches.map(({ type, name }) => `${type} ${String(name).at(-1)}`);
      expect(await names({ Shot: [["code", "ends_with", "3"]] })).toEqual(["Shot 3"]);
      const both = { Shot: [["code", "ends_with", "3"] as Filter], Asset: [ends(4)] };
      expect(await names(both)).toEqual(["Shot 3", "Asset 4"]);
      expect(await names({ ...both, Asset: [ends(3, 4)] })).toEqual(["Shot 3", "Asset 3", "Asset 4"]);
      expect(await names({ Asset: [ends(4)], Shot: both.Shot })).toEqual(["Asset 4", "Shot 3"]);
    });
  });
}

function deletion({ type, id }: Entity): Batched {
  return { request_type: "delete", type, id };
}
