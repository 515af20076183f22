import { chmod, mkdtemp, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LoadedModule } from "../../src/daemon/host.ts";
import { sha256 } from "../../src/plugins/strip.ts";
import { ABSENT, ModuleWatch } from "../../src/plugins/watch.ts";

let folder: string;
let file: string;
let loaded: LoadedModule[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "callsheet-watch-"));
  file = join(folder, "a.ts");
  await writeFile(file, "one");
  loaded = [{ path: file, sha256: sha256("one") }];
});

afterEach(() => rm(folder, { recursive: true }));

test("nothing changed", async () => {
  const watch = new ModuleWatch();
  for (let look = 0; look < 25; look += 1) expect(await watch.changed(loaded)).toEqual([]);
});

test("new content is noticed, and the old content again is no change", async () => {
  const watch = new ModuleWatch();
  await watch.changed(loaded);
  await writeFile(file, "two");
  expect(await watch.changed(loaded)).toEqual([file]);
  await writeFile(file, "one");
  expect(await watch.changed(loaded)).toEqual([]);
});

test("a touched file with the same content is no change", async () => {
  const watch = new ModuleWatch();
  await watch.changed(loaded);
  await utimes(file, new Date(), new Date());
  expect(await watch.changed(loaded)).toEqual([]);
});

test("an older file in its place is a change", async () => {
  const watch = new ModuleWatch();
  await watch.changed(loaded);
  await writeFile(join(folder, "older"), "old");
  await utimes(join(folder, "older"), new Date(0), new Date(0));
  await rename(join(folder, "older"), file);
  expect(await watch.changed(loaded)).toEqual([file]);
});

test("a change before the first look is noticed", async () => {
  await writeFile(file, "two");
  expect(await new ModuleWatch().changed(loaded)).toEqual([file]);
});

test("content that changes while the file looks the same is noticed within ten looks", async () => {
  const sameLooks = new ModuleWatch(async () => "always the same");
  await sameLooks.changed(loaded);
  await writeFile(file, "two");
  const looks: string[][] = [];
  for (let look = 0; look < 10; look += 1) looks.push(await sameLooks.changed(loaded));
  expect(looks[0]).toEqual([]);
  expect(looks.at(-1)).toEqual([file]);
});

test("a file that is gone has changed; one that was missing has changed when it comes", async () => {
  const watch = new ModuleWatch();
  const helper = join(folder, "helper.ts");
  const modules = [...loaded, { path: helper, sha256: ABSENT }];
  expect(await watch.changed(modules)).toEqual([]);
  await writeFile(helper, "");
  expect(await watch.changed(modules)).toEqual([helper]);
  await rm(file);
  expect(await watch.changed(modules)).toEqual([file, helper]);
});

test.skipIf(process.getuid?.() === 0)("a file that cannot be read for a moment has not changed", async () => {
  const { mode } = await stat(file);
  await chmod(file, 0);
  expect(await new ModuleWatch().changed(loaded)).toEqual([]);
  await chmod(file, mode);
});

test("the same file may be watched for several plugins, each with what it loaded", async () => {
  const watch = new ModuleWatch();
  expect(await watch.changed(loaded)).toEqual([]);
  expect(await watch.changed([{ path: file, sha256: sha256("zero") }])).toEqual([file]);
  expect(await watch.changed(loaded)).toEqual([]);
});
