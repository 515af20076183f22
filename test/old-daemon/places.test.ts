/** Where plugins go on: the rules of the Python daemon, without its accidents. */
import { expect, test } from "vitest";
import type { PluginFile } from "../../src/daemon/host.ts";
import type { OldPlace, OldState, PendingRange } from "../../src/old-daemon/id-file.ts";
import { beginningOf, leftOvers, needsNewest, placesOf, type Start } from "../../src/old-daemon/places.ts";

const UNTIL = "2026-11-01T08:00:00";
const FOLDERS = [
  { written: "./plugins/", path: "/studio/plugins" },
  { written: "/more", path: "/more" },
];
const NEWEST = { position: 500, gaps: [{ first: 490, last: 491 }] };

function file(path: string, folder = 0): PluginFile {
  return { path, name: path.replace(/^.*\/|\.py$/g, ""), language: "python", folder };
}

function pending(...ids: number[]): PendingRange[] {
  return ids.map((id) => ({ first: id, last: id, until: UNTIL }));
}

function state(folders: Record<string, Record<string, OldPlace>>): OldState {
  return {
    places: new Map(
      Object.entries(folders).map(([path, plugins]) => [path, new Map(Object.entries(plugins))]),
    ),
  };
}

function begin(files: PluginFile[], old: OldState | null, start: Start = null) {
  const parts = { files, folders: FOLDERS, state: old, start };
  const places = placesOf(parts);
  const newest = needsNewest(places) ? NEWEST : null;
  return { ...beginningOf(places, newest), places, left: leftOvers(parts, places) };
}

const had = (lastId: number, ranges: { first: number; last: number }[] = []) => ({
  lastId,
  pending: ranges,
  as: "had_before",
});
const began = (lastId: number, ranges: { first: number; last: number }[] = []) => ({
  ...had(lastId, ranges),
  as: "before_start",
});

test("each has its own place, and the reader begins before all of them, with the ids that are pending there", () => {
  const old = state({
    "./plugins/": { a: { lastId: 105, pending: pending(97, 103) }, b: { lastId: 98, pending: pending(60) } },
    "/more": { a: { lastId: 200, pending: [] } },
  });
  const { reader, had: given } = begin(
    [file("/studio/plugins/a.py"), file("/studio/plugins/b.py"), file("/more/a.py", 1)],
    old,
  );
  const r = (id: number) => ({ first: id, last: id });
  expect(given).toEqual([had(105, [r(97), r(103)]), had(98, [r(60)]), had(200)]);
  expect(reader).toEqual({ position: 98, gaps: [r(60), r(97)] });
});

test("pending ids beyond the last event are no matter of their own", () => {
  const old = state({
    "/more": { a: { lastId: 102, pending: [{ first: 101, last: 104, until: UNTIL }, ...pending(110)] } },
  });
  expect(begin([file("/more/a.py", 1)], old).had).toEqual([had(102, [{ first: 101, last: 102 }])]);
});

test("the path may be written in another way now", () => {
  const old = state({
    "/studio/plugins": { a: { lastId: 5, pending: [] } },
    "/more/": { a: { lastId: 6, pending: [] } },
  });
  expect(begin([file("/studio/plugins/a.py"), file("/more/a.py", 1)], old).had).toEqual([had(5), had(6)]);
});

test("a new plugin in a known folder begins with the events that are fetched for the others", () => {
  const old = state({ "/more": { a: { lastId: 100, pending: [] }, none: { lastId: null, pending: [] } } });
  const { reader, had: given } = begin(
    [file("/more/a.py", 1), file("/more/new.py", 1), file("/more/none.py", 1)],
    old,
  );
  expect(given).toEqual([had(100), null, null]);
  expect(reader.position).toBe(100);
});

test("a new plugin alone in a known folder begins at the site's end (it never began)", () => {
  const old = state({ "/more": { gone: { lastId: 100, pending: [] } } });
  const { reader, had: given } = begin([file("/more/new.py", 1)], old);
  expect(given).toEqual([null]);
  expect(reader).toEqual(NEWEST);
  expect(
    begin([file("/more/new.py", 1)], state({ "/more": { new: { lastId: null, pending: [] } } })).reader,
  ).toEqual(NEWEST);
});

test("in an unknown folder: the plugin of this name that came furthest, else the site's end", () => {
  const old = state({
    "/old/one": { a: { lastId: 10, pending: pending(7) }, other: { lastId: 3, pending: [] } },
    "/old/two": { a: { lastId: 40, pending: pending(35) } },
    "/old/three": { a: { lastId: null, pending: [] } },
    // a folder without plugins is as good as none
    "/more": {},
  });
  const { reader, had: given, left, places } = begin([file("/more/a.py", 1), file("/more/new.py", 1)], old);
  expect(given).toEqual([had(40, [{ first: 35, last: 35 }]), began(500, NEWEST.gaps)]);
  expect(reader).toEqual({ position: 40, gaps: [{ first: 35, last: 35 }] });
  expect(places[0]).toMatchObject({ kind: "known", folder: "/old/two", moved: true });
  expect(left.map(({ folder, name }) => `${folder} ${name}`)).toEqual([
    "/old/one a",
    "/old/one other",
    "/old/three a",
  ]);
});

test("places of plugins that are gone do not hold the reader back", () => {
  const old = state({
    "/more": { a: { lastId: 100, pending: [] }, gone: { lastId: 3, pending: pending(2) } },
  });
  expect(begin([file("/more/a.py", 1)], old).reader).toEqual({ position: 100, gaps: [] });
});

test("the oldest form is the place of all", () => {
  const { reader, had: given } = begin([file("/studio/plugins/a.py"), file("/more/b.py", 1)], { lastId: 77 });
  expect(given).toEqual([had(77), had(77)]);
  expect(reader).toEqual({ position: 77, gaps: [] });
});

test("what the operator says counts for plugins without a place, or for all when there is no state", () => {
  const old = state({ "/more": { a: { lastId: 100, pending: [] } } });
  const files = [file("/more/a.py", 1), file("/more/new.py", 1), file("/studio/plugins/b.py")];
  expect(begin(files, old, 51).had).toEqual([had(100), began(50), began(50)]);
  expect(begin(files, old, 51).reader.position).toBe(50);
  expect(begin(files, old, "latest").had).toEqual([
    had(100),
    began(500, NEWEST.gaps),
    began(500, NEWEST.gaps),
  ]);
  expect(begin(files, null, 51).had).toEqual([began(50), began(50), began(50)]);
  expect(begin(files, null, "latest").reader).toEqual(NEWEST);
});

test("files of one name in two folders, which have longer names here, and files of other languages", () => {
  const old = state({
    "./plugins/": { a: { lastId: 5, pending: [] } },
    "/more": { a: { lastId: 6, pending: [] } },
  });
  const named = (path: string, folder: number, name: string) => ({ ...file(path, folder), name });
  const files = [
    named("/studio/plugins/a.py", 0, "plugins.a"),
    named("/more/a.py", 1, "more.a.py"),
    { ...named("/more/a.ts", 1, "more.a.ts"), language: "typescript" as const },
  ];
  expect(begin(files, old).had).toEqual([had(5), had(6), null]);
  expect(begin(files, old).left).toEqual([]);
  expect(begin(files, { lastId: 9 }).had).toEqual([had(9), had(9), null]);
});
