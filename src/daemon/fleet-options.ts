/** What a fleet is made of. */
import type { CallsheetError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import type { Allotment } from "./cluster/allotment.ts";
import type { HandOver } from "./cluster/hand-over.ts";
import type { Happenings } from "./happenings.ts";
import type { HostStarter, LoadedModule, PluginFile } from "./host.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { Order } from "./order.ts";

/** A folder that cannot be listed at the moment; `folder` is its index in the configuration. */
export type FolderTrouble = CallsheetError & { readonly folder: number };

export interface FleetOptions {
  folders: readonly string[];
  scan(folders: readonly string[]): Promise<{ files: PluginFile[]; problems: FolderTrouble[] }>;
  /** Paths of the modules whose content is no longer what was loaded. */
  changed(modules: readonly LoadedModule[]): Promise<string[]>;
  start: HostStarter;
  journal: Journal;
  /** What of the plugins this daemon runs; null: all. */
  allotment: Allotment | null;
  /** How lanes go from host to host; null without a cluster. */
  handOver: HandOver | null;
  order: Order;
  log: Log;
  happenings: Happenings;
  spans?: LaneOptions["spans"];
  reloadIntervalMs: number;
  graceMs: number;
}
