/** The wire method `read`: find (protocol notes 4). */
import { mayRead } from "../access/rules.ts";
import { type Call, JsonText } from "../core.ts";
import type { Cell } from "../store/database.ts";
import { entityTypeIn } from "./entity-type.ts";
import { whereSql, withRanges } from "./find.ts";
import { type IdRange, inSteps } from "./id-ranges.ts";
import { type Paging, parsePaging } from "./paging.ts";
import { Scope, type Sql } from "./scope.ts";
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
  const selection = select(
    scope,
    fieldNames(payload.return_fields).filter((path) => mayRead(call.caller, type.name, path)),
  );
  const sorting = parseSorts(scope, payload.sorts);
  const query: Query = { cells: selection.sql, from: scope.from, ...found, sorting, alias: scope.alias };
  const rows = pageRows(call, query, paging);
  const more = rows.length > paging.size;
  if (more) rows.pop();
  const records = recordsJson(core, type.name, selection, rows);
  const info = pagingInfo(call, query, paging, more);
  return new JsonText(`{"entities":${records}${info ? `,"paging_info":${JSON.stringify(info)}` : ""}}`);
}

/** One row more than the page holds, when there are that many. */
function pageRows(call: Call, query: Query, { size, page }: Paging): Cell[][] {
  const { db } = call.core;
  const offset = (page - 1) * size;
  const { ranges, sorting } = query;
  const steps = ranges && sorting.byId ? inSteps(ranges, sorting.byId) : [ranges];
  // Over several steps the rows before the page must be counted, and so be read.
  const skip = steps.length === 1 ? offset : 0;
  const end = offset - skip + size + 1;
  const rows: Cell[][] = [];
  for (const step of steps) {
    if (rows.length >= end) break;
    const where = withRanges({ ...query, ranges: step });
    const text = `SELECT ${query.cells} FROM ${query.from} WHERE ${where.text} ORDER BY ${sorting.sql} LIMIT ? OFFSET ?`;
    rows.push(...db.all(text, [...where.params, end - rows.length, skip]));
  }
  return rows.slice(offset - skip);
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

function fieldNames(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}
