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
}

function entityType(name: string, raw: RawEntityType): EntityType {
  const fields = new Map<string, Field>();
  for (const [fieldName, rawField] of Object.entries(raw.fields))
    fields.set(fieldName, {
      entityType: name,
      name: fieldName,
      dataType: rawField.data_type,
      validTypes: rawField.valid_types ?? [],
      raw: rawField,
    });
  return {
    name,
    label: raw.name,
    projectScoped: raw.project_scoped,
    identifier: raw.identifier_field,
    fields,
  };
}
