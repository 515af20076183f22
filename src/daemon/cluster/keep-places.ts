/**
 * Plugins get their place among the events before a host runs them. All that are found while nothing has been read yet, so that each begins
 * where the reading does, whichever host comes to run it, and when; later one whose label no host has, so that those after it wait for it.
 */
import { whileDiskIsFull } from "../disk-full.ts";
import type { FleetOptions } from "../fleet-options.ts";
import type { PluginFile } from "../host.ts";
import { laneOf, newLaneId } from "../lane-of.ts";

type Parts = Pick<FleetOptions, "allotment" | "journal">;

/** At each look. @param files all plugin files of this host. @throws STATE_FULL */
export async function keepPlaces(parts: Parts, files: readonly PluginFile[]): Promise<void> {
  const { allotment, journal } = parts;
  if (!allotment || allotment.awaySince !== null) return;
  const startSeq = journal.head.lastSeq;
  const placeless = startSeq === 0 ? allotment.placeless(files) : allotment.placelessForLabel();
  await keep(parts, { placeless, startSeq }, files);
}

/** Before the first event is appended; waits while the disk of the database is full. @param signal then nothing is read any more */
export async function keepPlacesOfAll(
  parts: Parts & Pick<FleetOptions, "log">,
  files: readonly PluginFile[],
  signal: AbortSignal,
): Promise<void> {
  const { allotment, journal, log } = parts;
  if (!allotment || journal.head.lastSeq > 0) return;
  const places = () => ({ placeless: allotment.placeless(files), startSeq: 0 });
  try {
    await whileDiskIsFull(() => keep(parts, places(), files), log, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** @param places begin where the journal ended when that was decided: what another has read since is for them, too */
async function keep(
  { journal }: Parts,
  { placeless, startSeq }: { placeless: readonly PluginFile[]; startSeq: number },
  files: readonly PluginFile[],
): Promise<void> {
  if (placeless.length === 0) return;
  const found = new Set(files.map(({ path }) => path));
  const records = await journal.lanes();
  // one that moved here has the place that it had
  const fresh = placeless.filter((file) => !laneOf(file, records, (path) => found.has(path)));
  await Promise.all(
    fresh.map((file) => {
      const { path, name } = file;
      return journal.cluster!.keepPlace({ id: newLaneId(file, records), path, name, startSeq });
    }),
  );
}
