import { expect, test } from "vitest";
import { fingerprint, groupedBy } from "../src/fingerprint.ts";

const BASE = { code: "CALLBACK_FAILED", callback: "onStatus", message: "no task 7", stack: null };
const V8 = (line: number, name = "onStatus") =>
  `TypeError: no task 7\n    at ${name} (file:///p/notify.ts:${line}:3)\n    at async file:///p/helper.ts:9:1`;
const PYTHON = (line: number) =>
  `Traceback (most recent call last):\n  File "/p/notify.py", line ${line}, in on_status\n    task["x"]\nKeyError: 'x'`;

test("numbers and quoted texts do not make another trouble, words do", () => {
  const one = fingerprint("notify-1", BASE);
  expect(one).toMatch(/^[0-9a-f]{12}$/);
  expect(fingerprint("notify-1", { ...BASE, message: "no task 12345" })).toBe(one);
  expect(fingerprint("notify-1", { ...BASE, message: "no shot 7" })).not.toBe(one);
  expect(fingerprint("notify-1", { ...BASE, message: 'no "a"' })).toBe(
    fingerprint("notify-1", { ...BASE, message: 'no "b"' }),
  );
});

test.each([
  ["V8", V8],
  ["Python", PYTHON],
])("a stack of %s counts by its functions, not by its lines or the message", (_, stack) => {
  const one = fingerprint("notify-1", { ...BASE, message: "TypeError: a", stack: stack(7) });
  expect(fingerprint("notify-1", { ...BASE, message: "TypeError: b", stack: stack(9) })).toBe(one);
  expect(fingerprint("notify-1", { ...BASE, message: "RangeError: a", stack: stack(7) })).not.toBe(one);
});

test("another function, code, callback or plugin is another trouble", () => {
  const given = { ...BASE, stack: V8(7) };
  const all = [
    fingerprint("notify-1", given),
    fingerprint("notify-1", { ...given, stack: V8(7, "other") }),
    fingerprint("notify-1", { ...given, code: "CALLBACK_TIMEOUT" }),
    fingerprint("notify-1", { ...given, callback: "other" }),
    fingerprint("other-1", given),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test("what the error itself says it is grouped by comes first", () => {
  const one = fingerprint("notify-1", { ...BASE, fingerprint: "farm-down" });
  const other = { ...BASE, callback: "other", message: "quite another", stack: V8(7) };
  expect(fingerprint("notify-1", { ...other, fingerprint: "farm-down" })).toBe(one);
  expect(fingerprint("notify-1", { ...BASE, fingerprint: "disk-full" })).not.toBe(one);
  expect(fingerprint("notify-1", BASE)).not.toBe(one);
});

test("says in words what a group has in common", () => {
  expect(groupedBy({ ...BASE, fingerprint: "farm-down" })).toBe("what the error says itself: farm-down");
  expect(groupedBy({ ...BASE, message: "TypeError: x", stack: V8(7) })).toBe(
    "callback onStatus, TypeError and the functions it came through",
  );
  expect(groupedBy({ ...BASE, callback: null })).toBe("the message without its figures");
});
