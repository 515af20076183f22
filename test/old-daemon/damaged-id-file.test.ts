/**
 * State files as Pythons write them, cut at every byte and with every bit flipped: read right, or refused in a sentence. What nothing can tell
 * is a number, a letter or a date that is another one: a pickle has no checksum.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { readIdFile } from "../../src/old-daemon/id-file.ts";
import { readPickle } from "../../src/old-daemon/pickle.ts";
import { NaiveDate } from "../../src/old-daemon/pickle-date.ts";
import type { PickleValue } from "../../src/old-daemon/pickle-machine.ts";
import { PickleRefused } from "../../src/old-daemon/pickle-refusals.ts";
import { python, withoutPython } from "../plugins-python/python.ts";
import { pickledBy, python2States } from "./pickles.ts";

const folder = mkdtempSync(join(tmpdir(), "callsheet-damaged-id-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "shotgunEventDaemon.id");

/** As `_saveEventIdData` of the Python daemon has it. */
const STATE = `{"/studio/plugins": {"notify": (70105, {70099: until, 70102: until, 70103: until}), "fresh": (None, {})},
  "/studio/more": {"notify": (70104, {70102: until}), "publish": (8589934592, {})}}`;
const SETUP = "until = datetime.datetime(2026, 11, 1, 8, 4, 59, 10203)";

describe.skipIf(withoutPython)("of Python 3", () => {
  const written = python === null ? [] : pickledBy(python, SETUP, [STATE]).get(STATE)!;
  test.each(written.map((whole, protocol) => [protocol, whole] as const))("protocol %i", (_, whole) =>
    judge(whole),
  );
});

describe("of Python 2", () => {
  test.each(python2States)("$made, protocol $protocol", ({ base64 }) => judge(Buffer.from(base64, "base64")));
});

function judge(whole: Buffer): void {
  const truth = readPickle(whole);
  const wrong: string[] = [];
  for (let length = 0; length < whole.length; length += 1) {
    const told = read(whole.subarray(0, length));
    if (typeof told !== "string") wrong.push(`cut at ${length}: it was read`);
    else if (!/: it ends in the middle: it was cut short while it was written\.$|is empty/.test(told))
      wrong.push(`cut at ${length}: ${told}`);
  }
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    if (isRefused(bytes)) continue;
    const told = read(bytes);
    if (typeof told === "string") continue;
    if (!alike(truth, told))
      wrong.push(`bit ${bit & 7} of byte ${bit >> 3} flipped: ${JSON.stringify(shape(told))}`);
  }
  expect(wrong).toEqual([]);
}

/** Most are: no file needs to be written for those. */
function isRefused(bytes: Buffer): boolean {
  try {
    readPickle(bytes);
    return false;
  } catch (error) {
    if (!(error instanceof PickleRefused)) throw error;
    return true;
  }
}

/** What is in the file, or the sentence with which it is refused. */
function read(bytes: Buffer): PickleValue | string {
  writeFileSync(file, bytes);
  try {
    readIdFile(file);
    return readPickle(bytes);
  } catch (error) {
    if (!(error instanceof CallsheetError) || error.code !== "OLD_STATE") throw error;
    expect(error.hint).toContain("--start latest");
    expect(error.message.startsWith(`${file} is `)).toBe(true);
    return error.message;
  }
}

/** As many folders, plugins and pending ids, of the same kinds. */
function alike(truth: PickleValue, told: PickleValue): boolean {
  return JSON.stringify(shape(truth)) === JSON.stringify(shape(told));
}

function shape(value: PickleValue): unknown {
  if (value instanceof Map) return [...value].map(([key, inside]) => [typeof key, shape(inside)]);
  if (Array.isArray(value)) return value.map(shape);
  if (value instanceof NaiveDate) return "date";
  return value === null ? "none" : typeof value;
}
