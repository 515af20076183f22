/**
 * Where events stood in the journal, chapter by chapter. A repair may give an event another place, so that the journal is read each time
 * before the state is damaged: from a copy, which leaves the logs of the killed daemon as they are.
 */
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openJournalForReading } from "../../src/journal/sqlite/open-for-reading.ts";
import { type Chapter, journalPlaces, notesOf } from "./oracle.ts";
import { clock } from "./site.ts";
import { PLUGINS, type Studio } from "./studio.ts";

/** To be called while no daemon runs. */
export async function endChapter(studio: Studio, chapters: Chapter[]): Promise<void> {
  const from = chapters.at(-1)?.until ?? 0;
  const called = new Set(
    Object.keys(PLUGINS).flatMap((plugin) =>
      notesOf(studio, plugin)
        .filter(({ at }) => at >= from)
        .map(({ number }) => number),
    ),
  );
  const places = [...(await placesIn(studio.state))].filter(([number]) => called.has(number));
  chapters.push({ until: clock(), places: new Map(places) });
}

async function placesIn(state: string): Promise<Map<number, number>> {
  const copy = mkdtempSync(join(tmpdir(), "callsheet-chaos-copy-"));
  try {
    for (const name of readdirSync(state).filter((name) => /^(journal|lanes)\.sqlite/.test(name)))
      cpSync(join(state, name), join(copy, name));
    for (const name of ["journal.sqlite", "lanes.sqlite"]) foldLog(join(copy, name));
    return await journalPlaces(await openJournalForReading(copy));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Who only reads cannot do it. */
function foldLog(file: string): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}
