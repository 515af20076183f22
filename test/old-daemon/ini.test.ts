import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type IniOption, parseIni } from "../../src/old-daemon/ini.ts";
import { python, withoutPython } from "../plugins-python/python.ts";

const folder = mkdtempSync(join(tmpdir(), "callsheet-ini-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function valuesOf(text: string): Record<string, Record<string, string>> {
  const read: Record<string, Record<string, string>> = {};
  const { options, sections } = parseIni(text);
  for (const section of sections.keys()) read[section] = {};
  for (const { section, name, value } of options) read[section]![name.toLowerCase()] = value;
  delete read.DEFAULT;
  return read;
}

const lines = fc.array(
  fc.oneof(
    fc.constantFrom(
      "[a]",
      "[b]",
      "[DEFAULT]",
      " [c] x",
      "# c",
      "  ; c",
      "",
      "   ",
      "\t",
      "[",
      "no delimiter",
      ": v",
    ),
    fc
      .tuple(
        fc.constantFrom("", "", " ", "    ", "\t"),
        fc.constantFrom("one", "Two", "t w o", "%(x)s", "[x", "p#q"),
        fc.constantFrom(":", " = ", "=", " : "),
        fc.string({ unit: fc.constantFrom("a", "%", "=", ":", "#", ";", " ", "[", "]", "é"), maxLength: 8 }),
      )
      .map((parts) => parts.join("")),
  ),
  { maxLength: 14 },
);
const texts = fc.tuple(lines, fc.constantFrom("\n", "\r\n", "\r")).map(([list, end]) => list.join(end));

test("any text is read, and every problem has a line", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), texts), (text) => {
      const { problems, options } = parseIni(text);
      const last = text.split(/\r\n|\r|\n/).length;
      for (const { line } of [...problems, ...options])
        expect(line).toSatisfy((at: number) => at >= 1 && at <= last);
    }),
  );
});

describe.skipIf(withoutPython)("as Python's configparser", () => {
  test("the same values, and the same texts refused", () => {
    const cases = fc.sample(texts, { numRuns: 1500, seed: 11 });
    const file = join(folder, "cases.json");
    writeFileSync(file, JSON.stringify(cases));
    const answers = JSON.parse(execFileSync(python!, ["-c", PYTHON, file, folder], { encoding: "utf8" })) as (
      | Record<string, Record<string, string>>
      | string
    )[];
    expect(answers.filter((answer) => typeof answer !== "string").length).toBeGreaterThan(200);
    for (const [index, answer] of answers.entries()) {
      const text = cases[index]!;
      if (typeof answer === "string") expect(parseIni(text).problems, text).not.toEqual([]);
      else
        expect({ problems: parseIni(text).problems, ...valuesOf(text) }, text).toEqual({
          problems: [],
          ...answer,
        });
    }
  });
});

/** Reads each text as a file; answers the sections' own options, or the name of the error. */
const PYTHON = `
import configparser, json, os, sys
answers = []
for text in json.load(open(sys.argv[1])):
    path = os.path.join(sys.argv[2], "case.conf")
    with open(path, "w", newline="", encoding="utf8") as out:
        out.write(text)
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf8")
        answers.append({name: dict(parser._sections[name]) for name in parser.sections()})
    except configparser.Error as error:
        answers.append(type(error).__name__)
json.dump(answers, sys.stdout)
`;

describe("what is written is read again", () => {
  const words = fc.stringMatching(/^[A-Za-z][A-Za-z_ ]{0,8}[A-Za-z]$/);
  const values = fc
    .array(fc.stringMatching(/^[^\s#;\p{Cc}\p{Zs}\p{Zl}\p{Zp}\uFEFF]{1,12}$/u), {
      minLength: 1,
      maxLength: 3,
    })
    .map((list) => list.join("\n"));
  const written = fc.uniqueArray(
    fc.record({ name: words, value: values, delimiter: fc.constantFrom(": ", "=", " = ", ":") }),
    { selector: ({ name }) => name.toLowerCase(), maxLength: 6 },
  );

  test("with comments, empty lines and continued lines between", () => {
    fc.assert(
      fc.property(written, (options) => {
        const text = [
          "# written by a test",
          "[daemon]",
          ...options.flatMap(({ name, value, delimiter }) => [
            "; about it",
            `${name}${delimiter}${value.split("\n").join("\n   # in between\n\t")}`,
            "",
          ]),
        ].join("\n");
        const read = parseIni(text);
        expect(read.problems).toEqual([]);
        expect(read.options.map(({ name, value }) => ({ name, value }))).toEqual(
          options.map(({ name, value }) => ({ name, value })),
        );
      }),
    );
  });
});

test("problems say where and what", () => {
  const told = (text: string) => parseIni(text).problems.map(({ line, message }) => `${line}: ${message}`);
  expect(told("x: 1\n[a]")).toEqual(["1: there is a line before the first section"]);
  expect(told("[a]\nx: 1\nX = 2")).toEqual(["3: X is there twice in [a], first on line 2"]);
  expect(told("[a]\n[b]\n[a]")).toEqual(["3: section [a] is there twice, first on line 1"]);
  expect(told("[a]\njust words")).toEqual(["2: this is no option, section or comment"]);
  const [option] = parseIni("\uFEFF[a]\nKey: v").options as [IniOption];
  expect(option).toEqual({ section: "a", name: "Key", value: "v", line: 2 });
});

test("a hundred thousand options are read in no time", () => {
  const text = `[a]\n${Array.from({ length: 100_000 }, (_, at) => `name${at}: %(name${at + 1})s\n`).join("")}`;
  const before = performance.now();
  expect(parseIni(text).options.length).toBe(100_000);
  // it took minutes when each was compared with all before it
  expect(performance.now() - before).toBeLessThan(20_000);
});
