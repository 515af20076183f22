/** What the page on the client shows is run, block by block, against a site in a box. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Shotgun } from "callsheet/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { connect } from "./connect.ts";
import { camel, PYTHON_METHODS } from "./python-calls.ts";

const page = new URL("../../docs/client.md", import.meta.url);
const door = new URL("../../src/client/mod.ts", import.meta.url);
const text = readFileSync(page, "utf8");
const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

let site: Sandbox;
let folder: string;
beforeAll(async () => {
  site = await openSandbox({ studio: "small" });
  folder = mkdtempSync(join(tmpdir(), "callsheet-docs-"));
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each(PYTHON_METHODS)("the table for those who come from Python has %s", (name) => {
  const rows = text.split("\n").flatMap((line) => {
    const [, theirs, ours] = /^\| (.*) \| (.*) \|$/.exec(line) ?? [];
    return theirs && new RegExp(`\\b${name}\\b`).test(theirs) ? [ours] : [];
  });
  expect(rows.join(" ")).toMatch(new RegExp(`\\b${camel(name)}\\b`));
});

test("every method of ours is named", () => {
  const links: object[] = [];
  for (let link = Shotgun.prototype; link !== Object.prototype; link = Object.getPrototypeOf(link))
    links.push(link);
  const names = links.flatMap(Object.getOwnPropertyNames).filter((name) => name !== "constructor");
  expect(names.length).toBeGreaterThan(45);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});

test("every option of a connection and of retry is named", () => {
  const names = (options: object) => {
    try {
      connect("http://site.example", options);
    } catch (error) {
      return String((error as Error).message)
        .replace(/^.*?: |\.$/g, "")
        .split(", ");
    }
    return [];
  };
  const all = [...names({ x: 1 }), ...names({ retry: { x: 1 } })];
  expect(all.length).toBeGreaterThan(20);
  expect(all.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
});

test("there are blocks", () => expect(blocks.length).toBeGreaterThan(5));

test.each(blocks.map((text, index) => [index + 1, text] as const))("block %i runs", async (index, text) => {
  const file = join(folder, `block-${index}.mts`);
  writeFileSync(file, text.replaceAll('"callsheet/client"', JSON.stringify(door.href)));
  const env = {
    ...process.env,
    FPT_SITE: site.url,
    FPT_SCRIPT_NAME: site.scriptName,
    FPT_SCRIPT_KEY: site.scriptKey,
  };
  const { promise, resolve } = Promise.withResolvers<{ error: Error | null; stdout: string }>();
  execFile(process.execPath, [file], { cwd: folder, env }, (error, stdout) => resolve({ error, stdout }));
  const { error, stdout } = await promise;
  expect(error).toBeNull();
  expect(stdout).not.toBe("");
});
