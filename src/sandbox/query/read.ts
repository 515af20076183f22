/** The wire method `read`: find (protocol notes 4). */
import { type Call, JsonText } from "../core.ts";
import { malformed } from "../fault.ts";
import type { EntityType } from "../schema/schema.ts";
import type { Cell, Param } from "../store/database.ts";
import { filterSql } from "./conditions.ts";
import { parseFilters } from "./filter.ts";
import { type IdRange, splitIdRanges } from "./id-ranges.ts";
import type { Compiling } from "./operand.ts";
import { type Paging, parsePaging } from "./paging.ts";
import { presetsSql } from "./presets.ts";
import { joined, Scope, type Sql, sql } from "./scope.ts";
import { recordsJson, select } from "./selection.ts";
import { parseSorts, type Sorting } from "./sorts.ts";

/** A query without its id ranges, its sorting and its page. */
interface Query {
  cells: string;
  from: string;
  where: Sql;
  ranges: IdRange[] | null;
  sorting: Sorting;
  alias: string;
}

export function read(call: Call, payload: Record<string, unknown>): JsonText {
  const { core } = call;
  const api = `API ${call.method}()`;
  const type = entityTypeIn(call, payload);
  const paging = parsePaging(payload, api);
  const scope = new Scope(core, type);
  const found = whereSql(call, scope, payload);
  const selection = select(scope, fieldNames(payload.return_fields));
  const sorting = parseSorts(scope, payload.sorts);
  const query: Query = { cells: selection.sql, from: scope.from, ...found, sorting, alias: scope.alias };
  const rows = pageRows(call, query, paging);
  const more = rows.length > paging.size;
  if (more) rows.pop();
  const records = recordsJson(core, type.name, selection, rows);
  const info = pagingInfo(call, query, paging, more);
  return new JsonText(`{"entities":${records}${info ? `,"paging_info":${JSON.stringify(info)}` : ""}}`);
}

/** The filters, presets and switches of a `read` or `summarize` payload, as SQL over `scope`. */
export function whereSql(
  call: Call,
  scope: Scope,
  payload: Record<string, unknown>,
): { where: Sql; ranges: IdRange[] | null } {
  const compiling: Compiling = { api: `API ${call.method}()`, now: call.core.now() };
  const filters = parseFilters(payload.filters, compiling.api);
  // Compiled as a whole once, so that the conditions on ids are checked like all others.
  filterSql(new Scope(call.core, scope.type), filters, compiling);
  const { ranges, rest } = splitIdRanges(filters);
  const parts = [filterSql(scope, rest, compiling)];
  if (scope.type.name !== "EventLogEntry")
    parts.push(sql(`${scope.alias}."row.live" = ${payload.return_only === "retired" ? 0 : 1}`));
  else if (payload.return_only === "retired") parts.push(sql("0"));
  if (payload.include_archived_projects === false) parts.push(sql(notArchived(scope)));
  if (payload.additional_filter_presets !== undefined)
    parts.push(presetsSql(scope, payload.additional_filter_presets, compiling));
  return { where: joined(parts, " AND "), ranges };
}

function notArchived(scope: Scope): string {
  const project = scope.type.fields.get("project");
  if (scope.type.name === "Project") return `NOT coalesce(${scope.alias}.archived, 0)`;
  if (project?.dataType !== "entity") return "1";
  return `NOT EXISTS (SELECT 1 FROM "Project" p WHERE p.id = ${scope.alias}."project.id" AND p.archived = 1)`;
}

/** One row more than the page holds, when there are that many. */
function pageRows(call: Call, query: Query, { size, page }: Paging): Cell[][] {
  const { db } = call.core;
  const offset = (page - 1) * size;
  const { ranges, sorting } = query;
  if (!ranges || ranges.length <= 1 || !sorting.byId) {
    const where = withRanges(query);
    return db.all(
      `SELECT ${query.cells} FROM ${query.from} WHERE ${where.text} ORDER BY ${sorting.sql} LIMIT ? OFFSET ?`,
      [...where.params, size + 1, offset],
    );
  }
  // In id order, one range after the other gives the rows in order: see id-ranges.ts.
  const rows: Cell[][] = [];
  const text = `SELECT ${query.cells} FROM ${query.from} WHERE ${query.alias}.id BETWEEN ? AND ? AND ${query.where.text} ORDER BY ${sorting.sql} LIMIT ?`;
  for (const [first, last] of sorting.byId === "asc" ? ranges : ranges.toReversed()) {
    const wanted = offset + size + 1 - rows.length;
    if (wanted <= 0) break;
    rows.push(...db.all(text, [first, last, ...query.where.params, wanted]));
  }
  return rows.slice(offset);
}

const MOST_POINTS = 10_000;

/** The whole WHERE, id ranges included, for any order of rows. */
export function withRanges({ where, ranges, alias }: Pick<Query, "where" | "ranges" | "alias">): Sql {
  if (!ranges) return where;
  const id = `${alias}.id`;
  const add = (text: string, ...params: Param[]) =>
    sql(`${text} AND ${where.text}`, ...params, ...where.params);
  if (ranges.length === 0) return add("0");
  const [first, last] = [ranges[0]![0], ranges.at(-1)![1]];
  if (ranges.length === 1) return add(`${id} BETWEEN ? AND ?`, first, last);
  const points = ranges.reduce((sum, range) => sum + range[1] - range[0] + 1, 0);
  if (points > MOST_POINTS)
    return add(
      `${id} BETWEEN ? AND ? AND EXISTS (SELECT 1 FROM json_each(?) r WHERE ${id} BETWEEN r.value ->> 0 AND r.value ->> 1)`,
      first,
      last,
      JSON.stringify(ranges),
    );
  const all = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
  return add(`${id} IN (SELECT value FROM json_each(?))`, JSON.stringify(all));
}

/** Without counts only `has_next_page` is told; with neither asked for, nothing (protocol notes 4.6). */
function pagingInfo(call: Call, query: Query, paging: Paging, more: boolean): object | null {
  if (paging.info === "none") return null;
  const page = { current_page: paging.page, entities_per_page: paging.size };
  if (paging.info === "next page") return { ...page, has_next_page: more };
  const where = withRanges(query);
  const counted = call.core.db.get(`SELECT count(*) FROM ${query.from} WHERE ${where.text}`, where.params);
  const count = Number(counted?.[0]);
  return {
    current_page: count === 0 ? 0 : paging.page,
    page_count: Math.ceil(count / paging.size),
    entity_count: count,
    entities_per_page: paging.size,
  };
}

export function entityTypeIn(call: Call, payload: Record<string, unknown>): EntityType {
  const type = call.core.schema.find(payload.type);
  if (type) return type;
  const valid = call.core.schema.typeNames.sort().join(", ");
  throw malformed(
    `API ${call.method}() invalid/missing string entity 'type': ${JSON.stringify(payload.type ?? null)}\nValid entity types: [${valid}]`,
  );
}

function fieldNames(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}
