/** What the form endpoints share: their fields, the row they are about, the file that came along. */
import { allowEntity, allowField } from "../access/rules.ts";
import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import type { EntityType, Field } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import { existingRow, missingRow } from "../write/crud.ts";

/** Bytes in the vault, not yet a file of the site. */
export interface StoredFile {
  key: string;
  name: string;
  /** Null: nobody said. */
  contentType: string | null;
  size: number;
  place: "direct" | "cloud";
}

/** The fields of a form without the credentials; the file, when there is one. */
export interface Form {
  fields: Record<string, string>;
  file: StoredFile | null;
}

export function fieldIn(call: Call, { fields }: Form, name: string): string {
  const value = fields[name];
  if (value) return value;
  throw malformed(`API ${call.method}() invalid/missing '${name}'`);
}

export function fileIn(call: Call, { file }: Form): StoredFile {
  if (!file) throw malformed(`API ${call.method}() there is no file in the form.`);
  if (file.size === 0) throw malformed(`API ${call.method}() the file ${file.name} is empty.`);
  return file;
}

/** The row that `entity_type` and `entity_id` name. */
export function targetIn(call: Call, form: Form): Ref {
  return targetOf(call, fieldIn(call, form, "entity_type"), fieldIn(call, form, "entity_id"));
}

/** @throws SiteFault unless it is a live row that the caller may write */
export function targetOf(call: Call, typeName: string, idText: string): Ref {
  const type = call.core.schema.find(typeName);
  if (!type)
    throw malformed(`API ${call.method}() invalid/missing string entity 'type': ${JSON.stringify(typeName)}`);
  const id = /^\d{1,15}$/.test(idText) ? Number(idText) : 0;
  if (id === 0)
    throw malformed(`API ${call.method}() invalid/missing integer 'id': ${JSON.stringify(idText)}`);
  if (type.name === "EventLogEntry") throw malformed(`API ${call.method}() EventLogEntry takes no files.`);
  allowEntity(call, "update_entity", type.name);
  if (!existingRow(call, type.name, id).live) throw missingRow(call, type.name, id);
  return { type: type.name, id };
}

/** A field of the target that takes such uploads. */
export function uploadField(call: Call, target: Ref, name: string, dataType: "url" | "image"): Field {
  const type: EntityType = call.core.schema.type(target.type);
  const field = type.fields.get(name);
  if (!field) throw malformed(`API ${call.method}() ${type.name}.${name} doesn't exist.`);
  if (field.dataType !== dataType)
    throw malformed(
      `API ${call.method}() ${type.name}.${name} is a ${field.dataType} field and takes no uploads.`,
    );
  allowField(call, type.name, name);
  return field;
}

export function isTrue(value: string | undefined): boolean {
  return value !== undefined && ["true", "1"].includes(value.toLowerCase());
}
