import type { Core } from "../core.ts";
import type { EntityType, Field } from "../schema/schema.ts";
import { quote } from "../store/columns.ts";
import type { Param } from "../store/database.ts";

/** A piece of SQL with the values for its question marks. */
export interface Sql {
  text: string;
  params: Param[];
}

export function sql(text: string, ...params: Param[]): Sql {
  return { text, params };
}

/** Joins pieces with a word between them. */
export function joined(parts: Sql[], word: string): Sql {
  return { text: parts.map((part) => part.text).join(word), params: parts.flatMap((part) => part.params) };
}

/** Gives each table of one query a name of its own. */
export class Aliases {
  #count = 0;

  next(): string {
    return `t${this.#count++}`;
  }
}

/**
 * One table of a query and the rows joined to it: a dotted path over single links is a LEFT JOIN, so that a
 * missing link, or one of another type, reads as null (protocol notes 4.3).
 */
export class Scope {
  readonly core: Core;
  readonly type: EntityType;
  readonly alias: string;
  readonly #aliases: Aliases;
  /** Shared by all scopes joined to the same FROM. */
  readonly #joins: string[];
  readonly #joined = new Map<string, Scope>();

  constructor(core: Core, type: EntityType, aliases = new Aliases(), joins: string[] = []) {
    this.core = core;
    this.type = type;
    this.#aliases = aliases;
    this.#joins = joins;
    this.alias = aliases.next();
  }

  /** `"Shot" t0 LEFT JOIN …` */
  get from(): string {
    return [`${quote(this.type.name)} ${this.alias}`, ...this.#joins].join(" ");
  }

  /** A table of the same query with a FROM of its own, for a subquery. */
  nested(type: EntityType): Scope {
    return new Scope(this.core, type, this.#aliases);
  }

  nextAlias(): string {
    return this.#aliases.next();
  }

  /** The row that a link points to, when it is of this type and live. */
  follow(field: Field, type: EntityType): Scope {
    const key = `${field.name}.${type.name}`;
    const known = this.#joined.get(key);
    if (known) return known;
    const scope = new Scope(this.core, type, this.#aliases, this.#joins);
    const link = (part: string) => `${this.alias}.${quote(`${field.name}.${part}`)}`;
    this.#joins.push(
      `LEFT JOIN ${quote(type.name)} ${scope.alias} ON ${scope.alias}.id = ${link("id")} AND ${link("type")} = '${type.name}' AND ${scope.alias}."row.live" = 1`,
    );
    this.#joined.set(key, scope);
    return scope;
  }
}
