/** Controls over the event log for tests and demos: gaps, late transactions, bulk rows, a restored backup. */

import { CallsheetError } from "../../errors.ts";
import type { WireEvent } from "../../event.ts";
import { type Core, wireTime } from "../core.ts";
import { type Hold, Holds } from "./holds.ts";
import type { LoggedEvent, NewEvent } from "./log.ts";

export interface Reserved {
  readonly first: number;
  readonly last: number;
  /** Makes the rows visible; rows that are not given are made up. Call it once, and not after `abandon`. */
  commit(rows?: Iterable<Partial<WireEvent>>): void;
  /** Leaves the gap for ever. */
  abandon(): void;
}

export interface EventControls {
  /** Draws n ids that nothing will ever fill (a rolled-back transaction). */
  skipIds(n: number): { first: number; last: number };
  /** A synthetic transaction: draws n ids now, and makes rows visible under them later, or never. */
  reserve(n: number): Reserved;
  /**
   * The next write that comes through `Site.callJsonAsync` draws its event ids at once, but its data and events
   * are committed only after `release()`; other writes commit meanwhile. `abandon()` rolls it back.
   */
  holdNext(): Hold;
  /**
   * Bulk rows, visible at once. A row without `id` takes the next one; ids that are given must rise, and may
   * leave gaps. Links whose rows the site does not have are taken to exist under the name given.
   */
  add(rows: Iterable<Partial<WireEvent>>): { first: number; last: number };
  /** The site restored from a backup: forgets every event above `lastId` and gives those ids out again. */
  restoreTo(lastId: number): void;
  /** Calls `listener` with the rows of each transaction, once it is committed; returns how to stop that. */
  onCommit(listener: (events: LoggedEvent[]) => void): () => void;
  /** The last id that was given out. */
  readonly newestId: number;
}

export class Controls implements EventControls {
  readonly #core: Core;
  readonly holds = new Holds();

  constructor(core: Core) {
    this.#core = core;
  }

  get newestId(): number {
    return this.#core.log.lastId;
  }

  skipIds(n: number): { first: number; last: number } {
    const first = this.#core.log.draw(atLeastOne(n));
    return { first, last: first + n - 1 };
  }

  reserve(n: number): Reserved {
    const range = this.skipIds(n);
    let open = true;
    const close = () => {
      if (!open)
        throw new CallsheetError("USAGE", `Event ids ${range.first}-${range.last} are settled already.`);
      open = false;
    };
    return {
      ...range,
      commit: (rows) => {
        const all: Partial<WireEvent>[] = rows ? [...rows] : Array.from({ length: n }, () => ({}));
        if (all.length > n)
          throw new CallsheetError("USAGE", `${all.length} rows do not fit into ${n} reserved ids.`);
        close();
        this.#core.db.transaction(() => {
          for (const [at, row] of all.entries()) this.#insert(row.id ?? range.first + at, row);
        });
      },
      abandon: close,
    };
  }

  holdNext(): Hold {
    return this.holds.arm();
  }

  add(rows: Iterable<Partial<WireEvent>>): { first: number; last: number } {
    const first = this.newestId + 1;
    this.#core.db.transaction(() => {
      for (const row of rows) this.#insert(this.#nextId(row.id), row);
    });
    this.#core.log.save();
    return { first, last: this.newestId };
  }

  onCommit(listener: (events: LoggedEvent[]) => void): () => void {
    return this.#core.log.onCommit(listener);
  }

  restoreTo(lastId: number): void {
    this.#core.log.cutTo(lastId);
  }

  #nextId(given: number | undefined): number {
    const { log, sequences } = this.#core;
    if (given === undefined) return sequences.draw("EventLogEntry");
    if (given <= log.lastId)
      throw new CallsheetError("USAGE", `Event id ${given} is not above the last one, ${log.lastId}.`);
    sequences.reset("EventLogEntry", given);
    return given;
  }

  #insert(id: number, row: Partial<WireEvent>): void {
    const event = { ...this.#plausible(), ...row } as NewEvent & Partial<WireEvent>;
    for (const link of [row.entity, row.user, row.project])
      if (link && !this.#core.names.exists(link.type, link.id))
        this.#core.names.set(link.type, link.id, link.name ?? null, true);
    this.#core.log.insert(id, event);
  }

  /** A change of the first project's description by the first script. */
  #plausible(): NewEvent {
    const project = { type: "Project", id: 1 };
    return {
      event_type: "Shotgun_Project_Change",
      attribute_name: "sg_description",
      description: null,
      meta: {
        type: "attribute_change",
        attribute_name: "sg_description",
        entity_type: "Project",
        entity_id: 1,
        field_data_type: "text",
        old_value: null,
        new_value: "A change made up by the sandbox",
      },
      entity: project,
      project,
      user: { type: "ApiUser", id: 1 },
      session_uuid: null,
      created_at: wireTime(this.#core.now()),
    };
  }
}

function atLeastOne(n: number): number {
  if (Number.isSafeInteger(n) && n >= 1) return n;
  throw new CallsheetError("USAGE", `${n} is not a number of event ids; give 1 or more.`);
}
