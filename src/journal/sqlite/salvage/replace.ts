/** Putting a rebuilt database in the place of a damaged one, so that a crash in between can be finished later. */
import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { translated } from "../trouble.ts";

/** What belongs to a database beside its file. */
const BESIDE = ["-wal", "-shm"];

/** The folder into which damaged files go; made with the first of them. */
export class SetAside {
  readonly #folder: string;
  readonly #places = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps the file, and what belongs to it, under a second name; a file that is not there is left out. */
  keep(file: string): void {
    for (const part of [file, ...BESIDE.map((ending) => file + ending)]) {
      if (!existsSync(part)) continue;
      const place = join(this.#folder, basename(part));
      try {
        mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
        keepUnder(part, place);
      } catch (error) {
        throw translated(error, this.#folder);
      }
      this.#places.set(part, place);
    }
  }

  /** Where a file is now; null when it was not there. */
  placeOf(file: string): string | null {
    return this.#places.get(file) ?? null;
  }
}

function keepUnder(file: string, place: string): void {
  try {
    linkSync(file, place);
  } catch {
    // not every file system has hard links
    copyFileSync(file, place);
  }
}

export class Replacement {
  readonly #file: string;
  readonly #aside: SetAside;

  constructor(file: string, aside: SetAside) {
    this.#file = file;
    this.#aside = aside;
  }

  /** The new database is built here. */
  get draft(): string {
    return `${this.#file}.repairing`;
  }

  /** The draft is whole, closed and on the disk. */
  ready(): void {
    renameSync(this.draft, readyName(this.#file));
  }

  put(): void {
    put(this.#file, this.#aside);
  }
}

/** Finishes what an earlier repair had ready, and forgets what it had not. */
export function finishInterrupted(files: readonly string[], aside: SetAside): void {
  for (const file of files) {
    for (const ending of ["", ...BESIDE]) rmSync(`${file}.repairing${ending}`, { force: true });
    if (existsSync(readyName(file))) put(file, aside);
  }
}

function put(file: string, aside: SetAside): void {
  aside.keep(file);
  // first the old log: SQLite would take it for the new file's
  for (const ending of BESIDE) rmSync(file + ending, { force: true });
  renameSync(readyName(file), file);
}

function readyName(file: string): string {
  return `${file}.repaired`;
}
