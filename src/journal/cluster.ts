/** Who shares a journal, and who owns what of it. No decision looks at a wall clock. */
import type { Commands, LaneCommand } from "./commands.ts";
import type { LaneRecord, LaneToOpen } from "./journal.ts";
import type { Lease } from "./lease.ts";
import type { CopyMark, PluginCopy } from "./plugin-copy.ts";

/** One daemon, from its start to its end. */
export interface HostRecord {
  /** Of this run: a daemon that is started again is another one. */
  id: string;
  /** Unique among those that are there. */
  name: string;
  labels: readonly string[];
  /** Its share of the lanes, in proportion to those of the others. */
  weight: number;
  /** Version of Callsheet. */
  version: string;
  /** Address of its control API; null when it has none. */
  url: string | null;
  /** It is about to end, and takes nothing any more. */
  leaving: boolean;
  /** Lane id → the copy of the plugin's files that this host has, where it is another than the lane ran with when it was looked at. */
  copies: Readonly<Record<string, CopyMark>>;
  /** null: its version does not tell. */
  moves: HostMoves | null;
}

/** Of the lanes that are about to go from one host to another. */
export interface HostMoves {
  /** Lane id → `HostRecord.id` of who is to have it, of those that this host has. */
  offers: Readonly<Record<string, string>>;
  /** Ids of the lanes that it was offered, and is ready for. */
  ready: readonly string[];
}

/** A lease as it was looked at. */
export interface LeaseSeen {
  epoch: number;
  version: number;
}

/** The lease of all lanes as one as it was looked at, with all lanes of that look. */
export interface TogetherSeen {
  /** null: nobody ever had it. */
  together: (LeaseSeen & Pick<LeaseRecord, "owner">) | null;
  lanes: readonly (LeaseSeen & { id: string })[];
}

export interface LeaseRecord extends LeaseSeen {
  /** `HostRecord.id` of who has it, or had it last; null: it was given back, or nobody ever had it. */
  owner: string | null;
  /** Nobody's: given back, or not renewed for its whole time while this daemon could have seen it. */
  free: boolean;
}

export interface LaneLease extends LeaseRecord {
  id: string;
  path: string;
  /** The files that it runs with, or ran with last, and the name of the host that said so. null: nobody has said. */
  copy: (CopyMark & { host: string; runsOn: string | null }) | null;
}

export interface ClusterView {
  /** Those that are there, this one among them, by name. */
  hosts: readonly HostRecord[];
  lanes: readonly LaneLease[];
  /** Of the reader; null before anybody read. */
  reader: LeaseRecord | null;
  /** Of all lanes as one; null before anybody needed them together. */
  together: LeaseRecord | null;
  /** In the order in which they were given. */
  commands: readonly LaneCommand[];
}

/** What the others told last. */
export interface Exchanged {
  /** By `HostRecord.id`; of hosts that are gone, too. */
  words: ReadonlyMap<string, string>;
  /** All lanes as their owners stored them last, in the order in which they were made. */
  lanes: readonly LaneRecord[];
}

export interface Cluster {
  readonly self: HostRecord;
  /** How long a lease lasts, ms. */
  readonly leaseMs: number;
  /** Where the journal is kept, for people: no user, no password. */
  readonly where: string;
  readonly commands: Commands;
  /** As of the last look; null before the first. */
  readonly view: ClusterView | null;
  /** Since when the database has not answered, ISO 8601; null while it does. */
  readonly awaySince: string | null;
  /** Since when it answers, but takes nothing (it is a standby, or set read-only), ISO 8601; null while it does. */
  readonly readOnlySince: string | null;
  /** Resolves after the next look; rejects with the signal's reason. Looks come a few times a second, and when something was given back. */
  looked(signal: AbortSignal): Promise<void>;
  /** Takes the reader's lease if nothing has happened to it since it was seen. @throws STATE_LOCKED otherwise */
  openReader(seen: LeaseSeen | null): Promise<Lease>;
  /**
   * Takes the lease of all lanes as one, and every lane from whoever has it, if nothing has happened to that lease since it was seen, nor
   * to a lane of a host that did not have it; only where lanes need to be together. While it is held, lanes are opened by it, and end with it.
   * @throws STATE_LOCKED otherwise: nothing was taken
   */
  openTogether(seen: TogetherSeen): Promise<Lease>;
  /** Makes a lane that nobody has, so that its plugin has a place among the events; one that is there stays as it is. @throws STATE_FULL */
  keepPlace(lane: LaneToOpen): Promise<void>;
  /**
   * Tells the others how what this host runs does, and answers what they told. Not kept over a crash of the database.
   * @param words null: as told before
   * @throws CallsheetError STATE_UNUSABLE at once when the database does not answer
   */
  exchange(words: string | null): Promise<Exchanged>;
  /** The files that a lane runs with, or ran with last; null: nobody has said. @throws STATE_UNUSABLE while the database is away */
  copyOf(laneId: string): Promise<PluginCopy | null>;
  /** Tells the others of which lanes this host has other files: `HostRecord.copies`. */
  tellCopies(copies: HostRecord["copies"]): Promise<void>;
  /** Tells the others what it offers, and what it is ready for: now if that can be, else with the next sign of life. */
  tellMoves(moves: HostMoves): Promise<void>;
  /** Tells the others where its control API is. */
  announce(url: string): Promise<void>;
  /** Tells the others that it takes nothing any more, and is about to give back what it has. */
  leave(): Promise<void>;
}
