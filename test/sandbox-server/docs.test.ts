/** What the page on the sandbox shows is run, block by block. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";

const run = promisify(execFile);
const source = (path: string) => new URL(`../../src/${path}`, import.meta.url);
const text = readFileSync(new URL("../../docs/sandbox.md", import.meta.url), "utf8");

/** A feature film is made in film.test.ts; here it would be made once more. */
const TOO_LONG = "feature-film";

let folder: string;
let site: Sandbox;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "callsheet-docs-"));
  site = await openSandbox();
  const callsheet = `#!/bin/sh\nexec "${process.execPath}" "${fileURLToPath(source("cli/main.ts"))}" "$@"\n`;
  writeFileSync(join(folder, "callsheet"), callsheet, { mode: 0o755 });
  const PATH = `${folder}${delimiter}${process.env.PATH}`;
  env = { ...process.env, PATH, URL: site.url, KEY: site.scriptKey };
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

function inLanguage(language: string): [number, string][] {
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))];
  return blocks.map((match, at) => [at + 1, match[1]!]);
}

function has(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test.each(inLanguage("ts"))("TypeScript block %i runs", async (at, block) => {
  const file = join(folder, `block-${at}.mts`);
  const doors = block.replace(/"callsheet\/(client|sandbox)"/g, (_door, room) =>
    JSON.stringify(source(`${room}/mod.ts`).href),
  );
  writeFileSync(file, doors);
  await run(process.execPath, [file], { cwd: folder, env });
});

test.skipIf(!has("python3")).each(inLanguage("py"))("Python block %i runs", async (_at, block) => {
  const { stdout } = await run("python3", ["-c", block], { cwd: folder, env });
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+ tests s3cret ada s3cret too$/m);
});

const lines = inLanguage("sh").flatMap(([, block]) => block.split("\n").filter(Boolean));
const sandboxes = lines.filter((line) => line.startsWith("callsheet ") && !line.includes(TOO_LONG));
const curls = lines.filter((line) => line.startsWith("curl "));

test("there are commands of both kinds, and nothing else", () => {
  const film = lines.filter((line) => line.includes(TOO_LONG));
  expect([sandboxes.length > 3, curls.length > 0]).toEqual([true, true]);
  expect([...sandboxes, ...curls, ...film].sort()).toEqual([...lines].sort());
});

test.each(sandboxes)("%s", async (line) => {
  const command = `exec ${line.replace(/--port \d+/, "--port 0")}`;
  const child = spawn("sh", ["-c", command], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await once(child.stdout, "data");
  expect(String(said)).toContain("http://127.0.0.1:");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test.skipIf(!has("curl")).each(curls)("%s", async (line) => {
  const { stdout } = await run("sh", ["-c", line], { cwd: folder, env });
  expect(JSON.parse(stdout)).toEqual({ id: expect.any(Number) });
});
