import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { stripTypes } from "../../src/plugins/strip.ts";

function syntaxError(source: string): CallsheetError {
  try {
    stripTypes("/studio/a.ts", source);
  } catch (error) {
    if (error instanceof CallsheetError) return error;
  }
  throw new Error("no CallsheetError was thrown");
}

test("types become blanks, so that places stay where they are", () => {
  expect(stripTypes("/studio/a.ts", "const a: number = 1;")).toBe("const a         = 1;");
});

test.each([
  ["enum A { B }", "an enum", "as const"],
  ["const enum A { B }", "an enum", "as const"],
  ["namespace N { export const a = 1 }", "a namespace with code in it", "a file of its own"],
  ["module N { export const a = 1 }", "the `module` keyword", "a file of its own"],
  ["class A { constructor(private b: string) {} }", "a parameter property", "constructor"],
  ['import fs = require("fs");', "`import … =`", "import name from"],
  ["export = 3;", "`export =`", "export default"],
  ["const a = <string>b;", "a type assertion with angle brackets", "value as Type"],
])("%s is refused by name, with what to write instead", (source, construct, instead) => {
  const error = syntaxError(`const first: number = 1;\n\n  ${source}`);
  expect(error.code).toBe("PLUGIN_SYNTAX");
  expect(error.message).toMatch(/^\/studio\/a\.ts:3:\d+: /);
  expect(error.message).toContain(`${construct} cannot be used`);
  expect(error.hint).toContain(instead);
});

test("the column points at the construct", () => {
  expect(syntaxError("const a = 1;\n  enum A { B }").message).toContain("/studio/a.ts:2:3:");
  expect(syntaxError("class A { constructor(private b: string) {} }").message).toContain(
    "/studio/a.ts:1:31:",
  );
});

test("an ordinary syntax error has its place", () => {
  expect(syntaxError("const a = 1;\nconst b = ;").describe()).toBe(
    "PLUGIN_SYNTAX: /studio/a.ts:2:11: Expression expected.",
  );
});

test("erasable syntax is fine: types, declare, satisfies, type-only imports", () => {
  const source = `import type { A } from "a"; import { type B, c } from "b";
declare enum E { F }
export const d = c satisfies B;`;
  expect(stripTypes("/studio/a.ts", source)).toContain("export const d = c");
});

test("Node's warning about its stripper is not shown, and others are", async () => {
  const strip = new URL("../../src/plugins/strip.ts", import.meta.url).href;
  const script = `const { stripTypes } = await import("${strip}"); stripTypes("/a.ts", "let a: number"); process.emitWarning("another one");`;
  const { stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  expect(stderr).toContain("another one");
  expect(stderr).not.toContain("Experimental");
});
