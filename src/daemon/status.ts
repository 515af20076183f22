import type { SinkStatus } from "../alerts/courier.ts";
import type { Journal, JournalHead } from "../journal/journal.ts";
import type { ClusterStatus } from "./cluster/status.ts";
import type { LaneStatus } from "./lane-status.ts";
import type { ReaderStatus } from "./reader.ts";
import type { ContactStatus } from "./site-contact.ts";
import type { RequestFigures } from "./site-requests.ts";

/** How the reading goes. */
export interface Reading {
  site: ContactStatus & { url: string };
  reader: ReaderStatus;
}

/** What a running daemon says of itself. Times are ISO 8601 UTC, durations milliseconds. */
export interface DaemonStatus extends Reading {
  startedAt: string;
  /** As the host tells that reads the site; undefined: it is this one, or none has told. */
  reading?: Reading | undefined;
  /** Requests to it since the start. */
  siteRequests: RequestFigures[];
  /** `maxBytes`: the room it may use. */
  journal: JournalHead & { maxBytes: number };
  /** Of all hosts, in strict order. */
  plugins: LaneStatus[];
  /** Plugin folders that cannot be listed at the moment. */
  folderProblems: string[];
  /** undefined: it is alone. */
  cluster?: ClusterStatus | undefined;
  /** Where alerts go, and how that works. */
  alerts: SinkStatus[];
}

/** As it is now: `bytes` is looked up when it is asked for. */
export function headOf({ head: { firstSeq, lastSeq, bytes } }: Journal): JournalHead {
  return { firstSeq, lastSeq, bytes };
}
