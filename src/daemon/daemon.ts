/** A running daemon, as the command line and the server know it. */
import type { Answers } from "./answers/answers.ts";
import type { AuditRange, AuditReport } from "./audit.ts";
import type { Happenings } from "./happenings.ts";
import type { LaneDetail } from "./lane-status.ts";
import type { Who } from "./operated.ts";
import type { Operator } from "./operations.ts";
import type { Replays } from "./replay/replays.ts";
import type { DaemonStatus } from "./status.ts";

export interface Daemon {
  status(): DaemonStatus;
  /** Stops reading, lets callbacks in hand finish within `shutdownTimeout`, stores every cursor. May be called twice. */
  stop(): Promise<void>;
  /** Resolves when it has stopped because it was asked to; rejects with what made it give up. */
  readonly finished: Promise<void>;
  /** Asks the site at once. */
  wake(): void;
  /** What happens, for who wants to tell people. */
  readonly happenings: Happenings;
  /** What an operator can do. */
  readonly operations: Operator;
  /** Runs a plugin here that no host of the cluster runs, with the files that this host has. @throws CallsheetError NOT_POSSIBLE_NOW */
  adopt(plugin: string, who: Who): Promise<void>;
  /** Past events, given to plugins again. */
  readonly replays: Replays;
  /** Questions about events, failures, gaps and what operators did. */
  readonly answers: Answers;
  /** Address of the control API; null when the server is off. */
  readonly url: string | null;
  /** More about one plugin that this daemon runs, by name or lane id; null when there is none. */
  plugin(nameOrId: string): LaneDetail | null;
  /** The same of one that any host of the cluster runs, by lane id; null also when that host does not say. */
  detail(lane: string): Promise<LaneDetail | null>;
  /** Bytes that each plugin's host holds, by lane id; plugins of one process all have those of the process. */
  memory(): Promise<Map<string, number>>;
  /** Holds what the site has against the journal and the ledger. @throws CallsheetError SITE_*, STATE_* */
  audit(
    range: AuditRange,
    signal: AbortSignal,
    progress: (events: number, lastId: number) => void,
  ): Promise<AuditReport>;
}
