/** The values of each data type, as they are read and written (protocol notes 5.3, 6). */
import type { Float } from "../json.ts";
import type { EntityName } from "./types.ts";

/** A link as a record holds it. */
export interface Link<Type extends string = string> {
  type: Type;
  id: number;
  name: string;
}

/** A link as it is passed; whole records will do. */
export interface LinkInput<Type extends string = string> {
  type: Type;
  id: number;
  name?: unknown;
}

/** An uploaded file, a web address or a local file, as a record holds it. */
export interface FileLink {
  type: "Attachment";
  id: number;
  name: string;
  url: string;
  link_type: "upload" | "web" | "local";
  content_type?: string | null;
  /** Local files only, and for this machine. */
  local_path?: string | null;
  local_path_windows?: string | null;
  local_path_mac?: string | null;
  local_path_linux?: string | null;
  relative_path?: string | null;
  local_storage?: Link<"LocalStorage">;
}

/** A value for a file field: a web address, a local file, a path below a local storage. */
export type FileLinkInput =
  | { url: string; name?: string }
  | { local_path: string; name?: string }
  | { relative_path: string; local_storage: LinkInput; name?: string }
  | LinkInput<"Attachment">;

/** Data types whose values do not depend on the field, as they are read. */
interface ReadValues {
  text: string | null;
  number: number | null;
  integer: number | null;
  float: number | null;
  percent: number | null;
  currency: number | null;
  /** Minutes. */
  duration: number | null;
  /** Milliseconds. */
  timecode: number | null;
  /** Feet and frames, "12-08". */
  footage: string | null;
  /** "2026-11-01" */
  date: string | null;
  date_time: Date | null;
  checkbox: boolean;
  /** "253,1,0", on tasks also "pipeline_step" */
  color: string | null;
  tag_list: string[];
  entity_type: EntityName | null;
  /** The address of the picture. */
  image: string | null;
  url: FileLink | null;
  uuid: string | null;
  password: string | null;
}

/** The same, as they are written. */
interface WriteValues extends Omit<ReadValues, "float" | "currency" | "date_time" | "url" | "tag_list"> {
  float: number | Float | null;
  currency: number | Float | null;
  date_time: Date | string | null;
  tag_list: readonly string[];
  url: FileLinkInput | null;
}

/** Entity types that a link field leads to; never for a field whose data type is none of `Links`. */
export type LinkedTypes<F, Links> = F extends { dataType: Links; of: infer Of }
  ? unknown extends Of
    ? EntityName
    : Of & string
  : never;

/** The valid values of a list or status; any text when the schema does not say. */
export type Choice<Of> = unknown extends Of ? string : Of;

export type ReadValue<F> = F extends { dataType: infer D; of: infer Of }
  ? D extends "list" | "status_list"
    ? Choice<Of> | null
    : D extends "entity"
      ? Link<LinkedTypes<F, D>> | null
      : D extends "multi_entity" | "addressing"
        ? Link<LinkedTypes<F, D>>[]
        : D extends keyof ReadValues
          ? ReadValues[D]
          : unknown
  : never;

/** @typeParam Trusted `string` lets links pass whose type is not known when compiling */
export type WriteValue<F, Trusted extends string> = F extends { dataType: infer D; of: infer Of }
  ? D extends "list" | "status_list"
    ? Choice<Of> | null
    : D extends "entity"
      ? LinkInput<LinkedTypes<F, D> | Trusted> | null
      : D extends "multi_entity" | "addressing"
        ? readonly LinkInput<LinkedTypes<F, D> | Trusted>[]
        : D extends keyof WriteValues
          ? WriteValues[D]
          : unknown
  : never;
