import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ERROR_CODES } from "../../src/errors.ts";
import { ROOT, sources } from "./sources.ts";

const page = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
const codes = Object.keys(ERROR_CODES);
const sections = page.split(/^### /m).slice(1);

test("docs/errors.md and src/errors.ts have the same codes, in the same order", () => {
  expect(sections.map((section) => section.split("\n")[0]!.replaceAll("`", ""))).toEqual(codes);
});

test("every code says what it means as src/errors.ts does, and what to do", () => {
  for (const section of sections) {
    const code = section.split("\n")[0]!.replaceAll("`", "") as keyof typeof ERROR_CODES;
    expect(section).toContain(ERROR_CODES[code]);
    expect(section, code).toMatch(/^\* Cause: \S.+/m);
    expect(section, code).toMatch(/^\* Cure: \S.+/m);
  }
});

test("every code is used", () => {
  const used = sources()
    .filter(({ path }) => path !== "src/errors.ts")
    .map(({ text }) => text)
    .concat(readFileSync(join(ROOT, "bin/callsheet.js"), "utf8"))
    .join("\n");
  expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(used))).toEqual([]);
});
