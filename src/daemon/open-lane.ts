/** Opens the lane of a plugin file: finds its record, takes its lease, and makes what feeds it. */
import type { LaneJournal, LaneRecord } from "../journal/journal.ts";
import { giveBack } from "./cluster/reading.ts";
import type { FleetOptions } from "./fleet-options.ts";
import type { Host, PluginFile } from "./host.ts";
import { Lane } from "./lane.ts";
import { laneOf, newLaneId } from "./lane-of.ts";

export interface LaneToStart {
  file: PluginFile;
  /** Of all lanes; that of a file that has moved is found among them. Of no use where the cluster has a lane of its path. */
  records: LaneRecord[];
  /** Where a new lane begins. */
  startSeq: number;
  /** Whether a path is another plugin's. */
  taken(path: string): boolean;
  /** False: the daemon has begun to stop. */
  isWanted(): boolean;
  /** Once it was loaded, it asks for another host. */
  onMisplaced(): void;
}

/**
 * @returns null when it is not wanted any more, or waits for a lane that another host of the cluster runs from another path
 * @throws STATE_LOCKED when another daemon of the cluster was faster; STATE_FULL
 */
export async function openLane(
  options: FleetOptions,
  { file, records, startSeq, taken, isWanted, onMisplaced }: LaneToStart,
): Promise<{ lane: Lane; laneJournal: LaneJournal } | null> {
  const { journal, allotment, handOver, order, log, happenings, spans, graceMs } = options;
  const known = allotment?.leaseOf(file.path) ?? laneOf(file, records, taken);
  const id = known?.id ?? newLaneId(file, records);
  const from = known?.path;
  // no other file is taken for it meanwhile
  if (known) known.path = file.path;
  const hasMoved = from !== undefined && from !== file.path;
  if (hasMoved && allotment?.moved.mayTake(file, { id, path: from }) === false) return null;
  const seen = allotment?.seen(id);
  const toOpen = { id, path: file.path, name: file.name, startSeq };
  const laneJournal = await journal.openLane(toOpen, seen);
  const { lease } = laneJournal;
  if (!isWanted()) {
    if (lease) await giveBack(lease);
    return null;
  }
  allotment?.took(seen);
  if (hasMoved) {
    const moved = `${file.name} moved from ${from} to ${file.path}; it goes on where it was`;
    log.info(moved, { plugin: file.name });
    try {
      await laneJournal.relocate(file.path);
    } catch (error) {
      // no lane runs by it
      if (lease) await giveBack(lease);
      throw error;
    }
  }
  const { seq } = await laneJournal.cursor();
  const onLoaded = async (opened: LaneJournal, host: Host) => {
    if ((await allotment?.loaded(file, opened, host)) !== false) return;
    log.info(`${file.name} asks for a host with the label ${host.runsOn}`, { plugin: file.name });
    onMisplaced();
  };
  const start = handOver?.start ?? options.start;
  const parts = { file, laneJournal, journal, start, onLoaded, order, log, happenings, spans, graceMs };
  return { lane: new Lane(parts, { doneSeq: seq }), laneJournal };
}
