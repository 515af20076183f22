/** The Python daemon's state file in every form it had, and in none. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { readIdFile } from "../../src/old-daemon/id-file.ts";
import { python, withoutPython } from "../plugins-python/python.ts";

const folder = mkdtempSync(join(tmpdir(), "callsheet-id-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "shotgunEventDaemon.id");

function read(content: string | Uint8Array) {
  writeFileSync(file, content);
  return readIdFile(file);
}

function refusal(content: string | Uint8Array): string {
  writeFileSync(file, content);
  return refusalOf(file);
}

function refusalOf(path: string): string {
  try {
    readIdFile(path);
  } catch (error) {
    if (error instanceof CallsheetError && error.code === "OLD_STATE") {
      expect(error.hint).toContain("--start latest");
      return error.message;
    }
    throw error;
  }
  throw new Error("it was read");
}

describe.skipIf(withoutPython)("a pickle", () => {
  const pickle = (expression: string) =>
    execFileSync(python!, [
      "-c",
      `import sys, pickle, datetime
t = datetime.datetime(2026, 11, 1, 8, 0)
later = t + datetime.timedelta(minutes=5)
shared = {7: t}
sys.stdout.buffer.write(pickle.dumps(${expression}))`,
    ]);

  test("gives every plugin's place, pending ids as ranges", () => {
    const state = read(
      pickle(`{"/a": {"notify": (105, {9: t, 103: t, 102: later, 101: t}), "new": (None, {}), "plain": 12},
               "/b": {"one": (1, shared), "two": (2, shared)}, "/empty": {}}`),
    );
    const t = "2026-11-01T08:00:00";
    const shared = [{ first: 7, last: 7, until: t }];
    expect(state).toEqual({
      places: new Map([
        [
          "/a",
          new Map<string, unknown>([
            [
              "notify",
              {
                lastId: 105,
                pending: [
                  { first: 9, last: 9, until: t },
                  { first: 101, last: 103, until: "2026-11-01T08:05:00" },
                ],
              },
            ],
            ["new", { lastId: null, pending: [] }],
            ["plain", { lastId: 12, pending: [] }],
          ]),
        ],
        [
          "/b",
          new Map([
            ["one", { lastId: 1, pending: shared }],
            ["two", { lastId: 2, pending: shared }],
          ]),
        ],
        ["/empty", new Map()],
      ]),
    });
  });

  test.each<[string, RegExp]>([
    ["5", /: it is a pickle of the number 5, not of plugin folders\.$/],
    ["None", /: it is a pickle of nothing, not/],
    ["{1: {}}", /: it has 1 where the path of a plugin folder should be\.$/],
    ["{'/a': 5}", /: it has the number 5 for the folder \/a, not the plugins in it\.$/],
    ["{'/a': {5: (1, {})}}", /: it has 5 for the folder \/a where a plugin's name should be\.$/],
    ["{'/a': {'b': 'c'}}", /: for the plugin b in \/a it has a text as its last event\.$/],
    ["{'/a': {'b': (-1, {})}}", /: for the plugin b in \/a it has the number -1 as its last event\.$/],
    ["{'/a': {'b': (1,)}}", /: for the plugin b in \/a it has no pair of last event and pending ids\.$/],
    ["{'/a': {'b': (1, {'x': t})}}", /: for the plugin b in \/a it has a pending event that is no id\.$/],
    ["{'/a': {'b': (1, {5: 6})}}", /: for the plugin b in \/a it has no date for the pending event 5\.$/],
  ])("of something else is refused: %s", (expression, sentence) => {
    expect(refusal(pickle(expression))).toMatch(sentence);
  });

  test("that names one thing in a million places is read in no time", () => {
    const state = read(
      pickle(`(lambda many: {"/%d" % i: many for i in range(2000)})(
        (lambda ids: {"p%d" % i: (i, ids) for i in range(2000)})({i * 2: t for i in range(2000)}))`),
    );
    expect("places" in state && state.places.get("/1999")!.get("p1999")!.pending.length).toBe(2000);
  });
});

test.each([
  ["12345", 12345],
  ["12345\n", 12345],
  ["  7 \r\nwhatever", 7],
])("the oldest form is an id as text: %j", (text, lastId) => {
  expect(read(text)).toEqual({ lastId });
});

test("a file that is missing, empty, zeroed, a folder or too large is told as such", () => {
  expect(refusalOf(join(folder, "no.id"))).toBe(
    `There is no file ${join(folder, "no.id")}, which the configuration names as eventIdFile.`,
  );
  expect(refusal("")).toMatch(/shotgunEventDaemon\.id is empty, or holds zeros only/);
  expect(refusal(Buffer.alloc(4096))).toMatch(/is empty, or holds zeros only/);
  expect(refusal(Buffer.alloc(65 * 1024 * 1024))).toMatch(/: it has more than 64 MB\.$/);
  mkdirSync(join(folder, "folder"));
  expect(refusalOf(join(folder, "folder"))).toMatch(/cannot be read: EISDIR/);
});

test("garbage is told as such", () => {
  expect(refusal("<html>502 Bad Gateway</html>")).toMatch(
    /is not the state of a Python daemon: it is no pickle\.$/,
  );
  expect(refusal("12a45")).toMatch(/is not the state of a Python daemon/);
  expect(refusal("9".repeat(40))).toMatch(/is not the state of a Python daemon/);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
      try {
        read(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CallsheetError);
        expect((error as CallsheetError).describe()).toMatch(/^OLD_STATE: /);
      }
    }),
    { numRuns: 500 },
  );
});
