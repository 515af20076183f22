import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSandbox } from "../../src/sandbox/open.ts";
import { PROJECT } from "../../src/sandbox/studio/script.ts";
import { rpc, sandboxForTest, send } from "./wire.ts";

const everything = (type: string, fields: string[]) => ({
  type,
  return_fields: fields,
  filters: { logical_operator: "and", conditions: [] },
  paging: { entities_per_page: 500, current_page: 1 },
});

async function entities(sandbox: Parameters<typeof rpc>[0], type: string, fields: string[] = ["id"]) {
  const { results } = await rpc(sandbox, "read", everything(type, fields));
  return (results as { entities: Record<string, unknown>[] }).entities;
}

test("makes up a key and a password, new ones each time", async () => {
  const one = await sandboxForTest();
  const two = await sandboxForTest();
  expect(one.scriptKey.length).toBeGreaterThanOrEqual(20);
  expect(one.password.length).toBeGreaterThanOrEqual(20);
  expect(new Set([one.scriptKey, two.scriptKey, one.password, two.password]).size).toBe(4);
});

test("takes scripts and users as given, and refuses other keys", async () => {
  const sandbox = await sandboxForTest({
    scripts: [
      { name: "daemon", key: "k1" },
      { name: "publisher", key: "k2" },
    ],
    users: [{ login: "boss", password: "p" }],
  });
  expect([sandbox.scriptName, sandbox.scriptKey, sandbox.login, sandbox.password]).toEqual([
    "daemon",
    "k1",
    "boss",
    "p",
  ]);
  const ask = async (auth: object) => {
    const body = JSON.stringify({ method_name: "read", params: [auth, everything("Project", ["id"])] });
    return JSON.parse((await send(`${sandbox.url}/api3/json`, { body })).text);
  };
  expect(await ask({ script_name: "publisher", script_key: "k2" })).toHaveProperty("results");
  expect(await ask({ user_login: "boss", user_password: "p" })).toHaveProperty("results");
  expect(await ask({ script_name: "publisher", script_key: "k1" })).toMatchObject({ error_code: 102 });
});

test("a taken port is refused with what to do about it, an impossible address too", async () => {
  const sandbox = await sandboxForTest();
  const port = Number(new URL(sandbox.url).port);
  await expect(openSandbox({ port })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    hint: expect.stringMatching(/another port/),
  });
  await expect(openSandbox({ host: "203.0.113.7" })).rejects.toMatchObject({ code: "USAGE" });
  await expect(openSandbox({ scripts: [] })).rejects.toMatchObject({ code: "USAGE" });
});

test("close may be called twice, cuts hanging requests off, and frees the port", async () => {
  const sandbox = await openSandbox();
  const { url } = sandbox;
  sandbox.faults.next({ kind: "slow", ms: 3_600_000 });
  const hanging = expect(send(`${url}/api3/json`, { body: "{}" })).rejects.toMatchObject({
    code: "ECONNRESET",
  });
  await sandbox.requests.waitFor((requests) => requests.count() === 1);
  await Promise.all([sandbox.close(), sandbox.close()]);
  await hanging;
  await expect(send(url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  const again = await openSandbox({ port: Number(new URL(url).port) });
  await again.close();
});

test("a transaction that is still held when the site closes ends without a word", async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on("warning", warn);
  onTestFinished(() => {
    process.off("warning", warn);
  });
  const sandbox = await openSandbox();
  const held = sandbox.site.events.holdNext();
  const payload = { type: "Project", fields: [{ field_name: "name", value: "Late" }], return_fields: ["id"] };
  const writing = expect(rpc(sandbox, "create", payload)).rejects.toMatchObject({ code: "ECONNRESET" });
  await sandbox.requests.waitFor((requests) => requests.count("create") === 1);
  await sandbox.close();
  await writing;
  held.release();
  await held.released;
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});

test("the small studio has everything a pipeline looks for, and an event for each change", async () => {
  const sandbox = await sandboxForTest({ studio: "small" });
  const counts: Record<string, number> = {};
  for (const type of ["Sequence", "Shot", "Asset", "Task", "Version", "Note", "Playlist", "Group"])
    counts[type] = (await entities(sandbox, type)).length;
  expect(counts).toMatchObject({ Sequence: 3, Shot: 12, Asset: 8, Playlist: 1, Note: 8 });
  expect(counts.Task).toBeGreaterThan(70);
  expect(counts.Version).toBeGreaterThan(20);

  const fields = ["content", "entity", "step", "project", "task_assignees", "sg_status_list", "created_by"];
  const tasks = await entities(sandbox, "Task", fields);
  for (const task of tasks)
    expect(task).toMatchObject({
      entity: { name: expect.any(String) },
      step: { name: task.content },
      project: { name: PROJECT.name },
      task_assignees: [{ type: "HumanUser" }],
    });
  expect(new Set(tasks.map((task) => task.sg_status_list))).toEqual(
    new Set(["wtg", "rdy", "ip", "rev", "fin"]),
  );
  expect(tasks[0]!.created_by).toMatchObject({ type: "HumanUser", name: "Tomasz Wilkomir" });

  const created = await rpc(sandbox, "read", {
    ...everything("EventLogEntry", ["entity"]),
    filters: {
      logical_operator: "and",
      conditions: [{ path: "event_type", relation: "is", values: ["Shotgun_Task_New"] }],
    },
  });
  const rows = (created.results as { entities: { entity: { id: number } }[] }).entities;
  expect(rows.map(({ entity }) => entity.id)).toEqual(tasks.map(({ id }) => id));
});

test("a file that cannot hold a site is refused and left alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-sandbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "notes.txt");
  const text = "these are notes, and no database\n".repeat(50);
  writeFileSync(file, text);
  for (const storage of [file, join(folder, "no", "such", "folder.db"), folder])
    await expect(openSandbox({ storage })).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(storage),
      hint: expect.stringContaining("new file"),
    });
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("a site kept in a file comes back as it was, its studio once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-sandbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const options = { storage: join(folder, "site.sqlite"), studio: "small" } as const;
  const first = await openSandbox(options);
  const newest = first.site.events.newestId;
  await first.close();
  const second = await openSandbox(options);
  try {
    const projects = await entities(second, "Project", ["name"]);
    expect(projects.filter(({ name }) => name === PROJECT.name)).toHaveLength(1);
    const shots = await entities(second, "Shot");
    expect(shots).toHaveLength(12);
    expect(second.site.events.newestId).toBeGreaterThanOrEqual(newest);
  } finally {
    await second.close();
  }
});

test("a studio that does not fit the schema is refused in one sentence", async () => {
  const statuses = { data_type: { value: "status_list" }, properties: { valid_values: { value: ["lit"] } } };
  const schema = { Task: { sg_status_list: statuses } };
  await expect(openSandbox({ studio: "small", schema })).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringMatching(/^The small studio does not fit the schema: API .*Task.sg_status_list/),
  });
});
