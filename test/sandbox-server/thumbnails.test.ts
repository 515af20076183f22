import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { openSandbox } from "../../src/sandbox/open.ts";
import { create, events, find, form, get, idIn, PNG, results, type SentFile } from "./forms.ts";
import { sandboxForTest } from "./wire.ts";

const THUMB: SentFile = { field: "thumb_image", name: "thumb.png", type: "image/png", bytes: PNG };
const LATER = { thumbnailMs: 3_600_000 };

interface Ref {
  type: string;
  id: number;
}

async function withVersion(sandbox: Sandbox) {
  const project = await create(sandbox, "Project", { name: "Marrow Lane" });
  return { project, version: await create(sandbox, "Version", { project, code: "v001" }) };
}

async function publish(sandbox: Sandbox, { type, id }: Ref, more = {}): Promise<number> {
  return idIn(
    await form(sandbox, "publish_thumbnail", { entity_type: type, entity_id: String(id), ...more }, THUMB),
  );
}

async function images(sandbox: Sandbox, { type, id }: Ref) {
  const [row] = await find(
    sandbox,
    type,
    [["id", "is", id]],
    ["image", "filmstrip_image", "image_source_entity"],
  );
  return row as { image: string | null; filmstrip_image: string | null; image_source_entity: Ref | null };
}

test("is transient first and final then; both can be fetched and both are told", async () => {
  const sandbox = await sandboxForTest(LATER);
  const { version } = await withVersion(sandbox);
  const before = sandbox.site.events.newestId;
  const id = await publish(sandbox, version);
  const transient = (await images(sandbox, version)).image!;
  expect(transient).toBe(`${sandbox.url}/images/status/transient/thumbnail_pending.png`);
  expect(await get(transient)).toMatchObject({ status: 200, headers: { "content-type": "image/png" } });
  sandbox.site.files.settleThumbnails();
  const final = (await images(sandbox, version)).image!;
  expect(final).not.toContain("transient");
  const reply = await get(final);
  expect(reply).toMatchObject({ status: 200, headers: { "content-type": "image/png" } });
  expect(reply.bytes.equals(PNG)).toBe(true);
  const meta = {
    type: "attribute_change",
    attribute_name: "image",
    entity_type: "Version",
    entity_id: version.id,
    field_data_type: "image",
  };
  expect(await events(sandbox, before)).toMatchObject([
    {
      event_type: "Shotgun_Version_Change",
      attribute_name: "image",
      meta: { ...meta, old_value: null, new_value: null, is_transient: true },
    },
    {
      event_type: "Shotgun_Version_Change",
      attribute_name: "image",
      meta: { ...meta, old_value: null, new_value: id, is_transient: false },
    },
  ]);
});

test("becomes final by itself", async () => {
  const sandbox = await sandboxForTest({ thumbnailMs: 1 });
  const { version } = await withVersion(sandbox);
  const before = sandbox.site.events.newestId;
  await publish(sandbox, version);
  await expect.poll(async () => (await events(sandbox, before)).length, { timeout: 20_000 }).toBe(2);
  expect((await images(sandbox, version)).image).toContain("/images/thumbnails/");
});

test("the control endpoint ends the waiting, for tests in any language", async () => {
  const sandbox = await sandboxForTest(LATER);
  const { version } = await withVersion(sandbox);
  await publish(sandbox, version);
  const headers = { authorization: `Bearer ${sandbox.scriptKey}` };
  await fetch(`${sandbox.url}/sandbox/control`, {
    method: "POST",
    headers,
    body: `{"do": "settle_thumbnails"}`,
  });
  expect((await images(sandbox, version)).image).toContain("/images/thumbnails/");
});

test("those of an earlier run are final when the site is opened again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-thumbnails-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const options = { storage: join(folder, "site.db"), scripts: [{ name: "s", key: "k" }], ...LATER };
  const first = await openSandbox(options);
  const { version } = await withVersion(first);
  await publish(first, version);
  await first.close();
  const second = await sandboxForTest(options);
  const { image } = await images(second, version);
  expect(image).toMatch(new RegExp(`^${second.url}/images/thumbnails/`));
  expect((await get(image!)).bytes.equals(PNG)).toBe(true);
});

test("a film strip is a field of its own, and the upload form takes both fields", async () => {
  const sandbox = await sandboxForTest(LATER);
  const { version } = await withVersion(sandbox);
  await publish(sandbox, version, { filmstrip: "True" });
  expect(await images(sandbox, version)).toMatchObject({
    image: null,
    filmstrip_image: expect.stringContaining("transient"),
  });
  const at = { entity_type: "Version", entity_id: String(version.id), field_name: "image" };
  idIn(await form(sandbox, "upload_file", at, { ...THUMB, field: "file" }));
  expect((await images(sandbox, version)).image).toContain("transient");
});

test("null clears the image and the film strip; a waiting thumbnail stays away", async () => {
  const sandbox = await sandboxForTest(LATER);
  const { version } = await withVersion(sandbox);
  await publish(sandbox, version);
  await publish(sandbox, version, { filmstrip: "True" });
  const cleared = await results(sandbox, "update", {
    ...version,
    fields: [{ field_name: "image", value: null }],
  });
  expect(cleared).toEqual({ type: "Version", id: version.id, image: null });
  sandbox.site.files.settleThumbnails();
  expect(await images(sandbox, version)).toMatchObject({ image: null, filmstrip_image: null });
  const [empty] = await find(sandbox, "Version", [["image", "is", null]], []);
  expect(empty).toMatchObject(version);
});

test("the latest of two uploads wins", async () => {
  const sandbox = await sandboxForTest(LATER);
  const { version } = await withVersion(sandbox);
  await publish(sandbox, version);
  const second = await publish(sandbox, version);
  sandbox.site.files.settleThumbnails();
  expect((await images(sandbox, version)).image).toBe(`${sandbox.url}/images/thumbnails/${second}`);
});

test("is seen over a link", async () => {
  const sandbox = await sandboxForTest(LATER);
  const { project, version } = await withVersion(sandbox);
  await publish(sandbox, project);
  const [row] = await find(sandbox, "Version", [["id", "is", version.id]], ["project.Project.image"]);
  expect(row!["project.Project.image"]).toContain("images/status/transient");
});

test("sharing waits for the source, then gives its image to all others", async () => {
  const sandbox = await sandboxForTest(LATER);
  const { project, version: source } = await withVersion(sandbox);
  const others = await Promise.all(
    [1, 2].map((n) => create(sandbox, "Version", { project, code: `other ${n}` })),
  );
  const fields = {
    entities: others.map(({ id }) => `Version_${id}`).join(","),
    source_entity: `Version_${source.id}`,
    filmstrip_thumbnail: "False",
  };
  expect(await form(sandbox, "share_thumbnail", fields)).toBe("1:\n");
  const id = await publish(sandbox, source);
  expect(await form(sandbox, "share_thumbnail", fields)).toBe(
    "2\nsource_entity image is a transient thumbnail that cannot be shared.\n",
  );
  sandbox.site.files.settleThumbnails();
  const before = sandbox.site.events.newestId;
  expect(await form(sandbox, "share_thumbnail", fields)).toBe(`1:${id}\n`);
  const { image } = await images(sandbox, source);
  for (const other of others)
    expect(await images(sandbox, other)).toMatchObject({
      image,
      image_source_entity: { type: "Version", id: source.id },
    });
  expect(await events(sandbox, before)).toMatchObject([
    { attribute_name: "image", meta: { new_value: id, is_transient: false } },
    { attribute_name: "image", meta: { new_value: id, is_transient: false } },
  ]);
});

test("sharing with nonsense is refused", async () => {
  const sandbox = await sandboxForTest();
  const { version } = await withVersion(sandbox);
  const source_entity = `Version_${version.id}`;
  for (const fields of [
    { source_entity },
    { entities: "Version_1" },
    { entities: "Version", source_entity },
    { entities: "Version_99999", source_entity },
    { entities: "Nope_1", source_entity },
    { entities: "EventLogEntry_1", source_entity },
  ] as Record<string, string>[])
    expect(await form(sandbox, "share_thumbnail", fields)).toMatch(/^0\nAPI share_thumbnail\(\) /);
});
