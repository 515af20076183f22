/** `EventLogEntry.description`: an English sentence for people (protocol notes 9.4). */
import type { Call } from "../core.ts";
import type { Field } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import type { Change } from "./metas.ts";

/** `Jane created new Shot sh010` */
export function describeLife(call: Call, verb: string, row: Ref): string {
  return `${call.caller.user.name} ${verb} ${named(call, row)}`;
}

/** `Jane changed "Status" from "wtg" to "ip" on Shot sh010` */
export function describeChange(call: Call, row: Ref, change: Change): string {
  const who = call.caller.user.name;
  const on = `on ${named(call, row)}`;
  const label = `"${change.field.raw.name}"`;
  if (!("added" in change)) {
    const [from, to] = [change.old, change.new].map((value) => shown(call, change.field, value));
    return `${who} changed ${label} from "${from}" to "${to}" ${on}`;
  }
  const list = (refs: Ref[]) => refs.map((ref) => call.core.names.nameOf(ref.type, ref.id)).join(", ");
  const parts: string[] = [];
  if (change.added.length) parts.push(`added "${list(change.added)}" to ${label}`);
  if (change.removed.length) parts.push(`removed "${list(change.removed)}" from ${label}`);
  return `${who} ${parts.join(" and ")} ${on}`;
}

function named({ core }: Call, { type, id }: Ref): string {
  return `${core.schema.type(type).label} ${core.names.nameOf(type, id) ?? id}`;
}

function shown({ core }: Call, field: Field, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (field.dataType === "entity") return core.names.nameOf((value as Ref).type, (value as Ref).id) ?? "";
  if (field.dataType === "url") return String((value as { name?: unknown }).name ?? "");
  if (field.dataType === "tag_list") return (value as string[]).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
