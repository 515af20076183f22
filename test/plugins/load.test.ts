import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sha256 } from "../../src/plugins/strip.ts";
import { ABSENT } from "../../src/plugins/watch.ts";
import { Room, run } from "./room.ts";

let room: Room;

beforeEach(async () => {
  room = await Room.open({ loadTimeoutMs: 30_000 });
});

afterEach(() => room.close());

const REGISTERS_ONE = `export function registerCallbacks(reg) {
  reg.registerCallback("script", "key", function one(sg, logger, event) { logger.info("%d", event.id); });
}`;

test.each(["a.ts", "a.mts", "a.js", "a.mjs"])(
  "%s is loaded as an ES module, with no package.json anywhere",
  async (name) => {
    const { host, heard } = await room.load(name, REGISTERS_ONE);
    expect(host.callbacks.map((callback) => callback.name)).toEqual(["one"]);
    host.hand(run(1, 1));
    await heard.untilDone(1);
    expect(heard.messages).toEqual(["1001"]);
  },
);

test.each(["a.ts", "a.js"])(
  "%s is an ES module also below a package.json that says CommonJS",
  async (name) => {
    await room.write("package.json", '{ "type": "commonjs" }');
    const { host } = await room.load(name, REGISTERS_ONE);
    expect(host.callbacks).toHaveLength(1);
  },
);

test("a callback is described to the daemon without its key", async () => {
  const { host } = await room.load(
    "a.ts",
    `import type { Registrar } from "callsheet";
    export async function registerCallbacks(reg: Registrar) {
      await new Promise((resolve) => setImmediate(resolve));
      reg.setEmails("a@studio.com", "b@studio.com");
      reg.registerCallback("script", "secret-key", onTask, { Shotgun_Task_Change: ["sg_status_list"] }, { my: "args" }, false);
      reg.registerCallback({ scriptName: "other", scriptKey: "secret-key", callback: onTask, retry: { attempts: 2 }, timeout: "2s" });
    }
    function onTask() {}`,
  );
  expect(host.emails).toEqual(["a@studio.com", "b@studio.com"]);
  expect(host.callbacks).toEqual([
    {
      index: 0,
      name: "onTask",
      key: "onTask",
      scriptName: "script",
      matchEvents: { Shotgun_Task_Change: ["sg_status_list"] },
      stopOnError: false,
      retry: { attempts: 0, backoffMs: 1000 },
      timeoutMs: null,
    },
    {
      index: 1,
      name: "onTask",
      key: "onTask#2",
      scriptName: "other",
      matchEvents: null,
      stopOnError: true,
      retry: { attempts: 2, backoffMs: 1000 },
      timeoutMs: 2000,
    },
  ]);
  expect(host.loadMs).toBeGreaterThan(0);
});

test("no callbacks at all is fine", async () => {
  const { host } = await room.load("a.ts", "export function registerCallbacks() {}");
  expect(host.callbacks).toEqual([]);
  expect(host.emails).toBe(true);
});

test("helpers, data and dynamic imports are loaded, and listed with what they held", async () => {
  const helper = await room.write(
    "lib/helper.ts",
    "export const greet = (name: string): string => 'hello ' + name;",
  );
  const plain = await room.write("lib/plain.js", "module.exports = { plain: true };");
  const data = await room.write("data.json", '{ "x": 1 }');
  const late = await room.write("late.mts", "export const late: string = 'late';");
  await room.write(
    "node_modules/pkg/package.json",
    '{ "name": "pkg", "type": "module", "exports": "./pkg.js" }',
  );
  await room.write("node_modules/pkg/pkg.js", "export const pkg = 'from a package';");
  const { host, heard } = await room.load(
    "a.ts",
    `import type { Callback, Registrar } from "callsheet";
    import { greet } from "./lib/helper.ts";
    import plain from "./lib/plain.js";
    import data from "./data.json" with { type: "json" };
    import { pkg } from "pkg";
    export function registerCallbacks(reg: Registrar) { reg.registerCallback("s", "k", on); }
    const on: Callback = async (_sg, logger) => {
      const { late } = await import("./late.mts");
      logger.info("%s %j %j %s %s", greet("you"), plain, data, pkg, late);
    };`,
  );
  const plugin = join(room.folder, "a.ts");
  expect(host.modules.map(({ path }) => path).sort()).toEqual([plugin, data, helper, plain].sort());
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(heard.messages).toEqual(['hello you {"plain":true} {"x":1} from a package late']);
  expect(host.modules.map(({ path }) => path)).toContain(late);
  for (const { path, sha256: hash } of host.modules) expect(hash).toBe(sha256(await readFile(path)));
});

test("the doors of Callsheet open from any folder, and the main one has every name", async () => {
  const { heard } = await room.load(
    "a.ts",
    `import * as callsheet from "callsheet";
    import { Shotgun } from "callsheet/client";
    import { RetryAfter } from "callsheet";
    export function registerCallbacks(reg) {
      reg.logger.info("%j", Object.keys(callsheet).sort());
      reg.logger.info("%s %s %j", typeof Shotgun, RetryAfter.name, callsheet.defineConfig({ site: 1 }));
    }`,
  );
  const door = await import("../../src/index.ts");
  expect(JSON.parse(heard.messages[0]!)).toEqual(Object.keys(door).sort());
  expect(heard.messages[1]).toBe('function RetryAfter {"site":1}');
});

test("folders and files may have odd names", async () => {
  const helper = await room.write("my plugins #1/100% é?/helper.ts", "export const fine: string = 'fine';");
  const { host, heard } = await room.load(
    "my plugins #1/100% é?/a b.ts",
    `import { fine } from ${JSON.stringify(pathToFileURL(helper).href)};
    export function registerCallbacks(reg) { reg.logger.info(fine); }`,
  );
  expect(host.modules.map(({ path }) => path)).toContain(helper);
  expect(heard.lines[0]).toMatchObject({ message: "fine", logger: "plugin.a b" });
});

test("a plugin reached through links is watched where it was written", async () => {
  await room.write("v1/a.ts", `import "./helper.ts"; ${REGISTERS_ONE}`);
  await room.write("v1/helper.ts", "export const version = 1;");
  await symlink(join(room.folder, "v1"), join(room.folder, "current"));
  const host = await room.start(join(room.folder, "current/a.ts"));
  expect(host.modules.map(({ path }) => path).sort()).toEqual([
    join(room.folder, "current/a.ts"),
    join(room.folder, "current/helper.ts"),
  ]);
});

test.each([
  ["@tag\nclass A {}", "a decorator", 2, 1],
  ["class A {\n  @tag method() {}\n}", "a decorator", 3, 3],
  ["class A { accessor name = 3 }", "the `accessor` keyword", 2, 20],
])("names a construct that removing types leaves behind: %s", async (code, construct, line, column) => {
  const source = `const tag = () => {};\n${code}\nexport function registerCallbacks() {}\n`;
  const error = await room.loadError("plugin.ts", source);
  expect(error.message).toContain(`plugin.ts:${line}:${column}: ${construct} cannot be used`);
  expect(error.code).toBe("PLUGIN_SYNTAX");
});

test("syntax that cannot be stripped is named with its place, in the plugin or in a helper", async () => {
  await room.write("helper.ts", "export const fine: number = 1;\nexport enum Status { Ip }\n");
  const error = await room.loadError("a.ts", `import { Status } from "./helper.ts"; ${REGISTERS_ONE}`);
  expect(error.code).toBe("PLUGIN_SYNTAX");
  expect(error.message).toContain(`${room.folder}/helper.ts:2:8: an enum cannot be used`);
  expect(error.hint).toContain("as const");
  expect(error.modules.map(({ path }) => path)).toContain(join(room.folder, "helper.ts"));
});

test.each([
  ["a.ts", "let x = 1;\nlet y = ;", /a\.ts:2:9: Expression expected\.$/],
  ["a.ts", "let x = 1;\nlet x: number = 2;", /a\.ts:2:5: Identifier 'x' has already been declared\.$/],
  ["a.mjs", "let x = 1;\nlet y = ;", /a\.mjs:2:9: Unexpected token ';'\.$/],
])("a syntax error in %s has its place", async (name, source, expected) => {
  const error = await room.loadError(name, source);
  expect(error.code).toBe("PLUGIN_SYNTAX");
  expect(error.message).toMatch(expected);
});

test("importing a type as a value is explained", async () => {
  const error = await room.loadError("a.ts", `\nimport { Registrar } from "callsheet";\n${REGISTERS_ONE}`);
  expect(error.code).toBe("PLUGIN_LOAD");
  expect(error.message).toContain("does not provide an export named 'Registrar'");
  expect(error.message).toContain(`${room.folder}/a.ts:2`);
  expect(error.hint).toBe("If Registrar is a type, write `import type { Registrar }`.");
});

test("a helper that is missing is watched for", async () => {
  const error = await room.loadError("a.ts", `import "./helper"; ${REGISTERS_ONE}`);
  expect(error.code).toBe("PLUGIN_LOAD");
  expect(error.hint).toContain('"./helper.ts"');
  expect(error.modules).toContainEqual({ path: join(room.folder, "helper"), sha256: ABSENT });
});

test("a package that is missing is named", async () => {
  const error = await room.loadError("a.ts", `import "left-out"; ${REGISTERS_ONE}`);
  expect(error.message).toContain("Cannot find package 'left-out'");
  expect(error.hint).toContain("npm install left-out");
});

test("what a plugin throws while it loads comes with its own TypeScript lines", async () => {
  await room.write(
    "helper.ts",
    "interface A {\n  b: number;\n}\nexport function fail(a: A): never {\n  throw new RangeError('bad ' + a.b);\n}",
  );
  const error = await room.loadError("a.ts", `import { fail } from "./helper.ts";\n\nfail({ b: 3 });`);
  expect(error.code).toBe("PLUGIN_LOAD");
  expect(error.message).toBe(
    `${room.folder}/a.ts failed while it was loaded: RangeError: bad 3 (${room.folder}/helper.ts:5:9).`,
  );
  const { stack } = error.cause as Error;
  expect(stack!.split("\n").slice(0, 3)).toEqual([
    "RangeError: bad 3",
    `    at fail (${room.folder}/helper.ts:5:9)`,
    `    at ${room.folder}/a.ts:3:1`,
  ]);
  expect(stack).not.toContain("/src/plugins/");
  expect(stack).not.toContain("data:");
});

test("what registerCallbacks throws or rejects with is a load error", async () => {
  const thrown = await room.loadError("a.ts", "export function registerCallbacks() { throw 'a text'; }");
  expect(thrown.message).toBe(`${room.folder}/a.ts failed while it registered: Error: a text.`);
  const rejected = await room.loadError("b.ts", "export async function registerCallbacks() { null.x; }");
  expect(rejected.message).toContain("TypeError: Cannot read properties of null");
});

test("a wrong registration is refused with the argument, the value, the fix and the line", async () => {
  const error = await room.loadError(
    "a.ts",
    `export function registerCallbacks(reg) {\n  reg.registerCallback("script", "key", "onTask");\n}`,
  );
  expect(error.describe()).toBe(
    `PLUGIN_REGISTRATION: ${room.folder}/a.ts:2:7: registerCallback: callback is a text, not a function. ` +
      "Pass the function itself, without calling it.",
  );
});

test("a file without registerCallbacks is told apart", async () => {
  const error = await room.loadError("a.ts", "export default function registerCallbacks() {}");
  expect(error.code).toBe("PLUGIN_NO_REGISTER");
  expect(error.message).toBe(`${room.folder}/a.ts exports no function named registerCallbacks.`);
  expect(error.hint).toContain("default export is not looked at");
});

test.each([
  ["a promise that never settles", "await new Promise(() => {});"],
  ["an endless loop", "for (;;);"],
])("a load that hangs on %s is ended", async (_what, source) => {
  const impatient = await Room.open({ loadTimeoutMs: 1500 });
  const error = await impatient.loadError("a.ts", source);
  expect(error.describe()).toContain("PLUGIN_LOAD_TIMEOUT");
  expect(error.message).toBe(`${impatient.folder}/a.ts did not finish loading within 1.5 s.`);
  await impatient.close();
});

test("process.exit and a rejection while loading are load errors", async () => {
  const exit = await room.loadError("a.ts", "process.exit(3);");
  expect(exit.message).toBe(
    `${room.folder}/a.ts ended its host while it was loaded: process.exit(3) was called.`,
  );
  const rejection = await room.loadError(
    "b.ts",
    "Promise.reject(new Error('nobody looks'));\nawait new Promise(() => {});",
  );
  expect(rejection.code).toBe("PLUGIN_LOAD");
  expect(rejection.message).toContain("unhandled rejection: Error: nobody looks");
});

test("a plugin file that is not there is a load error that names it", async () => {
  await expect(room.start(join(room.folder, "nothing.ts"))).rejects.toThrow(
    /Cannot find module .*nothing\.ts/,
  );
});
