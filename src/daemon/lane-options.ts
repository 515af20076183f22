/** What a lane is made of. */
import type { Journal, LaneJournal } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import type { Happenings } from "./happenings.ts";
import type { Host, HostStarter, PluginFile } from "./host.ts";
import type { LaneSpans } from "./lane-spans.ts";
import type { Order } from "./order.ts";

export interface LaneOptions {
  file: PluginFile;
  laneJournal: LaneJournal;
  journal: Journal;
  start: HostStarter;
  order: Order;
  log: Log;
  happenings: Happenings;
  /** Of a loaded host, before it is handed anything. */
  onLoaded?: (lane: LaneJournal, host: Host) => Promise<void>;
  /** Makes what makes spans for a plugin; null: nobody wants any. */
  spans?: ((plugin: string) => LaneSpans) | null | undefined;
  /** How long a host may take to finish its event in hand before it is ended. */
  graceMs: number;
}
