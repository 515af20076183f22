/** What the page on the client shows is run, block by block, against a site in a box. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";

const page = new URL("../../docs/client.md", import.meta.url);
const door = new URL("../../src/client/mod.ts", import.meta.url);
const blocks = [...readFileSync(page, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
  (match) => match[1]!,
);

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
