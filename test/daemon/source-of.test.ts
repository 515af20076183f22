import { expect, test } from "vitest";
import { sourceOf } from "../../src/daemon/source-of.ts";

const SHA = "a".repeat(64);
const MODULES = [{ path: "/plugins/notify.ts", sha256: SHA }];

function report(lines: string[], more: object = {}) {
  const source = { path: "/plugins/notify.ts", line: 12, first: 12, lines, sha256: SHA, ...more };
  return { name: "Error", message: "no", stack: null, source };
}

test("source lines are those of the file as its host has loaded it, or none", () => {
  const kept = { path: "/plugins/notify.ts", line: 12, first: 12, lines: ["throw no;"] };
  expect(sourceOf(report(["throw no;"]), MODULES)).toEqual(kept);
  expect(sourceOf(report(["throw no;"], { sha256: "b".repeat(64) }), MODULES)).toBe(null);
  expect(sourceOf(report(["throw no;"], { path: "/etc/passwd" }), MODULES)).toBe(null);
  expect(sourceOf({ name: "Error", message: "no", stack: null }, MODULES)).toBe(null);
});

test.each([
  ["const password = 'hunter2';", "const password = '***';"],
  ['  api_key: "a\\"b", id: 7,', '  api_key: "***", id: 7,'],
  ['conf["token"] = "t0ps3cret"  # never', 'conf["token"] = "***"  # never'],
  ["SECRET_KEY=`cut at 200 char", "SECRET_KEY=`***"],
  ["connect('https://ada:hunter4@studio.example/x')", "connect('https://ada:***@studio.example/x')"],
  ['const monkeys = count("Shot");', 'const monkeys = count("Shot");'],
])("what looks like a secret is masked: %s", (line, shown) => {
  expect(sourceOf(report([line]), MODULES)?.lines).toEqual([shown]);
});
