/** What a client's own live tests do with log-ins, files, the schema and the rest: the same, with our client. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  AuthenticationFault,
  MissingTwoFactorAuthenticationFault,
  Shotgun,
  type ShotgunOptions,
} from "../../src/client/mod.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/open.ts";
import { PNG } from "./forms.ts";
import { sandboxForTest } from "./wire.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callsheet-scenarios-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function file(name: string, bytes: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function client(sandbox: Sandbox, options: ShotgunOptions): Shotgun {
  const sg = new Shotgun(sandbox.url, options);
  onTestFinished(() => sg.close());
  return sg;
}

async function studio(options: SandboxOptions = {}) {
  const sandbox = await sandboxForTest(options);
  const script = { scriptName: sandbox.scriptName, scriptKey: sandbox.scriptKey };
  const person = { login: sandbox.login, password: sandbox.password };
  const sg = client(sandbox, script);
  const project = await sg.create("Project", { name: "Marrow Lane" });
  const version = await sg.create("Version", { project, code: "v001" });
  return { sandbox, script, person, sg, project, version };
}

describe("log-ins", () => {
  test("wrong credentials of every kind are authentication faults, and a script unlocks the account", async () => {
    const { sandbox, script, person, sg } = await studio();
    const look = (options: ShotgunOptions) => client(sandbox, options).findOne("Project", [], ["id"]);
    const wrong: ShotgunOptions[] = [
      { ...script, scriptName: "not_real" },
      { ...script, scriptKey: "wrong" },
      { ...person, password: "wrong" },
      { sessionToken: "wrong" },
    ];
    for (const options of wrong) await expect(look(options)).rejects.toThrow(AuthenticationFault);
    for (let failure = 0; failure < 5; failure++)
      await expect(look({ ...person, password: "wrong" })).rejects.toThrow(AuthenticationFault);
    await expect(look(person)).rejects.toThrow(AuthenticationFault);
    const [user] = await sg.find("HumanUser", [["login", "is", person.login]]);
    await sg.update("HumanUser", user!.id, { locked_until: null });
    expect(await look(person)).not.toBeNull();
  });

  test("a session of a person finds, and uploads a thumbnail", async () => {
    const { sandbox, person, version } = await studio();
    const sessionToken = await client(sandbox, person).getSessionToken();
    const sg = client(sandbox, { sessionToken });
    expect(await sg.getSessionToken()).toBe(sessionToken);
    expect(await sg.uploadThumbnail("Version", version.id, file("t.png", PNG))).toBeGreaterThan(0);
    expect((await sg.findOne("Version", [["id", "is", version.id]], ["image"]))!.image).toContain(
      "images/status/transient",
    );
    expect(await sg.update("Version", version.id, { image: null })).toEqual({
      type: "Version",
      id: version.id,
      image: null,
    });
  });

  test("a two-factor code is good for one session", async () => {
    const { sandbox } = await studio({ users: [{ login: "jane", password: "p", codes: ["123456"] }] });
    const jane = { login: "jane", password: "p" };
    await expect(client(sandbox, jane).find("Shot", [])).rejects.toThrow(MissingTwoFactorAuthenticationFault);
    const sg = client(sandbox, { ...jane, authToken: "123456" });
    for (let call = 0; call < 3; call++) expect(await sg.find("Shot", [])).toEqual([]);
    await expect(client(sandbox, { ...jane, authToken: "123456" }).find("Shot", [])).rejects.toThrow(
      AuthenticationFault,
    );
  });

  test("people are looked up by their password", async () => {
    const { person, sg } = await studio();
    expect(await sg.authenticateHumanUser(person.login, person.password)).toMatchObject({
      type: "HumanUser",
      login: person.login,
    });
    await expect(sg.authenticateHumanUser(person.login, "wrong")).rejects.toThrow(AuthenticationFault);
  });

  test("a person made over the API logs in at once; sudo makes a person the creator, and is not for people", async () => {
    const { sandbox, script, sg, project } = await studio();
    const fields = { name: "Ada Test", login: "ada", password_proxy: "ada's", locked_until: null };
    const ada = await sg.create("HumanUser", fields, ["name", "login", "password_proxy", "locked_until"]);
    expect(ada).toMatchObject({
      name: "Ada Test",
      login: "ada",
      password_proxy: "*******",
      locked_until: null,
    });
    const own = { login: "ada", password: "ada's" };
    expect(await client(sandbox, own).find("Project", [["id", "is", project.id]])).toHaveLength(1);
    const sudo = client(sandbox, { ...script, sudoAsLogin: "ada" });
    const version = await sudo.create("Version", { project, code: "x", sg_status_list: "na" }, [
      "created_by",
    ]);
    expect(version.created_by).toMatchObject({ type: "HumanUser", name: "Ada Test" });
    await expect(client(sandbox, { ...own, sudoAsLogin: "ada" }).find("Shot", [])).rejects.toThrow(
      /The user does not have permission to 'sudo':/,
    );
  });
});

describe.each(["direct", "cloud"] as const)("%s uploads", (uploads) => {
  test("go up and come down the same, however they are asked for", async () => {
    const { sg, version } = await studio({ uploads });
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 251));
    const path = file("Noëlご.mov", bytes);
    const options = { displayName: "Noëlご.mov", tagList: "monkeys, everywhere", partBytes: 30_000 };
    const id = await sg.upload("Version", version.id, path, "sg_uploaded_movie", options);
    const found = await sg.findOne("Version", [["id", "is", version.id]], ["sg_uploaded_movie"]);
    const value = found!.sg_uploaded_movie as { id: number; url: string };
    expect(value).toMatchObject({ id, name: "Noëlご.mov", link_type: "upload" });
    for (const ref of [id, value, { type: "Attachment", id }, { url: value.url }])
      expect(Buffer.from(await sg.downloadAttachment(ref)).equals(bytes)).toBe(true);
    const target = join(folder, "down.mov");
    await sg.downloadAttachment(id, { filePath: target });
    expect(readFileSync(target).equals(bytes)).toBe(true);
    await expect(sg.downloadAttachment(999_999)).rejects.toThrow(/400/);
    const second = await sg.upload("Version", version.id, path);
    expect(second).toBeGreaterThan(id);
  });

  test("thumbnails and film strips", async () => {
    const { sandbox, sg, project, version } = await studio({ uploads, thumbnailMs: 3_600_000 });
    const path = file("thumb.png", PNG);
    expect(await sg.upload("Version", version.id, path, "image")).toBeGreaterThan(0);
    expect(await sg.uploadFilmstripThumbnail("Version", version.id, path)).toBeGreaterThan(0);
    const row = await sg.findOne("Version", [["id", "is", version.id]], ["filmstrip_image", "project"]);
    expect(row!.project).toEqual({ type: "Project", id: project.id, name: "Marrow Lane" });
    expect((await sg.downloadAttachment({ url: row!.filmstrip_image })).length).toBeGreaterThan(0);
    const other = await sg.create("Version", { project, code: "v002" });
    const share = () => sg.shareThumbnail([other], { sourceEntity: version });
    await expect(share()).rejects.toThrow(/transient thumbnail/);
    sandbox.site.files.settleThumbnails();
    expect(await share()).toBeGreaterThan(0);
    const shared = await sg.findOne("Version", [["id", "is", other.id]], ["image"]);
    const { status, headers } = await fetch(shared!.image as string);
    expect([status, headers.get("content-type")]).toEqual([200, "image/png"]);
  });
});

test("a field is made, changed and deleted", async () => {
  const { sg, version } = await studio();
  const field = await sg.schemaFieldCreate("Version", "number", "Monkey Count", { description: "How many" });
  expect(field).toBe("sg_monkey_count");
  expect(await sg.schemaFieldUpdate("Version", field, { description: "How many came" })).toBe(true);
  const schema = await sg.schemaFieldRead("Version", field);
  expect(schema[field]!.description).toEqual({ value: "How many came", editable: true });
  await sg.update("Version", version.id, { [field]: 0 });
  expect(await sg.find("Version", [[field, "is", 0]])).toHaveLength(1);
  expect(await sg.schemaFieldDelete("Version", field)).toBe(true);
  expect(await sg.schemaFieldRead("Version")).not.toHaveProperty(field);
});

test("preferences, subscriptions, export of a page, last access", async () => {
  const { sandbox, person, sg, project } = await studio();
  expect(await sg.preferencesRead(["date_component_order"])).toEqual({ date_component_order: "month_day" });
  const human = client(sandbox, person);
  const page = await human.create("Page", { name: "Shots" });
  await expect(human.exportPage(page.id, "csv")).rejects.toThrow(
    `Export for Page id=${page.id} not available`,
  );
  const seen = async () =>
    (await human.findOne("Project", [["id", "is", project.id]], ["last_accessed_by_current_user"]))!
      .last_accessed_by_current_user;
  expect(await seen()).toBeNull();
  await human.updateProjectLastAccessed(project);
  expect(await seen()).toBeInstanceOf(Date);
  const [first] = await sg.userSubscriptionsRead();
  expect(await sg.userSubscriptionsCreate([{ ...first, subscription: ["abc"] }])).toBe(true);
  expect((await sg.userSubscriptionsRead())[0]!.subscription).toEqual(["abc"]);
});
