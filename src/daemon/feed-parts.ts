/** What a feed is made of. */
import type { Journal, LaneJournal } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import type { LaneFigures } from "./figures.ts";
import type { RecentCall } from "./happenings.ts";
import type { HostProgress, PluginLogLine } from "./host.ts";
import type { LaneSpans } from "./lane-spans.ts";
import type { Order, OrderedLane } from "./order.ts";
import type { Attempts } from "./policy.ts";
import type { TroubleParts } from "./trouble.ts";

/** Where a feed reads, and where it keeps how far it is: the journal and a lane of it, or a replay. */
export type FeedSource = Pick<Journal, "read" | "appended">;
export type FeedLane = Pick<LaneJournal, "cursor" | "hadBefore" | "handOver" | "advance" | "record">;

export interface FeedParts {
  journal: FeedSource;
  lane: FeedLane;
  order: Order;
  self: OrderedLane;
  log: Log;
  pluginName: string;
  attempts: Attempts;
  figures: LaneFigures;
  onFailure: TroubleParts["onFailure"];
  /** null: nobody wants spans. */
  spans?: LaneSpans | null;
  /** The host reported progress, which counts by now. */
  onProgress(report: HostProgress, recent: RecentCall[]): void;
  /** These events, which had come late, are done with. */
  onLate(ids: number[]): void;
  /** The plugin has logged an error. */
  onError?(line: PluginLogLine): void;
  /** A callback whose failure for this event was recorded although its host died of it. */
  skip: { seq: number; key: string } | null;
  random?: () => number;
  /** As in `TroubleParts`. */
  whenStopped?: string;
}
