/** Which rows a `read` or `summarize` finds, as SQL (protocol notes 4.2 to 4.7). */
import { ruleAgainst } from "../access/rules.ts";
import type { Call } from "../core.ts";
import type { Param } from "../store/database.ts";
import { filterSql } from "./conditions.ts";
import { parseFilters } from "./filter.ts";
import { type IdRange, sizeOf, splitIdRanges } from "./id-ranges.ts";
import type { Compiling } from "./operand.ts";
import { presetsSql } from "./presets.ts";
import { joined, Scope, type Sql, sql } from "./scope.ts";

export interface Found {
  /** Everything but the id ranges. */
  where: Sql;
  /** Ascending and disjoint; null: any id. */
  ranges: IdRange[] | null;
}

/** The filters, presets and switches of a `read` or `summarize` payload, as SQL over `scope`. */
export function whereSql(call: Call, scope: Scope, payload: Record<string, unknown>): Found {
  const compiling: Compiling = { api: `API ${call.method}()`, now: call.core.now() };
  const filters = parseFilters(payload.filters, compiling.api);
  // Compiled as a whole once, so that the conditions on ids are checked like all others.
  filterSql(new Scope(call.core, scope.type), filters, compiling);
  const { ranges, rest } = splitIdRanges(filters);
  const parts = [filterSql(scope, rest, compiling), ...switchesSql(call, scope, payload)];
  const presets = payload.additional_filter_presets;
  if (presets !== undefined) {
    const matching = () => {
      const inner = scope.nested(scope.type);
      const all = [filterSql(inner, filters, compiling), ...switchesSql(call, inner, payload)];
      return { scope: inner, where: joined(all, " AND ") };
    };
    parts.push(presetsSql(scope, presets, matching, compiling));
  }
  return { where: joined(parts, " AND "), ranges };
}

/** Retired or live, archived projects or not, and what the caller may not see. */
function switchesSql(call: Call, scope: Scope, payload: Record<string, unknown>): Sql[] {
  const parts: Sql[] = [];
  const retired = payload.return_only === "retired";
  if (scope.type.name !== "EventLogEntry") parts.push(sql(`${scope.alias}."row.live" = ${retired ? 0 : 1}`));
  else if (retired) parts.push(sql("0"));
  if (ruleAgainst(call.caller, "read_entity", scope.type.name)) parts.push(sql("0"));
  if (payload.include_archived_projects === false) parts.push(sql(notArchived(scope)));
  return parts;
}

function notArchived(scope: Scope): string {
  const project = scope.type.fields.get("project");
  if (scope.type.name === "Project") return `NOT coalesce(${scope.alias}.archived, 0)`;
  if (project?.dataType !== "entity") return "1";
  return `NOT EXISTS (SELECT 1 FROM "Project" p WHERE p.id = ${scope.alias}."project.id" AND p.archived = 1)`;
}

const MOST_POINTS = 10_000;

/** The whole WHERE, id ranges included, for any order of rows. */
export function withRanges({ where, ranges, alias }: Found & { alias: string }): Sql {
  if (!ranges) return where;
  const id = `${alias}.id`;
  const add = (text: string, ...params: Param[]) =>
    sql(`${text} AND ${where.text}`, ...params, ...where.params);
  if (ranges.length === 0) return add("0");
  const [first, last] = [ranges[0]![0], ranges.at(-1)![1]];
  if (ranges.length === 1) return add(`${id} BETWEEN ? AND ?`, first, last);
  const points = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
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
