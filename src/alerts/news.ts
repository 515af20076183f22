/** What the daemon tells this room: something broke, something is mended. Both calls return at once and never throw. */
import type { WireEvent } from "../event.ts";
import type { Kind } from "./kinds.ts";

/** Who is mailed: true = as configured, false = nobody, or addresses. */
export type Emails = true | false | readonly string[];

export interface Break {
  kind: Kind;
  /** What is the same trouble has the same one: it is told once, then counted. */
  fingerprint: string;
  /** The plugin it is about, by name; null when it is about the daemon or the site. */
  plugin: string | null;
  emails: Emails;
  facts: Facts;
}

/** What is known of a trouble, without what can be looked up when a message is written. */
export interface Facts {
  /** What happened, in words; of an exception `TypeError: x is null`. */
  message: string;
  code?: string | undefined;
  callback?: string | undefined;
  eventId?: number | undefined;
  /** The place in the journal that a plugin must be past to have recovered. */
  seq?: number | undefined;
  /** Calls made so far, the first included. */
  attempts?: number | undefined;
  stack?: string | undefined;
  /** What the breaks of a case have in common, in words. */
  groupedBy?: string | undefined;
}

export interface Mend {
  /** All cases of this kind … */
  kind: Kind;
  /** … and plugin, that are open. */
  plugin: string | null;
  /** Why, when it is not that it works again: `its file was removed`. */
  note?: string;
}

export interface KnownPlugin {
  path: string;
  /** Events that wait for it. */
  backlog: number;
  catchUp: CatchUp | null;
}

/** How a plugin that runs again gets over what had waited. */
export interface CatchUp {
  /** Events that waited when it ran again. */
  events: number;
  isDone: boolean;
  /** Milliseconds that it took, or about that are left; null when that cannot be told yet. */
  ms: number | null;
}

/** Looked up when a message is written: it should say how things are then. */
export interface LookUp {
  /** The event as it is in the journal; null when it no longer is. */
  event(id: number): Promise<WireEvent | null>;
  /** null when there is no such plugin. */
  plugin(name: string): KnownPlugin | null;
}
