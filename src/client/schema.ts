/** What a site's schema looks like (protocol notes 12.1). */
import { type EntityRef, isObject } from "./entity.ts";
import { callName, ReplyError } from "./errors.ts";
import type { CallOptions } from "./options.ts";
import type { Answer } from "./rpc.ts";

export interface SchemaOptions extends CallOptions {
  /** Visibility is told for this project. Default: for the whole site. */
  project?: EntityRef | undefined;
}

/** Every schema property comes with whether the script may change it. */
export interface SchemaProperty<Value = unknown> {
  value: Value;
  editable: boolean;
}

export interface EntitySchema {
  /** Display name. */
  name: SchemaProperty<string>;
  visible: SchemaProperty<boolean>;
  [property: string]: unknown;
}

export interface FieldSchema {
  /** Display name. */
  name: SchemaProperty<string>;
  /** `text`, `entity`, `status_list`, … */
  data_type: SchemaProperty<string>;
  description: SchemaProperty<string>;
  entity_type: SchemaProperty<string>;
  editable: SchemaProperty<boolean>;
  mandatory: SchemaProperty<boolean>;
  unique: SchemaProperty<boolean>;
  visible: SchemaProperty<boolean>;
  /** `valid_values`, `valid_types`, `default_value` and others, by data type. */
  properties: Record<string, SchemaProperty>;
  [property: string]: unknown;
}

/** Entity types by their internal names. */
export type SiteSchema = Record<string, EntitySchema>;
/** Fields by name. */
export type FieldsSchema = Record<string, FieldSchema>;

/** @throws ReplyError */
export function readSchema({ results, facts }: Answer): Record<string, unknown> {
  if (isObject(results)) return results;
  throw new ReplyError(`The site answered ${callName(facts)} without a schema.`, facts);
}
