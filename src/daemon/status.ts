import type { SinkStatus } from "../alerts/courier.ts";
import type { JournalHead } from "../journal/journal.ts";
import type { ClusterStatus } from "./cluster/status.ts";
import type { LaneStatus } from "./lane-status.ts";
import type { ReaderStatus } from "./reader.ts";
import type { ContactStatus } from "./site-contact.ts";
import type { RequestFigures } from "./site-requests.ts";

/** What a running daemon says of itself. Times are ISO 8601 UTC, durations milliseconds. */
export interface DaemonStatus {
  startedAt: string;
  site: ContactStatus & { url: string };
  reader: ReaderStatus;
  /** Requests to it since the start. */
  siteRequests: RequestFigures[];
  /** `maxBytes`: the room it may use. */
  journal: JournalHead & { maxBytes: number };
  /** In strict order. */
  plugins: LaneStatus[];
  /** Plugin folders that cannot be listed at the moment. */
  folderProblems: string[];
  /** undefined: it is alone. */
  cluster?: ClusterStatus | undefined;
  /** Where alerts go, and how that works. */
  alerts: SinkStatus[];
}
