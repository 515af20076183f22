/** Data and results of `create` and `update`, by the schema. */
import type { EntityData, EntityRecord, MultiEntityUpdateModes } from "./entity.ts";
import type { SiteEntities } from "./types.ts";
import type { ReadValue, WriteValue } from "./types-values.ts";

/** Names of the fields that may be written so. */
type Writable<T extends keyof SiteEntities, When> = {
  [Name in keyof SiteEntities[T]]: SiteEntities[T][Name] extends { written: When } ? Name : never;
}[keyof SiteEntities[T]];

/** Field values for `create`; what only the site sets is refused. */
export type CreateData<T, Passed = unknown> = T extends keyof SiteEntities
  ? {
      [Name in Writable<T, "always" | "create">]?: WriteValue<SiteEntities[T][Name], TrustedIn<Passed, Name>>;
    }
  : EntityData;

/** Field values for `update`; what cannot be changed is refused. */
export type UpdateData<T, Passed = unknown> = T extends keyof SiteEntities
  ? { [Name in Writable<T, "always">]?: WriteValue<SiteEntities[T][Name], TrustedIn<Passed, Name>> }
  : EntityData;

/** `Checked`, while the compiler learns `Passed` from the argument; the first branch is never taken. */
export type Learn<Passed, Checked> = [Passed] extends [never] ? Passed : Checked;

type TrustedIn<Passed, Name> = Name extends keyof Passed ? TrustedType<Passed[Name]> : never;

/** `string` for links whose type is not known when compiling, such as `event.entity`. */
type TrustedType<Value> = Value extends { type: infer Type } | readonly { type: infer Type }[]
  ? string extends Type
    ? string
    : never
  : never;

/** What `update` gives: the fields that were written. */
export type Updated<T> = T extends keyof SiteEntities
  ? { type: T; id: number } & {
      [Name in Exclude<keyof SiteEntities[T], "type" | "id">]?: ReadValue<SiteEntities[T][Name]>;
    }
  : EntityRecord;

/** Modes for the multi-entity fields of an entity type. */
export type UpdateModes<T> = T extends keyof SiteEntities
  ? { [Name in MultiFields<T>]?: MultiEntityUpdateModes[string] }
  : MultiEntityUpdateModes;

type MultiFields<T extends keyof SiteEntities> = {
  [Name in keyof SiteEntities[T]]: SiteEntities[T][Name] extends { dataType: "multi_entity" } ? Name : never;
}[keyof SiteEntities[T]];
