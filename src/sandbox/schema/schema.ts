import type { DataType, RawEntityType, RawField, SchemaFile } from "./file.ts";

/** One field of one entity type. */
export interface Field {
  readonly entityType: string;
  readonly name: string;
  readonly dataType: DataType;
  /** The types an `entity` or `multi_entity` field may link to; empty: any. */
  readonly validTypes: readonly string[];
  readonly raw: RawField;
}

export interface EntityType {
  readonly name: string;
  /** The name of the type that people see: `Person` for `HumanUser`. */
  readonly label: string;
  readonly projectScoped: boolean;
  /** The field that holds the display name; null for types without one. */
  readonly identifier: string | null;
  readonly fields: ReadonlyMap<string, Field>;
}

/** The entity types and fields of one site. */
export class Schema {
  readonly #types = new Map<string, EntityType>();
  /** Fields that were dropped, by `Type.field`: they keep their identity when they come back. */
  readonly #dropped = new Map<string, Field>();

  constructor(file: SchemaFile) {
    for (const [name, raw] of Object.entries(file.entity_types)) this.#types.set(name, entityType(name, raw));
  }

  /** In the order of the schema file. */
  get types(): Iterable<EntityType> {
    return this.#types.values();
  }

  get typeNames(): string[] {
    return [...this.#types.keys()];
  }

  find(type: unknown): EntityType | undefined {
    return typeof type === "string" ? this.#types.get(type) : undefined;
  }

  /** For names that are known to be right; throws a plain error otherwise. */
  type(name: string): EntityType {
    const found = this.#types.get(name);
    if (!found) throw new Error(`the schema has no entity type ${name}`);
    return found;
  }

  field(type: string, name: string): Field | undefined {
    return this.#types.get(type)?.fields.get(name);
  }

  /** Adds a field, or changes one that is there. */
  put(type: string, name: string, raw: RawField): Field {
    const fields = this.type(type).fields as Map<string, Field>;
    const known = fields.get(name) ?? this.#dropped.get(`${type}.${name}`);
    const field = known ? Object.assign(known, fieldOf(type, name, raw)) : fieldOf(type, name, raw);
    fields.set(name, field);
    return field;
  }

  drop(type: string, name: string): void {
    const fields = this.type(type).fields as Map<string, Field>;
    const field = fields.get(name);
    if (field) this.#dropped.set(`${type}.${name}`, field);
    fields.delete(name);
  }
}

function entityType(name: string, raw: RawEntityType): EntityType {
  const fields = new Map<string, Field>();
  for (const [fieldName, rawField] of Object.entries(raw.fields))
    fields.set(fieldName, fieldOf(name, fieldName, rawField));
  return {
    name,
    label: raw.name,
    projectScoped: raw.project_scoped,
    identifier: raw.identifier_field,
    fields,
  };
}

function fieldOf(entityType: string, name: string, raw: RawField): Field {
  return { entityType, name, dataType: raw.data_type, validTypes: raw.valid_types ?? [], raw };
}
