/** Writes events of the past quickly: the same rows as a site's own writes, from values that are known already. */
import type { Core } from "../../core.ts";
import { wireTime } from "../../core.ts";
import { type MetaRef, uuidOf } from "../../events/metas.ts";
import type { Ref } from "../../store/columns.ts";

/** A row of the film, as events name it. */
export interface Thing extends Ref {
  name: string;
  status: string | null;
  uuid?: string;
}

/** One value: its field, its data type, before and after. */
export type Told = [field: string, dataType: string, before: unknown, after: unknown];

/** A value that a row is born with; a link is told on the other side too. */
export type Born = [field: string, dataType: string, value: unknown, back?: { of: Thing; field: string }];

export class History {
  readonly #core: Core;
  readonly #project: Ref;
  #count = 0;

  constructor(core: Core, project: Ref) {
    this.#core = core;
    this.#project = project;
  }

  get count(): number {
    return this.#count;
  }

  birth(at: Date, user: Thing, thing: Thing, born: readonly Born[]): void {
    const meta = { type: "new_entity", entity_type: thing.type, entity_id: thing.id };
    const words = `${user.name} created new ${thing.type} ${thing.name}`;
    this.#update(this.#record(at, user, thing, "New", null, meta, words), "create", thing);
    for (const [field, dataType, value, back] of born) {
      const id = this.#record(
        at,
        user,
        thing,
        "Change",
        field,
        this.#birthMeta(thing, field, dataType, value),
      );
      if (back) this.#back(at, user, thing, { field, dataType, back, id });
    }
  }

  change(at: Date, user: Thing, thing: Thing, [field, dataType, before, after]: Told): void {
    const meta = {
      ...attributeMeta(thing, field, dataType),
      old_value: valueIn(before),
      new_value: valueIn(after),
    };
    const words = `${user.name} changed "${field}" from "${before ?? ""}" to "${after ?? ""}" on ${thing.type} ${thing.name}`;
    this.#update(this.#record(at, user, thing, "Change", field, meta, words), "update", thing);
  }

  #birthMeta(thing: Thing, field: string, dataType: string, value: unknown): Record<string, unknown> {
    const meta = attributeMeta(thing, field, dataType);
    if (dataType === "multi_entity")
      return { ...meta, added: (value as Thing[]).map(metaRef), removed: [], in_create: true };
    return { ...meta, old_value: null, new_value: valueIn(value), in_create: true };
  }

  #back(
    at: Date,
    user: Thing,
    thing: Thing,
    of: { field: string; dataType: string; back: { of: Thing; field: string }; id: number },
  ): void {
    const meta = {
      ...attributeMeta(thing, of.back.field, of.dataType),
      actual_attribute_changed: `${thing.type}.${of.field}`,
      added: [metaRef(thing)],
      removed: [],
      original_event_log_entry_id: of.id,
      in_create: true,
    };
    this.#record(at, user, of.back.of, "Change", of.back.field, meta);
  }

  #record(
    at: Date,
    user: Thing,
    thing: Thing,
    kind: "New" | "Change",
    field: string | null,
    meta: Record<string, unknown>,
    description = `${user.name} set "${field}" on ${thing.type} ${thing.name}`,
  ): number {
    const id = this.#core.sequences.draw("EventLogEntry");
    this.#count += 1;
    this.#core.log.insert(id, {
      event_type: `Shotgun_${thing.type}_${kind}`,
      attribute_name: field,
      description,
      meta,
      entity: thing,
      project: this.#project,
      user,
      session_uuid: null,
      created_at: wireTime(at),
    });
    return id;
  }

  #update(event: number, kind: string, { type, id }: Thing): void {
    this.#core.db.run(
      "INSERT INTO site_update (event_id, kind, type, entity_id, project_id) VALUES (?, ?, ?, ?, ?)",
      [event, kind, type, id, this.#project.id],
    );
  }
}

function attributeMeta(thing: Thing, field: string, dataType: string): Record<string, unknown> {
  return {
    type: "attribute_change",
    attribute_name: field,
    entity_type: thing.type,
    entity_id: thing.id,
    field_data_type: dataType,
  };
}

function valueIn(value: unknown): unknown {
  return typeof value === "object" && value !== null ? metaRef(value as Thing) : (value ?? null);
}

function metaRef(thing: Thing): MetaRef {
  thing.uuid ??= uuidOf(thing.type, thing.id);
  const { id, name, type, status, uuid } = thing;
  return { id, name, type, status, valid: "valid", uuid };
}
