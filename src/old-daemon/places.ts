/** Where each plugin goes on: where the Python daemon left it, or where that daemon would have begun with it. */
import { parse, resolve } from "node:path";
import type { PluginFile } from "../daemon/host.ts";
import { merged, upTo } from "../id-ranges.ts";
import type { Estate, Heir, IdRange } from "../journal/journal.ts";
import type { OldPlace, OldState, PendingRange } from "./id-file.ts";

export type Place =
  /** `folder`: as the state file names it; `moved`: found by the plugin's name, since its own folder is not in the file. */
  | { kind: "known"; folder: string; moved: boolean; lastId: number; pending: readonly PendingRange[] }
  /** New in a folder that is in the state file: it begins with the first event that is fetched for the others. */
  | { kind: "with the others" }
  /** New altogether: it begins with the site's next event. */
  | { kind: "new" }
  /** Where the operator said. */
  | { kind: "told"; firstId: number };

/** What the operator says of plugins without a place. */
export type Start = "latest" | number | null;

export interface PlacesParts {
  files: readonly PluginFile[];
  /** The plugin folders as the conf has them, and as paths; the folder of a plugin is an index into them. */
  folders: readonly { written: string; path: string }[];
  /** null when it cannot be read and `start` is given. */
  state: OldState | null;
  start: Start;
}

/** The place of each plugin, in the order of `files`. */
export function placesOf({ files, folders, state, start }: PlacesParts): Place[] {
  return files.map((file): Place => {
    const found = state && placeIn(state, folders[file.folder]!, oldName(file));
    if (found?.kind === "known" || (found && start === null)) return found;
    return typeof start === "number" ? { kind: "told", firstId: start } : { kind: "new" };
  });
}

/** The plugin's name in the Python daemon, which knew no other files, and gave one name to files of several folders. */
function oldName({ path, language }: PluginFile): string | null {
  return language === "python" ? parse(path).name : null;
}

function placeIn(state: OldState, folder: { written: string; path: string }, name: string | null): Place {
  if ("lastId" in state) {
    const place = { lastId: state.lastId, pending: [] };
    return (name === null ? null : known(folder.written, place, false)) ?? { kind: "with the others" };
  }
  const { places } = state;
  const same =
    [...places.keys()].find((key) => key === folder.written) ?? sameFolder([...places.keys()], folder);
  const plugins = same === undefined ? undefined : places.get(same);
  if (same !== undefined && plugins && plugins.size > 0) {
    return known(same, placeOf(plugins, name), false) ?? { kind: "with the others" };
  }
  const elsewhere = [...places]
    .map(([key, others]) => known(key, placeOf(others, name), true))
    .filter((place) => place !== null)
    .toSorted((a, b) => b.lastId - a.lastId);
  return elsewhere[0] ?? { kind: "new" };
}

function placeOf(plugins: ReadonlyMap<string, OldPlace>, name: string | null): OldPlace | undefined {
  return name === null ? undefined : plugins.get(name);
}

/** Written in another way, such as with a slash behind it. */
function sameFolder(keys: readonly string[], { path }: { path: string }): string | undefined {
  return keys.find((key) => resolve(key) === path);
}

function known(folder: string, place: OldPlace | undefined, moved: boolean) {
  if (place?.lastId == null) return null;
  const { lastId, pending } = place;
  return { kind: "known", folder, moved, lastId, pending: upTo(lastId, pending) } as const;
}

/** Where the reader and the lanes begin. `newest` is where the site's log ends now; null when that is not needed. */
export interface Beginning {
  reader: Estate["reader"];
  /** In the order of the places. */
  had: Heir["had"][];
}

/** Whether the site must be asked where its log ends. */
export function needsNewest(places: readonly Place[]): boolean {
  return places.every(({ kind }) => kind === "with the others") || places.some(({ kind }) => kind === "new");
}

export function beginningOf(places: readonly Place[], newest: Estate["reader"] | null): Beginning {
  const had = places.map((place) => hadBy(place, newest));
  const begun = had.filter((one) => one !== null);
  if (begun.length === 0) return { reader: newest!, had };
  const position = Math.min(...begun.map(({ lastId }) => lastId));
  const gaps = merged(begun.flatMap(({ pending }) => upTo(position, pending)));
  return { reader: { position, gaps }, had };
}

function hadBy(place: Place, newest: Estate["reader"] | null): Heir["had"] {
  if (place.kind === "with the others") return null;
  if (place.kind === "told")
    return { lastId: Math.max(0, place.firstId - 1), pending: [], as: "before_start" };
  if (place.kind === "new")
    return { lastId: newest!.position, pending: newest!.gaps.map(plain), as: "before_start" };
  return { lastId: place.lastId, pending: place.pending.map(plain), as: "had_before" };
}

function plain({ first, last }: IdRange): IdRange {
  return { first, last };
}

/** What the state file knows of plugins that are not there. */
export interface LeftOver {
  folder: string;
  name: string;
  lastId: number | null;
}

export function leftOvers({ files, folders, state }: PlacesParts, places: readonly Place[]): LeftOver[] {
  if (!state || "lastId" in state) return [];
  const taken = new Set(
    files.map((file, at) => {
      const place = places[at]!;
      const folder = place.kind === "known" ? place.folder : folders[file.folder]!.written;
      return keyOf(folder, oldName(file) ?? "");
    }),
  );
  return [...state.places].flatMap(([folder, plugins]) =>
    [...plugins]
      .filter(([name]) => !taken.has(keyOf(folder, name)))
      .map(([name, { lastId }]) => ({ folder, name, lastId })),
  );
}

function keyOf(folder: string, name: string): string {
  return JSON.stringify([folder, name]);
}
