/** The file `eventIdFile` of the Python daemon: the last event of each plugin, and the ids that it still waits for. */
import { readFileSync, statSync } from "node:fs";
import { asError, CallsheetError } from "../errors.ts";
import { readPickle } from "./pickle.ts";
import { NaiveDate } from "./pickle-date.ts";
import type { PickleValue } from "./pickle-machine.ts";
import { PickleRefused } from "./pickle-refusals.ts";

/** What the Python daemon remembers of a plugin. */
export interface OldPlace {
  /** The last event that it had; null when it has not had any. */
  lastId: number | null;
  /** Ids that it has not had yet since the site had not shown them; ascending ranges. */
  pending: readonly PendingRange[];
}

export interface PendingRange {
  first: number;
  last: number;
  /** Until when the Python daemon would have waited for the last of them, by the clock of its machine, without a zone. */
  until: string;
}

/** By the path of the plugin folder, as its configuration had it, and by the plugin's name. */
export type OldPlaces = ReadonlyMap<string, ReadonlyMap<string, OldPlace>>;

/** An id alone is the oldest form: every plugin had had the events up to it. */
export type OldState = { places: OldPlaces } | { lastId: number };

/** Larger ones are not even read. */
const MOST_BYTES = 64_000_000;
const HINT =
  "Put back a copy of it, or say where every plugin is to begin: callsheet import with --start latest for new events only, or with --start ID and the first event that they are to get.";

/**
 * Reads the file, and changes nothing. Nothing in it can run code.
 * @throws {CallsheetError} OLD_STATE: it is missing, empty, cut short, damaged or something else
 */
export function readIdFile(file: string): OldState {
  const bytes = readBytes(file);
  if (bytes.every((byte) => byte === 0)) {
    throw trouble(
      `${file} is empty, or holds zeros only: the Python daemon was stopped while it wrote it, or the disk was full.`,
    );
  }
  const number = /^\s*(\d{1,15})\s*$/.exec(bytes.subarray(0, 100).toString("latin1").split("\n", 1)[0]!);
  if (number) return { lastId: Number(number[1]) };
  try {
    return { places: placesIn(readPickle(bytes)) };
  } catch (error) {
    if (!(error instanceof PickleRefused)) throw error;
    throw trouble(`${file} is not the state of a Python daemon: ${error.message}.`, error);
  }
}

function readBytes(file: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size <= MOST_BYTES) return readFileSync(file);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw trouble(
      missing
        ? `There is no file ${file}, which the configuration names as eventIdFile.`
        : `${file} cannot be read: ${asError(error).message}.`,
      error,
    );
  }
  throw trouble(`${file} is not the state of a Python daemon: it has more than ${MOST_BYTES / 1e6} MB.`);
}

function trouble(message: string, cause?: unknown): CallsheetError {
  return new CallsheetError("OLD_STATE", message, { hint: HINT, cause });
}

function placesIn(value: PickleValue): OldPlaces {
  if (!(value instanceof Map)) {
    throw new PickleRefused(`it is a pickle of ${kindOf(value)}, not of plugin folders`);
  }
  const shapes = new Shapes();
  return new Map(
    [...value].map(([path, plugins]) => {
      if (typeof path === "string") return [path, shapes.plugins(path, plugins)];
      throw new PickleRefused(`it has ${path} where the path of a plugin folder should be`);
    }),
  );
}

/** Gives what a pickle holds its shape, each object once: a pickle may name one in a million places. */
class Shapes {
  readonly #known = new Map<PickleValue, unknown>();

  plugins(path: string, plugins: PickleValue): ReadonlyMap<string, OldPlace> {
    if (!(plugins instanceof Map)) {
      throw new PickleRefused(`it has ${kindOf(plugins)} for the folder ${path}, not the plugins in it`);
    }
    return this.#once(plugins, () => {
      const places = [...plugins].map(([name, place]) => {
        if (typeof name === "string")
          return [name, this.#place(`the plugin ${name} in ${path}`, place)] as const;
        throw new PickleRefused(`it has ${name} for the folder ${path} where a plugin's name should be`);
      });
      return new Map(places);
    });
  }

  #place(whose: string, place: PickleValue): OldPlace {
    if (!Array.isArray(place)) return { lastId: idOrNone(whose, place), pending: [] };
    const [lastId = null, pending, ...more] = place as readonly PickleValue[];
    if (!(pending instanceof Map) || more.length > 0) {
      throw new PickleRefused(`for ${whose} it has no pair of last event and pending ids`);
    }
    return {
      lastId: idOrNone(whose, lastId),
      pending: this.#once(pending, () => pendingIn(whose, pending)),
    };
  }

  #once<T>(value: PickleValue, shape: () => T): T {
    if (!this.#known.has(value)) this.#known.set(value, shape());
    return this.#known.get(value) as T;
  }
}

function idOrNone(whose: string, value: PickleValue): number | null {
  if (value === null || isId(value)) return value;
  throw new PickleRefused(`for ${whose} it has ${kindOf(value)} as its last event`);
}

function pendingIn(whose: string, pending: ReadonlyMap<unknown, PickleValue>): PendingRange[] {
  const ids = [...pending.keys()].map((id) => {
    if (isId(id)) return id;
    throw new PickleRefused(`for ${whose} it has a pending event that is no id`);
  });
  const ranges: PendingRange[] = [];
  for (const id of ids.sort((a, b) => a - b)) {
    const until = pending.get(id);
    if (!(until instanceof NaiveDate))
      throw new PickleRefused(`for ${whose} it has no date for the pending event ${id}`);
    const before = ranges.at(-1);
    if (before?.last !== id - 1) ranges.push({ first: id, last: id, until: until.text });
    else {
      before.last = id;
      if (until.text > before.until) before.until = until.text;
    }
  }
  return ranges;
}

function isId(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

function kindOf(value: PickleValue): string {
  if (value === null) return "nothing";
  if (value instanceof NaiveDate) return "a date";
  if (value instanceof Map) return "a dict";
  if (Array.isArray(value)) return "a tuple";
  if (typeof value === "string" || Buffer.isBuffer(value)) return "a text";
  return `the number ${value}`;
}
