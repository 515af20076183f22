import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { compile } from "../types/compile.ts";
import { callsheet, folderWith } from "./process.ts";

async function sandbox(): Promise<Sandbox> {
  const site = await openSandbox();
  onTestFinished(() => site.close());
  return site;
}

async function types(cwd: string, args: string[] = [], env: Record<string, string> = {}) {
  const running = callsheet(["types", ...args], { cwd, env });
  const { status } = await running.ended;
  return { status, stdout: running.stdout, stderr: running.stderr };
}

const PLUGIN = `import type { Callback } from "callsheet";
export const onTask: Callback = async (sg, logger, event) => {
  const task = await sg.findOne("Task", [["id", "is", event.entity!.id]], ["content", "entity.Shot.code"]);
  logger.info("%s on %s", task?.content, task?.["entity.Shot.code"]);
};
`;

test("from the configuration to a plugin that compiles, and one that does not", async () => {
  const site = await sandbox();
  const { url, scriptName, scriptKey } = site;
  const cwd = folderWith({
    "callsheet.config.json": JSON.stringify({ site: { url, scriptName, scriptKey } }),
  });
  const { status, stdout, stderr } = await types(cwd);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(
    /^site\.d\.ts written: 82 entity types, 13\d\d fields of http:\/\/127\.0\.0\.1:\d+\.\n$/,
  );
  const text = readFileSync(join(cwd, "site.d.ts"), "utf8");
  expect(text).not.toContain(scriptKey);
  expect(compile({ "site.d.ts": text, "plugin.ts": PLUGIN }).problems).toEqual([]);

  const wrong = PLUGIN.replaceAll("content", "contnet");
  const [first] = compile({ "site.d.ts": text, "plugin.ts": wrong }).problems;
  expect(first).toMatchObject({ file: "plugin.ts", line: 3 });
  expect(first?.message).toMatch(/^Type '"contnet"' is not assignable .* Did you mean '"content"'\?$/);
});

test("--check: is the file as the site is?", async () => {
  const site = await sandbox();
  const cwd = folderWith();
  const args = ["--url", site.url, "--script", site.scriptName, "--out", "types/site.d.ts"];
  const env = { SCRIPT_KEY: site.scriptKey };
  expect(await types(cwd, [...args, "--check"], env)).toEqual({
    status: 1,
    stdout: "",
    stderr: "types/site.d.ts is not there; write it with: callsheet types --out types/site.d.ts\n",
  });
  expect(existsSync(join(cwd, "types"))).toBe(false);
  expect((await types(cwd, args, env)).status).toBe(0);
  expect(await types(cwd, [...args, "--check"], env)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("types/site.d.ts is up to date: 82 entity types"),
  });

  const file = join(cwd, "types/site.d.ts");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll("\n", "\r\n"));
  expect((await types(cwd, [...args, "--check"], env)).status).toBe(0);
  const changed = text.replace('      code: Field<"text">;\n', "");
  writeFileSync(file, changed);
  expect(await types(cwd, [...args, "--check"], env)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("types/site.d.ts is out of date; write it with"),
  });
  expect(readFileSync(file, "utf8")).toBe(changed);
});

test("what is missing is said in one sentence", async () => {
  const cwd = folderWith({ taken: "a file" });
  const noKey = await types(cwd, ["--url", "http://127.0.0.1:9", "--script", "tool"], { SCRIPT_KEY: "" });
  expect(noKey.status).toBe(78);
  expect(noKey.stderr).toBe(
    "error: The environment variable SCRIPT_KEY is not set.\n" +
      "hint: Set it to the key of the script tool.\ncode: CONFIG_SECRET_MISSING\n",
  );
  expect(await types(cwd, ["--url", "http://127.0.0.1:9"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--url and --script go together"),
  });
  expect(await types(cwd)).toMatchObject({ status: 78, stderr: expect.stringContaining("CONFIG_NOT_FOUND") });

  const site = await sandbox();
  const args = ["--url", site.url, "--script", site.scriptName];
  const unwritable = await types(cwd, [...args, "--out", "taken/site.d.ts"], { SCRIPT_KEY: site.scriptKey });
  expect(unwritable).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("taken/site.d.ts cannot be written"),
  });
  const refused = await types(cwd, args, { SCRIPT_KEY: "wr0ng-key" });
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("SITE_AUTHENTICATION") });
  expect(refused.stderr).not.toContain("wr0ng-key");
});
