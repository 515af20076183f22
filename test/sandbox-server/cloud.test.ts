import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { create, find, form, get, idIn, PNG, results } from "./forms.ts";
import { sandboxForTest, send } from "./wire.ts";

const BYTES = Buffer.from("not really a movie");

async function version(sandbox: Sandbox) {
  const project = await create(sandbox, "Project", { name: "Marrow Lane" });
  const { id } = await create(sandbox, "Version", { project, code: "v001" });
  return { entity_type: "Version", entity_id: String(id) };
}

interface LinkInfo {
  text: string;
  url: string;
  timestamp: string;
  type: string;
  upload_id: string;
}

async function linkInfo(
  sandbox: Sandbox,
  upload_type: string,
  filename: string,
  parts = false,
): Promise<LinkInfo> {
  const multipart_upload = parts ? "True" : "False";
  const text = await form(sandbox, "api_get_upload_link_info", { upload_type, filename, multipart_upload });
  const [ok, url = "", timestamp = "", type = "", upload_id = ""] = text.split("\n");
  expect(ok).toBe("1");
  return { text, url, timestamp, type, upload_id };
}

function put(url: string, body: Buffer, type = "video/quicktime") {
  return send(url, { method: "PUT", headers: { "content-type": type }, body });
}

test("info says where files go", async () => {
  const info = async (uploads: "direct" | "cloud") => {
    const sandbox = await sandboxForTest({ uploads });
    return sandbox.site.call("info", []);
  };
  expect(await info("direct")).toMatchObject({ s3_direct_uploads_enabled: false });
  expect(await info("cloud")).toMatchObject({
    s3_direct_uploads_enabled: true,
    s3_enabled_upload_types: { "*": ["*"] },
  });
});

test("a running sandbox is switched, also from another process", async () => {
  const sandbox = await sandboxForTest();
  const control = async (body: object) => {
    const headers = { authorization: `Bearer ${sandbox.scriptKey}` };
    const { status, text } = await send(`${sandbox.url}/sandbox/control`, {
      headers,
      body: JSON.stringify(body),
    });
    return { status, ...JSON.parse(text) };
  };
  const changed = { uploads: "cloud", authentication: "saml2", thumbnail_ms: 5 };
  expect(await control({ do: "settings", ...changed })).toEqual({ status: 200, ...changed });
  expect(sandbox.site.call("info", [])).toMatchObject({
    s3_direct_uploads_enabled: true,
    user_authentication_method: "saml2",
  });
  expect(await control({ do: "settings" })).toMatchObject({ uploads: "cloud" });
  expect(await control({ do: "settings", uploads: "sideways" })).toMatchObject({ status: 400 });
});

describe.each(["memory", "disk"])("a site in %s", (where) => {
  function open(): Promise<Sandbox> {
    if (where === "memory") return sandboxForTest({ uploads: "cloud" });
    const folder = mkdtempSync(join(tmpdir(), "callsheet-cloud-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return sandboxForTest({ uploads: "cloud", storage: join(folder, "site.db") });
  }

  test("a file is put into the storage, linked, and served from there", async () => {
    const sandbox = await open();
    const at = await version(sandbox);
    const info = await linkInfo(sandbox, "Attachment", "clip.mov");
    expect(info).toMatchObject({ type: "Attachment", upload_id: "", timestamp: expect.stringMatching(/Z$/) });
    const { status, headers } = await put(info.url, BYTES);
    expect(status).toBe(200);
    expect(headers.etag).toBe(`"${createHash("md5").update(BYTES).digest("hex")}"`);
    const fields = {
      ...at,
      upload_link_info: info.text,
      field_name: "sg_uploaded_movie",
      display_name: "Clip",
    };
    const id = idIn(await form(sandbox, "api_link_file", fields));
    const [row] = await find(sandbox, "Version", [["id", "is", Number(at.entity_id)]], ["sg_uploaded_movie"]);
    expect(row!.sg_uploaded_movie).toMatchObject({
      id,
      name: "Clip",
      content_type: "video/quicktime",
      link_type: "upload",
    });
    const first = await get(`${sandbox.url}/file_serve/attachment/${id}`);
    expect(first.status).toBe(302);
    expect((await get(first.headers.location!)).bytes.equals(BYTES)).toBe(true);
    // Each upload is linked once.
    expect(await form(sandbox, "api_link_file", fields)).toMatch(/^0\n/);
  });

  test("a file in parts is put together in their order", async () => {
    const sandbox = await open();
    const at = await version(sandbox);
    const info = await linkInfo(sandbox, "Attachment", "clip.mov", true);
    const about = {
      upload_type: info.type,
      filename: "clip.mov",
      timestamp: info.timestamp,
      upload_id: info.upload_id,
    };
    const etags: string[] = [];
    for (const [number, part] of [
      BYTES.subarray(0, 7),
      BYTES.subarray(7, 14),
      BYTES.subarray(14),
    ].entries()) {
      const [ok, url] = (
        await form(sandbox, "api_get_upload_link_for_part", { ...about, part_number: String(number + 1) })
      ).split("\n");
      expect(ok).toBe("1");
      etags.push((await put(url!, part)).headers.etag!);
    }
    const linking = { ...at, upload_link_info: info.text, display_name: "Clip" };
    expect(await form(sandbox, "api_link_file", linking)).toMatch(/^0\n.*was not put into the storage/);
    const wrong = etags.toReversed().join(",");
    expect(await form(sandbox, "api_complete_multipart_upload", { ...about, etags: wrong })).toMatch(
      /^0\n.*part 1 /,
    );
    expect(await form(sandbox, "api_complete_multipart_upload", { ...about, etags: etags.join(",") })).toBe(
      "1\n",
    );
    const id = idIn(await form(sandbox, "api_link_file", linking));
    const { headers } = await get(`${sandbox.url}/file_serve/attachment/${id}`);
    expect((await get(headers.location!)).bytes.equals(BYTES)).toBe(true);
  });
});

test("a thumbnail and a film strip by way of the storage", async () => {
  const sandbox = await sandboxForTest({ uploads: "cloud", thumbnailMs: 3_600_000 });
  const at = await version(sandbox);
  for (const strip of [{}, { filmstrip: "True" }]) {
    const info = await linkInfo(sandbox, "Thumbnail", "thumb.png");
    await put(info.url, PNG, "image/png");
    idIn(await form(sandbox, "api_link_file", { ...at, upload_link_info: info.text, ...strip }));
  }
  sandbox.site.files.settleThumbnails();
  const [row] = await find(sandbox, "Version", [], ["image", "filmstrip_image"]);
  for (const image of [row!.image, row!.filmstrip_image] as string[]) {
    const { headers } = await get(image);
    expect((await get(headers.location!)).bytes.equals(PNG)).toBe(true);
  }
  expect(row!.image).not.toBe(row!.filmstrip_image);
});

test("addresses that were not given out take nothing", async () => {
  const sandbox = await sandboxForTest({ uploads: "cloud" });
  const single = await linkInfo(sandbox, "Attachment", "a.mov");
  const parts = await linkInfo(sandbox, "Attachment", "b.mov", true);
  const unknown = [
    `${sandbox.url}/sandbox/storage/${"0".repeat(32)}`,
    `${sandbox.url}/sandbox/storage/../../etc/passwd`,
    `${single.url}?part=1`,
    parts.url,
  ];
  for (const url of unknown) expect([403, 404]).toContain((await put(url, BYTES)).status);
  for (const part of ["x", "0", "-1", "1.5", "99999", ""])
    expect((await put(`${parts.url}?part=${part}`, BYTES)).status).toBe(403);
  // What is not linked yet is nobody's to read.
  await put(single.url, BYTES);
  expect((await get(single.url)).status).toBe(404);
});

test("the storage's forms refuse what they do not understand", async () => {
  const sandbox = await sandboxForTest({ uploads: "cloud" });
  const at = await version(sandbox);
  const parts = await linkInfo(sandbox, "Attachment", "b.mov", true);
  const refusals: [string, Record<string, string>][] = [
    ["api_get_upload_link_info", { upload_type: "Nope", filename: "x" }],
    ["api_get_upload_link_info", { upload_type: "Attachment" }],
    ["api_get_upload_link_for_part", { upload_id: "nope", part_number: "1" }],
    ["api_get_upload_link_for_part", { upload_id: "", part_number: "1" }],
    ["api_get_upload_link_for_part", { upload_id: parts.upload_id, part_number: "0" }],
    ["api_complete_multipart_upload", { upload_id: parts.upload_id, etags: "abc" }],
    ["api_complete_multipart_upload", { upload_id: parts.upload_id }],
    ["api_link_file", { ...at, upload_link_info: "1" }],
    ["api_link_file", { ...at, upload_link_info: parts.text.replace(/[0-9a-f]{32}/, "0".repeat(32)) }],
    ["api_link_file", at],
  ];
  for (const [name, fields] of refusals)
    expect(await form(sandbox, name, fields), name).toMatch(/^0\nAPI api_\w+\(\) /);
  const info = { upload_type: "Attachment", filename: "x" };
  expect(await form(sandbox, "api_get_upload_link_info", info, undefined, {})).toMatch(
    /^0\nMissing or invalid/,
  );
  await results(sandbox, "read", {
    type: "Version",
    filters: { logical_operator: "and", conditions: [] },
    paging: { entities_per_page: 1, current_page: 1 },
  });
});
