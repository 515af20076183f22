/**
 * Types that come from a site's schema. `callsheet types` writes a file that adds the site's entity types to
 * `SiteEntities`; without that file everything is loosely typed.
 */
import type { EntityRecord } from "./entity.ts";
import type { LinkedTypes, ReadValue } from "./types-values.ts";

/**
 * Entity type → field name → `Field`. Empty here; the file that `callsheet types` writes fills it by declaration
 * merging, for the whole project that the file is part of.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged with
export interface SiteEntities {}

/** A field of an entity type, as the file of `callsheet types` names it. There is no such object at run time. */
export interface Field<DataType extends string, Of = unknown> {
  /** The site's own name of the data type, such as `text` or `entity`. */
  dataType: DataType;
  /** Lists and statuses: the valid values; links: the entity types; `unknown` when the schema does not say. */
  of: Of;
  written: "always";
}

/** A field that `create` may set, and nothing can change afterwards. */
export interface CreateOnlyField<DataType extends string, Of = unknown> {
  dataType: DataType;
  of: Of;
  written: "create";
}

/** A field that only the site sets. */
export interface ReadOnlyField<DataType extends string, Of = unknown> {
  dataType: DataType;
  of: Of;
  written: "never";
}

/** The entity types of the site, or any text where no schema is known. */
export type EntityName = [keyof SiteEntities] extends [never] ? string : keyof SiteEntities & string;

/** The entity type that was passed, if there is one of that name; a text not known when compiling is trusted. */
export type CheckEntity<T extends string> = string extends T ? string : T extends EntityName ? T : EntityName;

/** Names of the fields of an entity type, without dotted paths. */
export type FieldName<T> = T extends keyof SiteEntities ? keyof SiteEntities[T] & string : never;

/** What may stand before a dot: in fields and sort keys only single links; in filters any. */
export type ReadLinks = "entity";
export type FilterLinks = "entity" | "multi_entity";

/** The `Field` at the end of a path such as `code` or `sg_sequence.Sequence.code`; never when there is none. */
export type FieldAt<T, Path, Links> = T extends keyof SiteEntities
  ? Path extends keyof SiteEntities[T]
    ? SiteEntities[T][Path]
    : Path extends `${infer Link}.${infer Type}.${infer Rest}`
      ? Link extends keyof SiteEntities[T]
        ? Type extends LinkedTypes<SiteEntities[T][Link], Links>
          ? FieldAt<Type, Rest, Links>
          : never
        : never
      : never
  : never;

/** Each path that exists, as it is; in the place of any other, what could stand there. */
export type CheckPath<T, Path extends string, Links> = T extends keyof SiteEntities
  ? CheckKnownPath<T, Path, Links>
  : string;

type CheckKnownPath<T, Path extends string, Links> = Path extends string
  ? string extends Path
    ? Path
    : Path extends "type"
      ? Path
      : [FieldAt<T, Path, Links>] extends [never]
        ? Suggestion<T, Path, Links>
        : Path
  : never;

/** A field that takes a file, or the name of a thumbnail; a text not known when compiling is trusted. */
export type CheckFileField<T, Name extends string> = T extends keyof SiteEntities
  ? string extends Name
    ? string
    : Name extends FileField<T>
      ? Name
      : FileField<T>
  : string;

type FileField<T extends keyof SiteEntities> =
  | "thumb_image"
  | "filmstrip_thumb_image"
  | {
      [Name in keyof SiteEntities[T] & string]: SiteEntities[T][Name] extends { dataType: "url" | "image" }
        ? Name
        : never;
    }[keyof SiteEntities[T] & string];

/** Paths near the wrong one, for the compiler's message and for completion in editors. */
export type Suggestion<
  T,
  Path,
  Links,
  Before extends string = "",
> = Path extends `${infer Link}.${infer Type}.${infer Rest}`
  ? TypesBehind<T, Link, Links> extends infer Types extends string
    ? [Types] extends [never]
      ? Prefixed<Before, FieldName<T>>
      : Type extends Types
        ? Suggestion<Type, Rest, Links, `${Before}${Link}.${Type}.`>
        : Prefixed<`${Before}${Link}.`, `${Types}.${string}`>
    : never
  : Prefixed<Before, FieldName<T>>;

type TypesBehind<T, Name, Links> = T extends keyof SiteEntities
  ? Name extends keyof SiteEntities[T]
    ? LinkedTypes<SiteEntities[T][Name], Links>
    : never
  : never;

type Prefixed<Before extends string, Names extends string> = `${Before}${Names}`;

/**
 * A record of a known entity type with the fields asked for. A path through a link is null where the link is empty or
 * of another type.
 */
export type TypedRecord<T extends keyof SiteEntities, Path extends string> = T extends unknown
  ? { [Key in Path | "type" | "id"]: Key extends "type" ? T : Key extends "id" ? number : ReadAt<T, Key> }
  : never;

type ReadAt<T, Path> = Path extends `${string}.${string}`
  ? ReadValue<FieldAt<T, Path, ReadLinks>> | null
  : ReadValue<FieldAt<T, Path, ReadLinks>>;

/** What `find` gives: typed by the schema where it and the fields are known, else by `Fields`. */
export type Found<Fields, T, Path extends string> = T extends keyof SiteEntities
  ? string extends Path
    ? EntityRecord<Fields>
    : TypedRecord<T, Path>
  : EntityRecord<Fields>;
