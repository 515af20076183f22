/** From filters to SQL: paths first (protocol notes 4.3), then one relation at the end of the path. */
import { malformed } from "../fault.ts";
import type { EntityType, Field } from "../schema/schema.ts";
import { isLinkList } from "../store/columns.ts";
import { linkedSql } from "../store/links.ts";
import { type Condition, type Filter, type Group, isGroup } from "./filter.ts";
import type { Compiling, Operand } from "./operand.ts";
import { relationSql } from "./relations.ts";
import { joined, type Scope, type Sql, sql } from "./scope.ts";

export function filterSql(scope: Scope, filter: Filter, compiling: Compiling): Sql {
  if (isGroup(filter)) return groupSql(scope, filter, compiling);
  if (filter.path.startsWith("$FROM$")) return fromSql(scope, filter, compiling);
  return pathSql(scope, filter.path.split("."), filter, compiling);
}

/** A group without conditions lets everything through. */
function groupSql(scope: Scope, group: Group, compiling: Compiling): Sql {
  if (group.items.length === 0) return sql("1");
  const parts = group.items.map((item) => filterSql(scope, item, compiling));
  return balanced(parts, group.operator === "or" ? " OR " : " AND ");
}

/** As a tree of pairs: SQLite takes an expression to be as deep as a flat chain is long, and bounds the depth. */
function balanced(parts: Sql[], word: string): Sql {
  if (parts.length === 1) return parts[0]!;
  const middle = Math.ceil(parts.length / 2);
  const { text, params } = joined(
    [balanced(parts.slice(0, middle), word), balanced(parts.slice(middle), word)],
    word,
  );
  return sql(`(${text})`, ...params);
}

function pathSql(scope: Scope, path: string[], condition: Condition, compiling: Compiling): Sql {
  const field = fieldAt(scope.type, path[0]!, compiling);
  if (path.length === 1) return relationSql(operand(scope, field), condition, compiling);
  const next = scope.core.schema.find(path[1]);
  if (!next || path.length === 2 || !(field.dataType === "entity" || isLinkList(field)))
    throw malformed(`${compiling.api} ${scope.type.name}.${path.join(".")} doesn't exist.`);
  if (field.dataType === "entity")
    return pathSql(scope.follow(field, next), path.slice(2), condition, compiling);
  return anyLinkedSql(scope, field, next, (inner) => pathSql(inner, path.slice(2), condition, compiling));
}

/** Any linked row of that type matches. Asked from the matching rows' side: they are few, and links have an index there. */
function anyLinkedSql(scope: Scope, field: Field, type: EntityType, match: (inner: Scope) => Sql): Sql {
  const inner = scope.nested(type);
  const { text, params } = match(inner);
  const linked = linkedSql(scope.core.sides, field, "IS NOT NULL");
  return sql(
    `${scope.alias}.id IN (SELECT l.owner FROM (${linked}) l WHERE l.type = '${type.name}' AND l.id IN (SELECT ${inner.alias}.id FROM ${inner.from} WHERE ${inner.alias}."row.live" = 1 AND ${text}))`,
    ...params,
  );
}

/** `$FROM$Task.entity.due_date`: any row that points here by that field matches. */
function fromSql(scope: Scope, condition: Condition, compiling: Compiling): Sql {
  const [typeName, fieldName, ...rest] = condition.path.slice("$FROM$".length).split(".");
  const type = scope.core.schema.find(typeName);
  if (!type || !fieldName || rest.length === 0)
    throw malformed(`${compiling.api} ${scope.type.name}.${condition.path} doesn't exist.`);
  const field = fieldAt(type, fieldName, compiling);
  const inner = scope.nested(type);
  const { text, params } = pathSql(inner, rest, condition, compiling);
  const here =
    field.dataType === "entity"
      ? `${inner.alias}."${fieldName}.id" = ${scope.alias}.id AND ${inner.alias}."${fieldName}.type" = '${scope.type.name}'`
      : `EXISTS (SELECT 1 FROM (${linkedSql(scope.core.sides, field, `= ${inner.alias}.id`)}) WHERE type = '${scope.type.name}' AND id = ${scope.alias}.id)`;
  return sql(
    `EXISTS (SELECT 1 FROM ${inner.from} WHERE ${inner.alias}."row.live" = 1 AND ${here} AND ${text})`,
    ...params,
  );
}

function fieldAt(type: EntityType, name: string, compiling: Compiling): Field {
  const field = type.fields.get(name);
  if (!field) throw malformed(`${compiling.api} ${type.name}.${name} doesn't exist.`);
  return field;
}

function operand(scope: Scope, field: Field): Operand {
  return { scope, field };
}
