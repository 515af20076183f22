/** Writing lists of links. Where the other side is a single link, its rows are written instead (protocol notes 5.2). */
import type { Call } from "../core.ts";
import type { Change } from "../events/metas.ts";
import { writeChangeAlone } from "../events/write.ts";
import { malformed } from "../fault.ts";
import type { EntityType, Field } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import { connect, disconnect } from "./connections.ts";
import type { Inputs } from "./inputs.ts";

/** Writes one list and returns what came and went; null when nothing did. */
export function writeList(call: Call, owner: Ref, input: Inputs["lists"][number]): Change | null {
  const { field } = input;
  const before = call.core.links.of(field, owner.id);
  const { added, removed } = difference(before, input);
  if (added.length === 0 && removed.length === 0) return null;
  const store = call.core.sides.store(field);
  if (store.kind === "link") {
    for (const ref of removed) call.core.links.remove(field, owner.id, ref);
    for (const ref of added) call.core.links.add(field, owner.id, ref);
  } else if (store.kind === "connection") {
    for (const ref of removed) disconnect(call, store.connection, owner, ref);
    for (const ref of added) connect(call, store.connection, owner, ref);
  } else if (store.kind === "column") {
    const type = call.core.schema.type(store.type);
    const column = type.fields.get(store.field)!;
    for (const ref of removed) call.core.rows.update(type, ref.id, { [column.name]: null });
    for (const ref of added) moveHere(call, owner, type, column, ref);
  } else throw malformed(`API ${call.method}() ${field.entityType}.${field.name} is read only.`);
  return { field, added, removed };
}

function difference(
  before: Ref[],
  { refs, mode }: Inputs["lists"][number],
): { added: Ref[]; removed: Ref[] } {
  const inBefore = (ref: Ref) => before.some((other) => same(ref, other));
  const inRefs = (ref: Ref) => refs.some((other) => same(ref, other));
  return {
    added: mode === "remove" ? [] : refs.filter((ref) => !inBefore(ref)),
    removed: mode === "add" ? [] : before.filter((ref) => inRefs(ref) === (mode === "remove")),
  };
}

function same(one: Ref, other: Ref): boolean {
  return one.type === other.type && one.id === other.id;
}

/** A row that has one link only leaves the list that it was in: that list's entity gets a row of its own. */
function moveHere(call: Call, owner: Ref, type: EntityType, column: Field, ref: Ref): void {
  const before = call.core.rows.find(type.name, ref.id)?.values[column.name] as Ref | null | undefined;
  call.core.rows.update(type, ref.id, { [column.name]: owner });
  if (!before || same(before, owner) || !call.core.names.live(before.type, before.id)) return;
  const lost = call.core.sides.other(column, before.type);
  if (lost) writeChangeAlone(call, before, { field: lost, added: [], removed: [ref] }, false);
}
