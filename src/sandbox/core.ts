/** What the parts of a site share. */
import type { Denied } from "./access/rules.ts";
import type { EventLog } from "./events/log.ts";
import type { Recorder } from "./events/recorder.ts";
import type { SchemaFile } from "./schema/file.ts";
import type { Schema } from "./schema/schema.ts";
import type { Sides } from "./schema/sides.ts";
import type { SiteFields } from "./schema/site-fields.ts";
import type { Settings } from "./settings.ts";
import type { Ref } from "./store/columns.ts";
import type { Database } from "./store/database.ts";
import type { Links } from "./store/links.ts";
import type { NamedRef, Names } from "./store/names.ts";
import type { Rows } from "./store/rows.ts";
import type { Sequences } from "./store/sequences.ts";

export interface Core {
  readonly file: SchemaFile;
  readonly schema: Schema;
  readonly sides: Sides;
  /** What was changed in the schema of this site. */
  readonly fields: SiteFields;
  readonly db: Database;
  readonly names: Names;
  readonly rows: Rows;
  readonly links: Links;
  readonly sequences: Sequences;
  readonly log: EventLog;
  readonly settings: Settings;
  /** The site's clock. */
  readonly now: () => Date;
}

/** On whose behalf a call runs. */
export interface Caller {
  /** A HumanUser or ApiUser. */
  user: NamedRef;
  /** The script behind `sudo_as_login`, which event metas name as `sudo_actual_user`. */
  actualUser: Ref | null;
  sessionUuid: string | null;
  /** False for a script whose `generate_event_log_entries` is off (protocol notes 9.4). */
  writesEvents: boolean;
  /** What the caller's permission rule set denies; absent: nothing. */
  denied?: Denied;
}

/** One call of one method. */
export interface Call {
  core: Core;
  caller: Caller;
  /** As on the wire; faults begin with `API <method>()`. */
  method: string;
  /** Takes the events that the call writes. */
  events: Recorder;
  /** When the call began, whole seconds: `YYYY-MM-DDTHH:MM:SSZ`. */
  at: string;
}

/** A result that is JSON text already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `YYYY-MM-DDTHH:MM:SSZ`, the fraction dropped. */
export function wireTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
