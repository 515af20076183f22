/** The wire method `summarize`: values over many rows, in groups (protocol notes 7). */
import type { Call } from "../core.ts";
import { asText, malformed } from "../fault.ts";
import type { EntityType, Field } from "../schema/schema.ts";
import { entityTypeIn } from "./entity-type.ts";
import { whereSql, withRanges } from "./find.ts";
import { type Grouping, groupRows, groupsBy, isGroupingType } from "./grouping.ts";
import { Scope } from "./scope.ts";
import { recordsJson, select } from "./selection.ts";
import { isSummaryType, type Summary, summaryOf } from "./summary-values.ts";

type Payload = Record<string, unknown>;
export type SummarizedRow = Record<string, unknown>;

interface Group {
  group_name: string;
  group_value: unknown;
  summaries: Record<string, unknown>;
  groups?: Group[];
}

export function summarize(
  call: Call,
  payload: Payload,
): { summaries: Record<string, unknown>; groups: Group[] } {
  const type = entityTypeIn(call, payload);
  const summaries = summariesIn(call, type, payload.summaries);
  const groupings = groupingsIn(call, type, payload.grouping);
  if (groupings.length === 0 && summaries.every(countsRows))
    return { summaries: countAll(call, type, payload, summaries), groups: [] };
  const rows = rowsFor(call, type, payload, [...summaries, ...groupings]);
  return { summaries: summarizeRows(summaries, rows), groups: groupTree(groupings, summaries, rows) };
}

function groupTree([grouping, ...deeper]: Grouping[], summaries: Summary[], rows: SummarizedRow[]): Group[] {
  if (!grouping) return [];
  return groupRows(grouping, rows).map(({ name, value, rows: members }) => ({
    group_name: name,
    group_value: value,
    summaries: summarizeRows(summaries, members),
    ...(deeper.length > 0 && { groups: groupTree(deeper, summaries, members) }),
  }));
}

/** Keyed by field: of two summaries of one field the last one counts. */
function summarizeRows(summaries: Summary[], rows: SummarizedRow[]): Record<string, unknown> {
  return Object.fromEntries(summaries.map((summary) => [summary.path, summaryOf(summary, rows)]));
}

/** The plain question "how many", which SQLite answers without handing out the rows. */
function countsRows({ path, kind }: Summary): boolean {
  return kind === "record_count" || (kind === "count" && path === "id");
}

function countAll(
  call: Call,
  type: EntityType,
  payload: Payload,
  summaries: Summary[],
): Record<string, unknown> {
  const scope = new Scope(call.core, type);
  const where = withRanges({ ...whereSql(call, scope, payload), alias: scope.alias });
  const counted = call.core.db.get(`SELECT count(*) FROM ${scope.from} WHERE ${where.text}`, where.params);
  return Object.fromEntries(summaries.map(({ path }) => [path, counted?.[0] ?? 0]));
}

/** The rows with the fields that matter. */
function rowsFor(call: Call, type: EntityType, payload: Payload, uses: { path: string }[]): SummarizedRow[] {
  const scope = new Scope(call.core, type);
  const found = whereSql(call, scope, payload);
  const where = withRanges({ ...found, alias: scope.alias });
  const selection = select(
    scope,
    uses.map(({ path }) => path),
  );
  const rows = call.core.db.all(
    `SELECT ${selection.sql} FROM ${scope.from} WHERE ${where.text}`,
    where.params,
  );
  return JSON.parse(recordsJson(call.core, type.name, selection, rows)) as SummarizedRow[];
}

function summariesIn(call: Call, type: EntityType, value: unknown): Summary[] {
  if (!Array.isArray(value) || value.length === 0)
    throw malformed(`API summarize() invalid/missing array 'summaries':\n${JSON.stringify(value ?? null)}`);
  return value.map((item: unknown) => {
    const { field: path, type: kind, value: wanted } = (item ?? {}) as Payload;
    const field = fieldAt(call, type, path);
    if (!isSummaryType(kind))
      throw malformed(`API summarize() invalid summary 'type' '${asText(kind)}' for ${type.name}.${path}.`);
    return { path: path as string, field, kind, wanted };
  });
}

function groupingsIn(call: Call, type: EntityType, value: unknown): Grouping[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value))
    throw malformed(`API summarize() invalid array 'grouping':\n${JSON.stringify(value)}`);
  return value.map((item: unknown) => {
    const { field: path, type: kind = "exact", direction } = (item ?? {}) as Payload;
    const field = fieldAt(call, type, path);
    if (!isGroupingType(kind))
      throw malformed(`API summarize() invalid grouping 'type' '${asText(kind)}' for ${type.name}.${path}.`);
    if (!groupsBy(kind, field))
      throw malformed(
        `API summarize() ${type.name}.${path}'s '${field.dataType}' data type can't be grouped by '${kind}'.`,
      );
    return { path: path as string, kind, descending: direction === "desc" };
  });
}

/** The field at the end of a dotted path. */
function fieldAt(call: Call, type: EntityType, path: unknown): Field {
  const [name, nextName, ...rest] = typeof path === "string" ? path.split(".") : [];
  const field = type.fields.get(name ?? "");
  const next = call.core.schema.find(nextName);
  if (field && nextName === undefined) return field;
  if (field && next && rest.length > 0) return fieldAt(call, next, rest.join("."));
  throw malformed(`API summarize() ${type.name}.${asText(path)} doesn't exist.`);
}
