/** Which event rows an operation writes (protocol notes 9.2), and their other columns (9.4). */
import type { Call } from "../core.ts";
import type { EntityType } from "../schema/schema.ts";
import { noteUpdate, type UpdateKind } from "../social/updates.ts";
import { quote, type Ref } from "../store/columns.ts";
import { describeChange, describeLife } from "./descriptions.ts";
import {
  backReferenceMeta,
  type Change,
  changeMeta,
  newEntityMeta,
  retirementDateMeta,
  retirementMeta,
  revivalMeta,
} from "./metas.ts";

export function writeNew(call: Call, row: Ref): void {
  record(call, row, "New", null, newEntityMeta(row), describeLife(call, "created new", row));
}

/** The row of the field that was written, then one row on each entity whose other side shows it. */
export function writeChange(call: Call, row: Ref, change: Change, inCreate: boolean): void {
  const id = writeChangeAlone(call, row, change, inCreate);
  if (id === null) return;
  const { added, removed } = linksChanged(change);
  for (const ref of removed) writeBackReference(call, row, change, ref, { added: false, id, inCreate });
  for (const ref of added) writeBackReference(call, row, change, ref, { added: true, id, inCreate });
}

/** Without the rows on the other side. Returns the event's id, or null when the caller writes no events. */
export function writeChangeAlone(call: Call, row: Ref, change: Change, inCreate: boolean): number | null {
  if (!call.caller.writesEvents) return null;
  const meta = changeMeta(call.core, row, change, inCreate);
  return record(call, row, "Change", change.field.name, meta, describeChange(call, row, change));
}

function linksChanged(change: Change): { added: Ref[]; removed: Ref[] } {
  if ("added" in change) return change;
  if (change.field.dataType !== "entity") return { added: [], removed: [] };
  return {
    added: change.new ? [change.new as Ref] : [],
    removed: change.old ? [change.old as Ref] : [],
  };
}

function writeBackReference(
  call: Call,
  row: Ref,
  change: Change,
  ref: Ref,
  of: { added: boolean; id: number; inCreate: boolean },
): void {
  const other = call.core.sides.other(change.field, ref.type);
  if (!other) return;
  const shown = { attribute: other.name, added: of.added };
  const meta = backReferenceMeta(call.core, row, change.field, shown, of.id, of.inCreate);
  const description = describeChange(call, ref, {
    field: other,
    added: of.added ? [row] : [],
    removed: of.added ? [] : [row],
  });
  record(call, ref, "Change", other.name, meta, description);
}

export function writeRetirement(call: Call, row: Ref): void {
  const name = call.core.names.nameOf(row.type, row.id);
  const description = describeLife(call, "deleted", row);
  record(call, row, "Change", "retirement_date", retirementDateMeta(row, null, call.at), description);
  record(call, row, "Retirement", null, retirementMeta(row, name, call.at), description);
}

/** @param retiredAt when the row was retired */
export function writeRevival(call: Call, row: Ref, retiredAt: string | null): void {
  const name = call.core.names.nameOf(row.type, row.id);
  const description = describeLife(call, "revived", row);
  record(call, row, "Revival", null, revivalMeta(row, name), description);
  record(call, row, "Change", "retirement_date", retirementDateMeta(row, retiredAt, null), description);
}

function record(
  call: Call,
  row: Ref,
  kind: "New" | "Change" | "Retirement" | "Revival",
  attribute: string | null,
  meta: Record<string, unknown>,
  description: string,
): number | null {
  const { caller } = call;
  if (!caller.writesEvents) return null;
  const project = projectOf(call, row);
  const id = call.events.record({
    event_type: `Shotgun_${row.type}_${kind}`,
    attribute_name: attribute,
    description,
    meta: caller.actualUser ? { ...meta, sudo_actual_user: caller.actualUser } : meta,
    entity: row,
    project,
    user: caller.user,
    session_uuid: caller.sessionUuid,
    created_at: call.at,
  });
  const update = updateKind(kind, meta);
  if (update) noteUpdate(call, id, update, row, project);
  return id;
}

/** Null for what activity streams leave out: values at birth, and what was written on another row. */
function updateKind(kind: string, meta: Record<string, unknown>): UpdateKind | null {
  if (kind === "New") return "create";
  if (kind === "Retirement") return "delete";
  const told = kind === "Change" && "field_data_type" in meta;
  return told && !("in_create" in meta || "actual_attribute_changed" in meta) ? "update" : null;
}

/** The project of the row, the row itself when it is one, null for site-wide types. */
function projectOf({ core }: Call, { type, id }: Ref): Ref | null {
  if (type === "Project") return { type, id };
  if (!hasProject(core.schema.type(type))) return null;
  const cells = core.db.get(`SELECT "project.id" FROM ${quote(type)} WHERE id = ?`, [id]);
  return typeof cells?.[0] === "number" ? { type: "Project", id: cells[0] } : null;
}

function hasProject(type: EntityType): boolean {
  return type.fields.get("project")?.dataType === "entity";
}
