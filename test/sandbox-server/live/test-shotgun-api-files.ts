/** TestShotgunApi: uploads, thumbnails and downloads. */
import { expect, test } from "vitest";
import { PNG } from "../forms.ts";
import type { PythonClient } from "./client.ts";
import type { Values } from "./query.ts";
import { liveClass, type Suite } from "./suite.ts";
import { setUp } from "./test-shotgun-api.ts";

const MOVIE = "sg_uploaded_movie";
const TAGS = "monkeys, everywhere, send, help";

export function testShotgunApiFiles(suite: () => Suite): void {
  liveClass("TestShotgunApi, files", suite, "script", (live) => {
    test("test_upload_download", async () => {
      await setUp(live);
      const { sg, version } = live;
      const send = (name: string) => sg.upload("Version", version.id, name, PNG, MOVIE, TAGS);
      const id = await send("sg_logo.jpg");
      expect(await sg.download(id)).toEqual(PNG);
      await expect(sg.download({ type: "Attachment", id: 99_999_999 })).rejects.toThrow("HTTP 400");
      const found = await sg.findOne("Version", [["id", "is", version.id]], [MOVIE]);
      const attachment = found![MOVIE] as Values;
      expect(attachment.id).toBe(id);
      expect(await sg.download(attachment)).toEqual(PNG);
      expect(await sg.download(Number(attachment.id))).toEqual(PNG);
      expect(await send("Noëlご.jpg")).toBeGreaterThan(id);
      // The name as bytes that are no text, which Python's older releases sent.
      expect(await send("NoÃ«lã\u0081\u0094.jpg")).toBeGreaterThan(id);
    });

    test("test_upload_thumbnail_in_create", async () => {
      const { sg, project } = live;
      const wanted = ["image", "project"];
      const first = await sg.create("Version", { project, code: "Version Code", image: PNG }, wanted);
      expect(first.project).toEqual(project);
      await showsTransient(sg, first.image);
      expect(await sg.delete("Version", first.id)).toBe(true);
      const data = { project, code: "Version Code", filmstrip_image: PNG };
      const second = await sg.create("Version", data, ["filmstrip_image"]);
      expect((await sg.download({ url: second.filmstrip_image })).length).toBeGreaterThan(0);
      expect(await sg.delete("Version", second.id)).toBe(true);
    });

    test.each(["Version", "Task"])("test_upload_thumbnail_for_%s", async (type) => {
      const { sg, version, task } = live;
      const { id } = type === "Task" ? task : version;
      expect(await sg.upload(type, id, "sg_logo.jpg", PNG, "thumb_image")).toBeGreaterThan(0);
      const row = await sg.findOne(type, [["id", "is", id]], ["image"]);
      expect(row).toMatchObject({ type, id });
      await showsTransient(sg, row!.image);
      const cleared = await sg.update("Version", version.id, { image: null });
      expect(cleared).toEqual({ type: "Version", id: version.id, image: null });
    });

    test("test_upload_thumbnail_with_upload_function", async () => {
      const { sg, version } = live;
      for (const field of ["image", "filmstrip_image"])
        expect(await sg.upload("Version", version.id, "sg_logo.jpg", PNG, field)).toBeGreaterThan(0);
    });

    test("test_linked_thumbnail_url", async () => {
      const { sg, project, version } = live;
      await sg.upload("Project", project.id, "sg_logo.jpg", PNG, "thumb_image");
      const fields = ["id", "code", "project.Project.image"];
      const [found] = await sg.find("Version", [["id", "is", version.id]], fields);
      expect(found).toMatchObject({ type: "Version", id: version.id, code: version.code });
      await showsTransient(sg, found!["project.Project.image"]);
    });
  });
}

/** A picture that is still made reads as a placeholder, which can be fetched. */
export async function showsTransient(sg: PythonClient, url: unknown): Promise<void> {
  expect(url).toContain("images/status/transient");
  const { status, headers } = await sg.get(String(url));
  expect(status).toBe(200);
  expect(headers["content-type"]).toMatch(/^image\/(png|jpeg)$/);
}
