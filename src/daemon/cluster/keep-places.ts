/** A plugin whose label no host has gets its place among the events when it is found, so that those after it wait for it. */
import type { Journal } from "../../journal/journal.ts";
import type { FleetOptions } from "../fleet-options.ts";
import type { PluginFile } from "../host.ts";
import { laneOf, newLaneId } from "../lane-of.ts";
import { isLocked } from "./locked.ts";
import { giveBack } from "./reading.ts";

/** @param files all plugin files of this host */
export async function keepPlaces(
  { allotment, journal }: Pick<FleetOptions, "allotment" | "journal">,
  files: readonly PluginFile[],
): Promise<void> {
  const placeless = allotment?.placeless() ?? [];
  if (placeless.length === 0) return;
  const found = new Set(files.map(({ path }) => path));
  const records = await journal.lanes();
  // one that moved here has the place that it had
  const fresh = placeless.filter((file) => !laneOf(file, records, (path) => found.has(path)));
  await Promise.all(fresh.map((file) => keepPlace(journal, file, newLaneId(file, records))));
}

async function keepPlace(journal: Journal, { path, name }: PluginFile, id: string): Promise<void> {
  try {
    const { lease } = await journal.openLane({ id, path, name, startSeq: journal.head.lastSeq }, null);
    if (lease) await giveBack(lease);
  } catch (error) {
    // another daemon of the cluster was faster
    if (!isLocked(error)) throw error;
  }
}
