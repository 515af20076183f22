/** What a repair found and did, in sentences. */
import type { ReaderState } from "../../journal.ts";

export interface RepairReport {
  /** Damaged files, what was wrong with them, and where they are kept (null: there was nothing to keep). */
  damaged: { file: string; why: string; keptAs: string | null }[];
  /** Null when the journal was sound. Ranges are places in the journal; the reader fetches what is lost from the site again. */
  events: { recovered: number; lost: { first: number; last: number }[] } | null;
  /** Where the reader goes on; null when that is not known, or before the first start. */
  reader: ReaderState | null;
  /** `seq`: the last place that the plugin is done with. `note`: what it lost, or null. */
  lanes: { id: string; name: string; path: string; seq: number; note: string | null }[];
}

/** For a person to read, one line each. */
export function describeRepair({ damaged, events, reader, lanes }: RepairReport): string[] {
  if (damaged.length === 0) return ["The state is sound; nothing was changed."];
  return [
    ...damaged.map(({ why, keptAs }) => (keptAs ? `${why} It is kept as ${keptAs}.` : why)),
    ...(events ? describeEvents(events, reader) : []),
    ...lanes.map(({ name, seq, note }) =>
      note ? `${name}: ${note}.` : `${name}: goes on after place ${seq}.`,
    ),
  ];
}

function describeEvents(
  { recovered, lost }: NonNullable<RepairReport["events"]>,
  reader: ReaderState | null,
): string[] {
  const count = lost.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const places = lost.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
  const goesOn = reader
    ? `The reader goes on after event ${reader.position}${count > 0 ? "; events that are fetched again reach every plugin, also those that had finished them, marked as redelivered" : ""}.`
    : "Nothing tells where the reader was: the next start begins where `start` in the configuration says. Set it to an event id or a date before the damage, so that nothing is skipped.";
  return [
    `${recovered} events of the journal were recovered.`,
    ...(count > 0 ? [`${count} events could not be read (places ${places}).`] : []),
    goesOn,
  ];
}
