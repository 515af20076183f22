import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scanFolders } from "../../src/plugins/scan.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "callsheet-scan-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function fill(name: string, files: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  for (const file of files) await writeFile(join(path, file), "");
  return path;
}

test("plugins are the code files directly in a folder; helpers, tests and types are not", async () => {
  const path = await fill("plugins", [
    "a.ts",
    "b.mts",
    "c.js",
    "d.mjs",
    "e.py",
    "__init__.py",
    "two.words.ts",
    "_helper.ts",
    "_helper.js",
    ".hidden.ts",
    ".hidden.py",
    "types.d.ts",
    "types.d.mts",
    "a.test.ts",
    "a.spec.js",
    "vitest.config.ts",
    "notes.md",
    "data.json",
    "old.cjs",
    "view.tsx",
    "README",
    "a.ts~",
    "a.pyc",
  ]);
  await mkdir(join(path, "folder.ts"));
  await writeFile(join(path, "folder.ts", "inner.ts"), "");
  const { files, problems } = await scanFolders([path]);
  expect(problems).toEqual([]);
  expect(files.map(({ name, language }) => [name, language])).toEqual([
    ["__init__", "python"],
    ["a", "typescript"],
    ["b", "typescript"],
    ["c", "typescript"],
    ["d", "typescript"],
    ["e", "python"],
    ["two.words", "typescript"],
  ]);
  expect(files[1]).toEqual({ path: join(path, "a.ts"), name: "a", language: "typescript", folder: 0 });
});

test("the strict order is folders as configured, then names by their bytes", async () => {
  const second = await fill("second", ["b.ts", "B.ts", "a.ts", "é.ts", "z.ts", "\u{1F600}.ts", "\uFFFD.ts"]);
  const first = await fill("first", ["z.ts"]);
  const { files } = await scanFolders([first, second]);
  expect(files.map(({ folder, name }) => `${folder} ${name}`)).toEqual([
    "0 first.z",
    "1 B",
    "1 a",
    "1 b",
    "1 second.z",
    "1 é",
    "1 \uFFFD",
    "1 \u{1F600}",
  ]);
});

test("a missing folder is a problem of its own, and the others are listed", async () => {
  const there = await fill("there", ["a.ts"]);
  const missing = join(folder, "missing");
  const { files, problems } = await scanFolders([missing, there]);
  expect(files.map(({ name }) => name)).toEqual(["a"]);
  expect(problems).toMatchObject([{ code: "PLUGIN_FOLDER", folder: 0 }]);
  expect(problems[0]!.message).toBe(`The plugin folder ${missing} does not exist.`);
  expect(problems[0]!.hint).toContain("plugins");
});

test("an empty folder is no problem", async () => {
  expect(await scanFolders([await fill("empty", [])])).toEqual({ files: [], problems: [] });
});

test("a file where a folder should be is a problem", async () => {
  const path = join(await fill("plugins", ["a.ts"]), "a.ts");
  const { problems } = await scanFolders([path]);
  expect(problems[0]!.message).toBe(`The plugin folder ${path} is not a folder.`);
});

test.skipIf(process.getuid?.() === 0)("a folder that may not be read is a problem", async () => {
  const path = await fill("closed", ["a.ts"]);
  await chmod(path, 0o000);
  const { problems } = await scanFolders([path]);
  await chmod(path, 0o700);
  expect(problems[0]!.message).toBe(`The plugin folder ${path} may not be read by this user.`);
});

test("links to files are plugins, broken links are not", async () => {
  const path = await fill("plugins", []);
  await writeFile(join(folder, "shared.ts"), "");
  await symlink(join(folder, "shared.ts"), join(path, "linked.ts"));
  await symlink(join(folder, "nothing.ts"), join(path, "broken.ts"));
  const { files, problems } = await scanFolders([path]);
  expect(files.map(({ name }) => name)).toEqual(["linked"]);
  expect(problems).toEqual([]);
});

test("plugins of the same name are told apart, and a folder named twice counts once", async () => {
  const shots = await fill("shots", ["notify.ts", "only.ts", "twice.js", "twice.ts"]);
  const assets = await fill("assets", ["notify.ts"]);
  const { files } = await scanFolders([shots, assets, shots]);
  expect(files.map(({ name }) => name)).toEqual([
    "shots.notify",
    "only",
    "shots.twice.js",
    "shots.twice.ts",
    "assets.notify",
  ]);
});
