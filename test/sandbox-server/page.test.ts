import { expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { outsideAddress, rpc, sandboxForTest, send } from "./wire.ts";

const AS_BROWSER = { accept: "text/html,application/xhtml+xml" };

async function look(sandbox: Sandbox): Promise<string> {
  const { status, text } = await send(`${sandbox.url}/`, { method: "GET", headers: AS_BROWSER });
  expect(status).toBe(200);
  return text;
}

const tokenIn = (page: string) => /name="token" value="([^"]+)"/.exec(page)?.[1] ?? "";

function press(sandbox: Sandbox, form: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams(form).toString();
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return send(`${sandbox.url}/sandbox/page`, { body, headers: { ...type, ...headers } });
}

test("what is in it, and what happened last; nothing from elsewhere, no key", async () => {
  const sandbox = await sandboxForTest({ studio: "small" });
  const name = '<b>Odd & "sharp"</b>';
  const fields = [{ field_name: "name", value: name }];
  await rpc(sandbox, "create", { type: "Project", fields, return_fields: ["id"] });
  const { text, headers } = await send(`${sandbox.url}/`, { method: "GET", headers: AS_BROWSER });
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(text).toContain("<dd>12</dd><dt>shots</dt>");
  expect(text).toContain("Shotgun_Project_New");
  expect(text).not.toContain("<b>Odd");
  expect(text).toContain("&lt;b&gt;Odd &amp; &quot;sharp&quot;");
  expect(text).not.toMatch(/<script|src=|@import|url\(/);
  expect(text).not.toContain(sandbox.scriptKey);
  expect(text.match(/<button/g)).toHaveLength(28);
});

test("an empty site says so", async () => {
  expect(await look(await sandboxForTest())).toContain("No tasks under way");
});

test("its buttons move a task on and publish a version", async () => {
  const sandbox = await sandboxForTest({ studio: "small" });
  const page = await look(sandbox);
  const task = /name="task" value="(\d+)"/.exec(page)![1]!;
  const next = /Set the task to (\w+)/.exec(page)![1]!;
  const before = sandbox.site.events.newestId;
  const reply = await press(sandbox, { token: tokenIn(page), task, do: "status" });
  expect(reply).toMatchObject({ status: 303, headers: { location: "/" } });
  expect(sandbox.site.events.newestId).toBe(before + 1);
  expect(await look(sandbox)).toContain(`to &quot;${next}&quot; on Task`);
  const versions = async () => {
    const filters = {
      logical_operator: "and",
      conditions: [{ path: "sg_task", relation: "is", values: [{ type: "Task", id: Number(task) }] }],
    };
    const payload = {
      type: "Version",
      filters,
      return_fields: ["code", "entity"],
      paging: { entities_per_page: 50, current_page: 1 },
    };
    return ((await rpc(sandbox, "read", payload)).results as { entities: { code: string }[] }).entities;
  };
  const had = (await versions()).length;
  await press(sandbox, { token: tokenIn(page), task, do: "publish" }, { origin: sandbox.url });
  const now = await versions();
  expect(now).toHaveLength(had + 1);
  expect(now.at(-1)!.code).toMatch(new RegExp(`_v00${had + 1}$`));
  expect(now.at(-1)).toMatchObject({ entity: { name: expect.any(String) } });
  expect((await press(sandbox, { token: tokenIn(page), task: "999999", do: "status" })).status).toBe(409);
});

test("no other site can press them", async () => {
  const sandbox = await sandboxForTest({ studio: "small" });
  const page = await look(sandbox);
  const task = /name="task" value="(\d+)"/.exec(page)![1]!;
  const form = { token: tokenIn(page), task, do: "status" };
  const before = sandbox.site.events.newestId;
  const refused = [
    await press(sandbox, { ...form, token: "" }),
    await press(sandbox, { ...form, token: "x".repeat(32) }),
    await press(sandbox, form, { origin: "https://elsewhere.example" }),
    await press(sandbox, form, { host: "elsewhere.example" }),
    await send(`${sandbox.url}/`, { method: "GET", headers: { ...AS_BROWSER, host: "elsewhere.example" } }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  expect(sandbox.site.events.newestId).toBe(before);
});

test.skipIf(!outsideAddress)("other machines do not see it", async () => {
  const sandbox = await sandboxForTest({ host: "0.0.0.0" });
  const { port } = new URL(sandbox.url);
  const { status } = await send(`http://${outsideAddress}:${port}/`, { method: "GET", headers: AS_BROWSER });
  expect(status).toBe(403);
});
