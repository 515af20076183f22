/** Real files, read by a real process: the test runner has a module loader of its own. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CONFIG_FILES, findConfigFile } from "../../src/config-file.ts";
import { confText } from "../old-daemon/confs.ts";

const PROGRAM = join(import.meta.dirname, "load-all.ts");
const SITE = `site: { url: "https://studio.example.com", scriptName: "daemon", scriptKey: { env: "TEST_FPT_KEY" } }`;

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "callsheet-config-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  config?: { site: { scriptName: string; scriptKey: string }; plugins: string[]; file: string };
  code?: string;
  message?: string;
  hint?: string;
}

async function load(
  files: string[],
  sources: Record<string, string>,
): Promise<{ answers: Answer[]; stderr: string }> {
  for (const [name, source] of Object.entries(sources)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), source);
  }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM, ...files], {
    cwd: folder,
    env: { ...process.env, TEST_FPT_KEY: "k3y", TEST_EMPTY: "", NODE_OPTIONS: "" },
  });
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer);
  return { answers, stderr };
}

test("TypeScript, JavaScript and JSON, from a folder that has no node_modules and no package.json", async () => {
  const typed = `import { defineConfig, type ConfigInput } from "callsheet";\nconst input: ConfigInput = { ${SITE} };\nexport default defineConfig(input);\n`;
  const plain = `import { defineConfig } from "callsheet";\nexport default defineConfig({ ${SITE} });\n`;
  const sources = {
    "a.ts": typed,
    "b.mts": typed,
    "c.js": plain,
    "d.mjs": plain,
    "e.json":
      '{ "site": { "url": "https://studio.example.com", "scriptName": "daemon", "scriptKey": { "env": "TEST_FPT_KEY" } } }',
  };
  const { answers, stderr } = await load(Object.keys(sources), sources);
  for (const [index, name] of Object.keys(sources).entries()) {
    expect(answers[index], name).toMatchObject({
      config: { site: { scriptKey: "k3y" }, file: join(folder, name), plugins: [join(folder, "plugins")] },
    });
  }
  expect(stderr).toBe("");
});

test("a configuration may import its neighbours, and CommonJS folders do not matter", async () => {
  const { answers } = await load(["sub/callsheet.config.ts"], {
    "package.json": '{ "type": "commonjs" }',
    "sub/site.mts": `export const site = { url: "https://studio.example.com", scriptName: "next-door", scriptKey: "k" };\n`,
    "sub/callsheet.config.ts": `import { site } from "./site.mts";\nexport default { site };\n`,
  });
  expect(answers[0]?.config?.site.scriptName).toBe("next-door");
});

test("without a name the files are searched in order", async () => {
  const named = (name: string) =>
    name.endsWith(".json")
      ? `{ "site": { "url": "https://s.example.com", "scriptName": "${name}", "scriptKey": "k" } }`
      : `export default { site: { url: "https://s.example.com", scriptName: "${name}", scriptKey: "k" } };`;
  expect(CONFIG_FILES.map((name) => name.slice("callsheet.config".length))).toEqual([
    ".ts",
    ".mts",
    ".js",
    ".mjs",
    ".json",
  ]);
  for (const name of CONFIG_FILES.toReversed()) {
    const { answers } = await load(["-"], { [name]: named(name) });
    expect(answers[0]?.config?.site.scriptName).toBe(name);
  }
});

test("files that cannot be used: what, where, and what to do", async () => {
  const sources = {
    "enum.ts": "enum A { x }\nexport default {};\n",
    "syntax.ts": "export default {\n  a: 1,\n  b: = 2,\n};\n",
    "syntax.js": "export default {\n  a: 1,\n  b: = 2,\n};\n",
    "neighbour.ts": 'import "./syntax.ts";\nexport default {};\n',
    "throws.ts": "\n\nexport default nothing.site;\n",
    "missing.ts": 'import x from "nonesuch";\nexport default x;\n',
    "export.ts": 'import { defineConfg } from "callsheet";\nexport default defineConfg({});\n',
    "nodefault.ts": "export const config = {};\n",
    "broken.json": '{\n  "site": {\n    "scriptKey": hunter2\n  }\n}\n',
    "comma.json": '{\n  "state": "hunter2",\n}\n',
    "half.json": '{\n  "state": ',
    "settings.yaml": "site: x\n",
  };
  const { answers, stderr } = await load([...Object.keys(sources), "nowhere.ts"], sources);
  const said = Object.fromEntries(
    [...Object.keys(sources), "nowhere.ts"].map((name, index) => [name, answers[index]!]),
  );
  const at = (name: string) => join(folder, name);

  for (const name of Object.keys(sources)) expect(said[name]?.code, name).toBe("CONFIG_UNREADABLE");
  expect(said["enum.ts"]?.message).toMatch(/^.*enum\.ts:1: .*enum is not supported/);
  expect(said["syntax.ts"]?.message).toContain(`${at("syntax.ts")}:3: syntax error: `);
  expect(said["syntax.js"]?.message).toContain(`${at("syntax.js")}:3: syntax error: `);
  expect(said["neighbour.ts"]?.message).toContain(`${at("syntax.ts")}:3: syntax error: `);
  expect(said["throws.ts"]?.message).toBe(
    `${at("throws.ts")}:3 failed while it ran: nothing is not defined.`,
  );
  expect(said["missing.ts"]?.message).toBe(`${at("missing.ts")}: Cannot find package 'nonesuch'.`);
  expect(said["export.ts"]?.message).toContain(`${at("export.ts")}:1: The requested module 'callsheet'`);
  expect(said["nodefault.ts"]?.message).toBe(`${at("nodefault.ts")} has no default export.`);
  expect(said["broken.json"]?.message).toContain("broken.json:3: this is not valid JSON");
  expect(said["comma.json"]?.message).toContain("comma.json:3: this is not valid JSON");
  expect(said["half.json"]?.message).toContain("half.json:2: this is not valid JSON");
  expect(JSON.stringify([said["broken.json"], said["comma.json"]])).not.toContain("hunter2");
  expect(said["settings.yaml"]?.hint).toContain(".json");
  expect(said["nowhere.ts"]).toMatchObject({
    code: "CONFIG_NOT_FOUND",
    message: expect.stringContaining(at("nowhere.ts")),
  });
  expect(stderr.replaceAll(/\(.*ExperimentalWarning.*\n|\(Use `node.*\n/g, "")).toBe("");
});

test("a configuration of the Python daemon, by its path or because it lies there", async () => {
  const conf = confText({ shotgun: { key: "%(TEST_FPT_KEY)s" }, plugins: { paths: "plugins, /srv/more" } });
  const { answers } = await load(["-", "shotgunEventDaemon.conf"], { "shotgunEventDaemon.conf": conf });
  expect(answers[0]).toMatchObject({
    config: {
      file: join(folder, "shotgunEventDaemon.conf"),
      site: { scriptName: "eventDaemon", scriptKey: "k3y" },
      plugins: [join(folder, "plugins"), "/srv/more"],
    },
  });
  expect(answers[1]).toEqual(answers[0]);
});

test("of both kinds in a folder, ours is taken", async () => {
  const { answers } = await load(["-"], {
    "shotgunEventDaemon.conf": confText(),
    "callsheet.config.ts": `export default { ${SITE} };\n`,
  });
  expect(answers[0]?.config?.file).toBe(join(folder, "callsheet.config.ts"));
});

test("the Python daemon's is looked for in /etc last, and nowhere when a file is named", () => {
  const [here, etc] = ["here", "etc"].map((name) => join(folder, name)) as [string, string];
  for (const path of [here, etc]) mkdirSync(path);
  const conf = (path: string) => join(path, "shotgunEventDaemon.conf");
  expect(() => findConfigFile(undefined, here, etc)).toThrow(
    `no shotgunEventDaemon.conf there or in ${etc}.`,
  );
  writeFileSync(conf(etc), "");
  expect(findConfigFile(undefined, here, etc)).toBe(conf(etc));
  expect(() => findConfigFile("shotgunEventDaemon.conf", here, etc)).toThrow(
    "There is no configuration file",
  );
  writeFileSync(conf(here), "");
  expect(findConfigFile(undefined, here, etc)).toBe(conf(here));
  writeFileSync(join(here, "callsheet.config.json"), "");
  expect(findConfigFile(undefined, here, etc)).toBe(join(here, "callsheet.config.json"));
});

test("no file at all names the folder and the way out", async () => {
  const { answers } = await load(["-"], {});
  expect(answers[0]).toMatchObject({
    code: "CONFIG_NOT_FOUND",
    message: `There is no callsheet.config.ts (.mts, .js, .mjs, .json) in ${folder}, and no shotgunEventDaemon.conf there or in /etc.`,
    hint: expect.stringContaining("callsheet init my-studio"),
  });
});
