import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { openSandbox } from "../../src/sandbox/open.ts";
import { create, events, find, form, get, idIn, results, type SentFile, scriptOf } from "./forms.ts";
import { sandboxForTest, send } from "./wire.ts";

const MOVIE: SentFile = {
  field: "file",
  name: "Noëlご.mov",
  type: "video/quicktime",
  bytes: Buffer.from([0, 13, 10, 45, 45, 255, 1]),
};

async function withVersion(sandbox: Sandbox) {
  const project = await create(sandbox, "Project", { name: "Marrow Lane" });
  const version = await create(sandbox, "Version", { project, code: "v001" });
  return { project, version, at: { entity_type: "Version", entity_id: String(version.id) } };
}

test("an uploaded movie reads back with its id and is served byte for byte, with a cookie and without", async () => {
  const sandbox = await sandboxForTest();
  const { version, at } = await withVersion(sandbox);
  const fields = {
    ...at,
    field_name: "sg_uploaded_movie",
    display_name: "Noëlご.mov",
    tag_list: "monkeys, everywhere",
  };
  const id = idIn(await form(sandbox, "upload_file", fields, MOVIE));
  const [row] = await find(sandbox, "Version", [["id", "is", version.id]], ["sg_uploaded_movie"]);
  const url = `${sandbox.url}/file_serve/attachment/${id}`;
  const value = {
    type: "Attachment",
    id,
    name: "Noëlご.mov",
    url,
    content_type: "video/quicktime",
    link_type: "upload",
  };
  expect(row!.sg_uploaded_movie).toEqual(value);
  for (const headers of [{}, { cookie: "_session_id=whatever" }]) {
    const reply = await get(url, headers as Record<string, string>);
    expect(reply).toMatchObject({ status: 200, headers: { "content-type": "video/quicktime" } });
    expect(reply.bytes.equals(MOVIE.bytes)).toBe(true);
  }
  const facts = ["display_name", "filename", "file_extension", "file_size", "tag_list", "this_file"];
  expect(await find(sandbox, "Attachment", [["id", "is", id]], facts)).toMatchObject([
    {
      display_name: "Noëlご.mov",
      filename: "Noëlご.mov",
      file_extension: "mov",
      file_size: 7,
      tag_list: ["monkeys", "everywhere"],
      this_file: value,
    },
  ]);
});

test("an upload is told in the event log: the attachment, then the field", async () => {
  const sandbox = await sandboxForTest();
  const { version, at } = await withVersion(sandbox);
  const before = sandbox.site.events.newestId;
  const id = idIn(
    await form(sandbox, "upload_file", { ...at, field_name: "sg_uploaded_movie", display_name: "m" }, MOVIE),
  );
  const rows = await events(sandbox, before, ["event_type", "attribute_name", "entity", "meta"]);
  expect(rows[0]).toMatchObject({ event_type: "Shotgun_Attachment_New", entity: { type: "Attachment", id } });
  expect(rows.at(-1)).toMatchObject({
    event_type: "Shotgun_Version_Change",
    attribute_name: "sg_uploaded_movie",
    entity: { type: "Version", id: version.id },
    meta: {
      field_data_type: "url",
      old_value: null,
      new_value: { id, link_type: "upload", url: `${sandbox.url}/file_serve/attachment/${id}` },
    },
  });
});

test("without a field the file is among the attachments", async () => {
  const sandbox = await sandboxForTest();
  const { project } = await withVersion(sandbox);
  const note = await create(sandbox, "Note", { project, content: "see the file" });
  const at = { entity_type: "Note", entity_id: String(note.id), display_name: "notes.txt" };
  const id = idIn(await form(sandbox, "upload_file", at, { ...MOVIE, name: "notes.txt" }));
  const link = { type: "Attachment", id, name: "notes.txt" };
  expect(await find(sandbox, "Note", [["id", "is", note.id]], ["attachments"])).toMatchObject([
    { attachments: [link] },
  ]);
  expect(
    await find(sandbox, "Attachment", [["id", "is", id]], ["attachment_links", "project"]),
  ).toMatchObject([{ attachment_links: [{ type: "Note", id: note.id }], project: { id: project.id } }]);
});

test("every way to log in works in a form, and none is let in without", async () => {
  const sandbox = await sandboxForTest();
  const { at } = await withVersion(sandbox);
  const person = { user_login: sandbox.login, user_password: sandbox.password };
  const { session_id } = (await results(sandbox, "get_session_token")) as { session_id: string };
  const upload = (auth: Record<string, string>) =>
    form(sandbox, "upload_file", { ...at, display_name: "m" }, MOVIE, auth);
  const created_by = async (auth: Record<string, string>) => {
    const id = idIn(await upload(auth));
    return (await find(sandbox, "Attachment", [["id", "is", id]], ["created_by"]))[0]!.created_by;
  };
  expect(await created_by(scriptOf(sandbox))).toMatchObject({ type: "ApiUser" });
  expect(await created_by(person)).toMatchObject({ type: "HumanUser" });
  expect(await created_by({ session_token: session_id, reject_if_expired: "True" })).toMatchObject({
    type: "ApiUser",
  });
  expect(await created_by({ ...scriptOf(sandbox), sudo_as_login: sandbox.login })).toMatchObject({
    type: "HumanUser",
  });
  expect(await upload({ ...person, user_password: "wrong" })).toBe(
    `0\nCan't authenticate user '${sandbox.login}'.\n`,
  );
  expect(await upload({})).toBe("0\nMissing or invalid authentication arguments\n");
});

test("refusals say why, and leave nothing behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-uploads-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const sandbox = await sandboxForTest({ storage: join(folder, "site.db") });
  const { at } = await withVersion(sandbox);
  const before = sandbox.site.events.newestId;
  const refusals: [object, RegExp][] = [
    [{ entity_type: "Nope" }, /^0\nAPI upload_file\(\) invalid\/missing string entity 'type': "Nope"\n$/],
    [{ entity_id: "99999" }, /Entity of type \[Version\] with id=99999 does not exist/],
    [{ entity_id: "one" }, /invalid\/missing integer 'id': "one"/],
    [{ entity_type: "EventLogEntry", entity_id: "1" }, /EventLogEntry takes no files/],
    [{ field_name: "nope" }, /Version.nope doesn't exist/],
    [{ field_name: "code" }, /Version.code is a text field and takes no uploads/],
  ];
  for (const [change, reason] of refusals)
    expect(await form(sandbox, "upload_file", { ...at, display_name: "m", ...change }, MOVIE)).toMatch(
      reason,
    );
  expect(await form(sandbox, "upload_file", { ...at, display_name: "m" })).toMatch(/^0\n.*no file/);
  expect(await form(sandbox, "upload_file", at, { ...MOVIE, bytes: Buffer.alloc(0) })).toMatch(
    /^0\n.*is empty/,
  );
  expect(await form(sandbox, "no_such_form", at, MOVIE)).toMatch(/^0\n/);
  expect(sandbox.site.events.newestId).toBe(before);
  expect(readdirSync(join(folder, "site.db.files"))).toEqual([]);
});

test("what is not there is HTTP 400: unknown ids, web links, retired attachments", async () => {
  const sandbox = await sandboxForTest();
  const { project, at } = await withVersion(sandbox);
  const id = idIn(await form(sandbox, "upload_file", { ...at, display_name: "m" }, MOVIE));
  await create(sandbox, "Version", {
    project,
    code: "v2",
    sg_uploaded_movie: { url: "http://example.com/a.mov" },
  });
  await results(sandbox, "delete", { type: "Attachment", id });
  for (const missing of [id, id + 1, 99999, "-1", "x", "1/../2", "%00"]) {
    const { status, text } = await get(`${sandbox.url}/file_serve/attachment/${missing}`);
    expect(status).toBe(400);
    expect(text).not.toMatch(/\n\s+at /);
  }
});

test("a file keeps its files over a restart, at the new address", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-uploads-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const storage = join(folder, "site.db");
  const scripts = [{ name: "s", key: "k" }];
  const first = await openSandbox({ storage, scripts });
  const { at } = await withVersion(first);
  const id = idIn(
    await form(first, "upload_file", { ...at, field_name: "sg_uploaded_movie", display_name: "m" }, MOVIE),
  );
  await first.close();
  const second = await sandboxForTest({ storage, scripts });
  const [row] = await find(second, "Version", [], ["sg_uploaded_movie"]);
  const { url } = row!.sg_uploaded_movie as { url: string };
  expect(url).toBe(`${second.url}/file_serve/attachment/${id}`);
  expect((await get(url)).bytes.equals(MOVIE.bytes)).toBe(true);
});

test("a fault on order meets a form as it meets a call, and forms are counted without their credentials", async () => {
  const sandbox = await sandboxForTest();
  const { at } = await withVersion(sandbox);
  sandbox.faults.next({ kind: "status", status: 502, match: { method: "upload_file", type: "Version" } });
  await expect(form(sandbox, "upload_file", { ...at, display_name: "m" }, MOVIE)).rejects.toThrow("HTTP 502");
  idIn(await form(sandbox, "upload_file", { ...at, display_name: "m" }, MOVIE));
  expect(sandbox.requests.count("upload_file", "Version")).toBe(2);
  expect(JSON.stringify(sandbox.requests.recent)).not.toContain(sandbox.scriptKey);
});

test("a held transaction holds an upload", async () => {
  const sandbox = await sandboxForTest();
  const { version, at } = await withVersion(sandbox);
  const hold = sandbox.site.events.holdNext();
  const upload = form(
    sandbox,
    "upload_file",
    { ...at, field_name: "sg_uploaded_movie", display_name: "m" },
    MOVIE,
  );
  await sandbox.requests.waitFor((requests) => requests.count("upload_file") === 1);
  const [row] = await find(sandbox, "Version", [["id", "is", version.id]], ["sg_uploaded_movie"]);
  expect(row!.sg_uploaded_movie).toBeNull();
  hold.release();
  expect(idIn(await upload)).toBeGreaterThan(0);
});

test("an upload for an Attachment's own file replaces what it serves", async () => {
  const sandbox = await sandboxForTest();
  const { at } = await withVersion(sandbox);
  const id = idIn(await form(sandbox, "upload_file", { ...at, display_name: "m" }, MOVIE));
  const own = {
    entity_type: "Attachment",
    entity_id: String(id),
    field_name: "this_file",
    display_name: "n",
  };
  expect(idIn(await form(sandbox, "upload_file", own, { ...MOVIE, bytes: Buffer.from("new") }))).toBe(id);
  expect((await get(`${sandbox.url}/file_serve/attachment/${id}`)).text).toBe("new");
});

test("GET of a form's address and POST of a file's are not found", async () => {
  const sandbox = await sandboxForTest();
  expect((await get(`${sandbox.url}/upload/upload_file`)).status).toBe(404);
  expect((await send(`${sandbox.url}/file_serve/attachment/1`)).status).toBe(404);
});
