/** TestUtc and TestDataTypes: one field of each type is written and read back. */
import { expect, test } from "vitest";
import type { Entity } from "./query.ts";
import { type Live, link, liveClass, type Suite } from "./suite.ts";
import { Float } from "./wire.ts";

/** The text that the client makes a datetime of. */
export const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

type Row = "human" | "task" | "version" | "note" | "shot";

export function testUtc(suite: () => Suite): void {
  liveClass("TestUtc", suite, "script", (live) => {
    test("test_convert_to_utc, test_no_convert_to_utc", async () => {
      for (const value of [new Date("2008-10-13T23:10:00Z"), new Date("2008-10-13T17:40:00.750Z")]) {
        await live.sg.update("HumanUser", live.human.id, { locked_until: value });
        expect(await read(live, live.human, "locked_until")).toBe(`${value.toISOString().slice(0, 19)}Z`);
      }
    });
  });
}

export function testDataTypes(suite: () => Suite): void {
  liveClass("TestDataTypes", suite, "script", (live) => {
    test.each<[string, Row, string, unknown[]]>([
      ["checkbox", "human", "email_notes", [false, true]],
      ["color", "task", "color", ["pipeline_step", "222,0,0"]],
      ["date", "task", "due_date", ["2008-05-08", "2008-05-11"]],
      ["duration", "task", "duration", [2100, 1300]],
      ["list", "note", "sg_note_type", ["Internal", "Client"]],
      ["number", "shot", "head_in", [2300, 1300, 0]],
      ["status_list", "task", "sg_status_list", ["wtg", "fin"]],
      ["tag_list", "task", "tag_list", [["a", "b"], ["c"]]],
      ["text", "note", "content", ["this content", "that content"]],
      ["text_html_entity", "note", "content", ["<", "<br> & &amp;"]],
    ])("test_set_%s", async (_name, row, field, values) => {
      for (const value of values) {
        const updated = await live.sg.update(live[row].type, live[row].id, { [field]: value });
        expect(updated).toEqual({ type: live[row].type, id: live[row].id, [field]: value });
        expect(await read(live, live[row], field)).toEqual(value);
      }
    });

    test("test_set_date_time", async () => {
      for (const value of ["2008-04-08T21:12:34Z", "2012-04-08T21:12:34Z"]) {
        await live.sg.update("HumanUser", live.human.id, { locked_until: new Date(value) });
        expect(await read(live, live.human, "locked_until")).toBe(value);
      }
    });

    test("test_set_entity", async () => {
      const { sg, task, asset, shot } = live;
      for (const target of [asset, shot]) {
        await sg.update("Task", task.id, { entity: target });
        expect(await read(live, task, "entity")).toEqual(link(target));
      }
      await sg.update("Task", task.id, { entity: asset });
    });

    test("test_set_float", async () => {
      for (const value of [2, 3.5]) {
        await live.sg.update("Version", live.version.id, { sg_movie_aspect_ratio: new Float(value) });
        expect(await read(live, live.version, "sg_movie_aspect_ratio")).toBe(value);
      }
    });

    test("test_set_multi_entity", async () => {
      const { sg, playlist, version } = live;
      const write = async (mode: string) => {
        const versions = [{ type: "Version", id: version.id }];
        await sg.update("Playlist", playlist.id, { versions }, { versions: mode });
        return ((await read(live, playlist, "versions")) as Entity[]).map(({ id }) => id);
      };
      expect(await write("set")).toEqual([version.id]);
      expect(await write("remove")).toEqual([]);
      expect(await write("add")).toEqual([version.id]);
      expect(await write("set")).toEqual([version.id]);
      await sg.update("Playlist", playlist.id, { versions: [] });
      expect(await read(live, playlist, "versions")).toEqual([]);
    });

    test("a due date and a duration do not undo each other", async () => {
      const { sg, task } = live;
      await sg.update("Task", task.id, { due_date: "2008-05-08" });
      await sg.update("Task", task.id, { duration: 2100 });
      expect(await read(live, task, "duration")).toBe(2100);
      await sg.update("Task", task.id, { due_date: "2008-05-11" });
      expect(await read(live, task, "due_date")).toBe("2008-05-11");
    });
  });
}

async function read(live: Live, { type, id }: Entity, field: string): Promise<unknown> {
  return (await live.sg.findOne(type, [["id", "is", id]], [field]))![field];
}
