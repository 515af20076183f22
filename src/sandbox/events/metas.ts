/** The shapes of `EventLogEntry.meta` (protocol notes 9.3). */
import { createHash } from "node:crypto";
import type { Core } from "../core.ts";
import { metaTime } from "../dates.ts";
import { fileJson, idInPath } from "../files/addresses.ts";
import type { Field } from "../schema/schema.ts";
import { quote, type Ref } from "../store/columns.ts";

/** One field of one row that has got a new value; link lists tell what came and went. */
export type Change =
  | {
      field: Field;
      old: unknown;
      new: unknown;
      /** Of an uploaded image: whether it is the placeholder. */
      transient?: boolean;
    }
  | { field: Field; added: Ref[]; removed: Ref[] };

/** A linked row in a meta, as it was at that time. */
export interface MetaRef extends Ref {
  name: string | null;
  status: string | null;
  valid: "valid";
  uuid: string;
}

export function newEntityMeta({ type, id }: Ref): Record<string, unknown> {
  return { type: "new_entity", entity_type: type, entity_id: id };
}

export function changeMeta(core: Core, row: Ref, change: Change, inCreate: boolean): Record<string, unknown> {
  return {
    type: "attribute_change",
    attribute_name: change.field.name,
    entity_type: row.type,
    entity_id: row.id,
    field_data_type: change.field.dataType,
    ...changeValues(core, change),
    ...(inCreate && { in_create: true }),
  };
}

function changeValues(core: Core, change: Change): Record<string, unknown> {
  if ("added" in change)
    return {
      added: change.added.map((ref) => metaRef(core, ref)),
      removed: change.removed.map((ref) => metaRef(core, ref)),
    };
  return {
    old_value: metaValue(core, change.field, change.old),
    new_value: metaValue(core, change.field, change.new),
    ...(change.transient !== undefined && { is_transient: change.transient }),
  };
}

/** A back reference: `row` is the one that was written, the event stands on what it links to. */
export function backReferenceMeta(
  core: Core,
  row: Ref,
  written: Field,
  shown: { attribute: string; added: boolean },
  originalId: number,
  inCreate: boolean,
): Record<string, unknown> {
  const self = [metaRef(core, row)];
  return {
    type: "attribute_change",
    attribute_name: shown.attribute,
    entity_type: row.type,
    entity_id: row.id,
    field_data_type: written.dataType,
    actual_attribute_changed: `${row.type}.${written.name}`,
    added: shown.added ? self : [],
    removed: shown.added ? [] : self,
    original_event_log_entry_id: originalId,
    ...(inCreate && { in_create: true }),
  };
}

/** The change of `retirement_date`, which is no field of the schema: it has no data type. */
export function retirementDateMeta(
  row: Ref,
  before: string | null,
  after: string | null,
): Record<string, unknown> {
  return {
    type: "attribute_change",
    attribute_name: "retirement_date",
    entity_type: row.type,
    entity_id: row.id,
    old_value: before && metaTime(before),
    new_value: after && metaTime(after),
  };
}

export function retirementMeta(row: Ref, name: string | null, at: string): Record<string, unknown> {
  return { type: "entity_retirement", ...lifeMeta(row, name), retirement_date: metaTime(at) };
}

export function revivalMeta(row: Ref, name: string | null): Record<string, unknown> {
  return { type: "entity_revival", ...lifeMeta(row, name) };
}

function lifeMeta({ type, id }: Ref, name: string | null): Record<string, unknown> {
  return { class_name: type, display_name: name, entity_id: id, entity_type: type, id };
}

function metaValue(core: Core, field: Field, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (field.dataType === "entity") return metaRef(core, value as Ref);
  if (field.dataType === "image") return idInPath(value as string, "thumbnail");
  if (field.dataType === "url") return JSON.parse(fileJson(core, JSON.stringify(value)));
  return field.dataType === "date_time" ? metaTime(value as string) : value;
}

function metaRef({ db, names, schema }: Core, { type, id }: Ref): MetaRef {
  const hasStatus = schema.field(type, "sg_status_list") !== undefined;
  const status = hasStatus
    ? db.get(`SELECT sg_status_list FROM ${quote(type)} WHERE id = ?`, [id])?.[0]
    : null;
  return {
    id,
    name: names.nameOf(type, id),
    type,
    status: (status as string | null | undefined) ?? null,
    valid: "valid",
    uuid: uuidOf(type, id),
  };
}

/** The same uuid for the same row, always. */
export function uuidOf(type: string, id: number): string {
  const hex = createHash("md5").update(`${type} ${id}`).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
