/** The wire method `query_display_name_cache`: text search (protocol notes 9.7). */
import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import { entityTypeIn } from "../query/entity-type.ts";
import { whereSql, withRanges } from "../query/find.ts";
import { found } from "../query/relations-value.ts";
import { joined, Scope, type Sql, sql } from "../query/scope.ts";
import { recordsJson, select } from "../query/selection.ts";
import type { EntityType } from "../schema/schema.ts";
import { quote, type Ref } from "../store/columns.ts";
import type { NamedRef } from "../store/names.ts";
import { numberIn } from "./payload.ts";

type Payload = Record<string, unknown>;

/** When the call names no limit. */
const MOST = 25;

interface Match extends NamedRef {
  project_id: number | null;
  image: string | null;
  /** Type and name of what the row is linked to; two empty texts when it is linked to nothing. */
  links: [string, string];
  status: string | null;
}

/** Rows whose names contain every word, in the order of the types asked for, then of ids. */
export function queryDisplayNameCache(call: Call, payload: Payload): { terms: string[]; matches: Match[] } {
  const { text, entity_types: types } = payload;
  if (typeof text !== "string") throw malformed(`API ${call.method}() invalid/missing string 'text'`);
  if (typeof types !== "object" || types === null || Array.isArray(types))
    throw malformed(`API ${call.method}() invalid/missing hash 'entity_types'`);
  const projects = projectsIn(call, payload);
  const limit = numberIn(call, payload, "max_results", 1) ?? MOST;
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches: Match[] = [];
  for (const [name, filters] of Object.entries(types)) {
    const type = entityTypeIn(call, { type: name });
    const where = (scope: Scope) => conditions(call, scope, { filters, terms, projects });
    matches.push(...matchesOf(call, type, where, limit - matches.length));
  }
  return { terms, matches };
}

/** Empty: all. */
function projectsIn(call: Call, payload: Payload): number[] {
  const given = payload.project_ids ?? [];
  if (Array.isArray(given) && given.every(Number.isSafeInteger)) return given;
  throw malformed(`API ${call.method}() invalid array 'project_ids': ${JSON.stringify(given)}`);
}

function conditions(
  call: Call,
  scope: Scope,
  wanted: { filters: unknown; terms: string[]; projects: number[] },
): Sql {
  const { alias, type } = scope;
  const filtered = withRanges({ ...whereSql(call, scope, { filters: wanted.filters }), alias });
  if (!type.identifier || wanted.terms.length === 0) return sql("0");
  const name = `${alias}.${quote(type.identifier)}`;
  const parts = [filtered, ...wanted.terms.map((term) => found(name, term))];
  const project = type.name === "Project" ? "id" : type.fields.has("project") ? '"project.id"' : null;
  if (wanted.projects.length > 0 && project)
    parts.push(
      sql(`${alias}.${project} IN (SELECT value FROM json_each(?))`, JSON.stringify(wanted.projects)),
    );
  return joined(parts, " AND ");
}

function matchesOf(call: Call, type: EntityType, where: (scope: Scope) => Sql, limit: number): Match[] {
  const scope = new Scope(call.core, type);
  const { text, params } = where(scope);
  const selection = select(scope, ["sg_status_list", "image", "project", "entity"]);
  if (limit < 1) return [];
  const rows = call.core.db.all(
    `SELECT ${selection.sql} FROM ${scope.from} WHERE ${text} ORDER BY ${scope.alias}.id LIMIT ?`,
    [...params, limit],
  );
  const records = JSON.parse(recordsJson(call.core, type.name, selection, rows)) as (Ref & Payload)[];
  return records.map((record) => {
    const { id, entity, project } = record as { id: number; entity?: NamedRef; project?: Ref };
    return {
      id,
      type: type.name,
      name: call.core.names.nameOf(type.name, id),
      project_id: project?.id ?? (type.name === "Project" ? id : null),
      image: (record.image ?? null) as string | null,
      links: entity ? [entity.type, entity.name ?? ""] : ["", ""],
      status: (record.sg_status_list ?? null) as string | null,
    };
  });
}
