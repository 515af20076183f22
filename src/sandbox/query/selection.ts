/** `return_fields` as columns of a query, and rows as JSON text (protocol notes 4.3). */
import type { Core } from "../core.ts";
import { fileJson, imageUrl } from "../files/addresses.ts";
import type { DataType } from "../schema/file.ts";
import type { Field } from "../schema/schema.ts";
import { isJson, isLinkList, quote, valueSql } from "../store/columns.ts";
import type { Cell } from "../store/database.ts";
import { linkedSql } from "../store/links.ts";
import type { Scope } from "./scope.ts";

type Kind = "scalar" | "image" | "file" | "checkbox" | "json" | "link" | "links" | "hidden";

interface Column {
  /** `,"sg_task.Task.step":`, ready to be written. */
  key: string;
  kind: Kind;
  field: Field;
  /** Where its first cell is in a row. */
  at: number;
}

/** The row's `id` is cell 0; the columns follow. */
export interface Selection {
  sql: string;
  columns: Column[];
}

/** Unknown fields, and paths through lists of links, are left out without a fault. */
export function select(scope: Scope, fields: Iterable<string>): Selection {
  const cells = [`${scope.alias}.id`];
  const columns: Column[] = [];
  for (const path of new Set(fields)) {
    if (path === "id" || path === "type") continue;
    const end = endOf(scope, path.split("."));
    if (!end) continue;
    const kind = kindOf(end.field);
    columns.push({ key: `,${JSON.stringify(path)}:`, kind, field: end.field, at: cells.length });
    cells.push(...cellsOf(end.scope, end.field, kind));
  }
  return { sql: cells.join(", "), columns };
}

function endOf(scope: Scope, path: string[]): { scope: Scope; field: Field } | null {
  const field = scope.type.fields.get(path[0]!);
  if (!field) return null;
  if (path.length === 1) return { scope, field };
  const next = scope.core.schema.find(path[1]);
  if (!next || path.length === 2 || field.dataType !== "entity") return null;
  return endOf(scope.follow(field, next), path.slice(2));
}

function kindOf(field: Field): Kind {
  if (isLinkList(field)) return "links";
  if (field.dataType === "entity") return "link";
  if (field.dataType === "checkbox") return "checkbox";
  if (field.name === "audit_trail" || field.dataType === "pivot_column") return "hidden";
  if (field.dataType === "image") return "image";
  if (field.dataType === "url") return "file";
  return isJson(field) ? "json" : "scalar";
}

function cellsOf(scope: Scope, field: Field, kind: Kind): string[] {
  if (kind === "hidden") return ["NULL"];
  if (kind === "link")
    return ["type", "id"].map((part) => `${scope.alias}.${quote(`${field.name}.${part}`)}`);
  if (kind === "links") return [`${scope.alias}.id`];
  const value =
    field.dataType === "summary" ? summarySql(scope, field) : valueSql(scope.type, field, scope.alias);
  const empty = EMPTY[field.dataType];
  // Over a link that leads nowhere everything is null.
  return [empty === undefined ? value : `iif(${scope.alias}.id IS NULL, NULL, coalesce(${value}, ${empty}))`];
}

/** What stands for no value, of the types that are never null; rows may be older than a field. */
const EMPTY: Partial<Record<DataType, string>> = { checkbox: "0", tag_list: "'[]'", summary: "NULL" };

/** The one query field of a fresh site: how many of the row's notes are open. */
function summarySql(scope: Scope, field: Field): string {
  const notes = scope.type.fields.get("open_notes");
  if (field.name !== "open_notes_count" || !notes) return "NULL";
  const live = `JOIN site_name n ON n.type = l.type AND n.id = l.id AND n.live = 1`;
  return `(SELECT count(*) FROM (${linkedSql(scope.core.sides, notes, `= ${scope.alias}.id`)}) l ${live})`;
}

/** The rows as a JSON array of records; `type` and `id` are always there. */
export function recordsJson(core: Core, type: string, selection: Selection, rows: Cell[][]): string {
  const lists = selection.columns.map((column) =>
    column.kind === "links" ? readLists(core, column, rows) : null,
  );
  const opening = `{"type":"${type}","id":`;
  let text = "[";
  for (const row of rows) {
    if (text.length > 1) text += ",";
    text += opening + row[0];
    for (let at = 0; at < selection.columns.length; at++) {
      const column = selection.columns[at]!;
      text += column.key + (lists[at] ? listJson(lists[at]!, row[column.at]) : cellJson(core, column, row));
    }
    text += "}";
  }
  return `${text}]`;
}

function cellJson(core: Core, { kind, at }: Column, row: Cell[]): string {
  const cell = row[at];
  switch (kind) {
    case "link":
      return cell === null ? "null" : core.names.liveJson(cell as string, row[at + 1] as number);
    case "checkbox":
      return cell === null ? "null" : cell === 1 ? "true" : "false";
    case "image":
      return cell === null ? "null" : JSON.stringify(imageUrl(core, cell as string));
    case "file":
      return cell === null ? "null" : fileJson(core, cell as string);
    case "json":
      return cell === null ? "null" : (cell as string);
    default:
      return typeof cell === "number" ? String(cell) : cell === null ? "null" : JSON.stringify(cell);
  }
}

/** The JSON of one multi-entity field for each owner among the rows. */
function readLists(core: Core, column: Column, rows: Cell[][]): Map<Cell, string> {
  const owners = [...new Set(rows.map((row) => row[column.at]!))].filter((id) => id !== null);
  const linked = core.db.all(
    `SELECT owner, type, id FROM (${linkedSql(core.sides, column.field, "IN (SELECT value FROM json_each(?))")}) ORDER BY owner, type, id`,
    [JSON.stringify(owners)],
  );
  const lists = new Map<Cell, string>();
  for (const [owner, type, id] of linked as [Cell, string, number][]) {
    const json = core.names.liveJson(type, id);
    if (json === "null") continue;
    const before = lists.get(owner);
    lists.set(owner, before ? `${before},${json}` : json);
  }
  return lists;
}

/** A list without an owner (a dotted path whose link is empty) is null. */
function listJson(lists: Map<Cell, string>, owner: Cell | undefined): string {
  return owner === null || owner === undefined ? "null" : `[${lists.get(owner) ?? ""}]`;
}
