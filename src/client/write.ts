/** Payloads of `create`, `update` and `batch` (protocol notes 3, 5). */
import {
  BadArgument,
  requireId,
  requireKnown,
  requireNames,
  requireText,
  requireType,
  show,
} from "./argument.ts";
import { type EntityData, isObject, type MultiEntityUpdateModes, slimEntity } from "./entity.ts";
import type { CallOptions } from "./options.ts";
import type { UpdateModes } from "./types-write.ts";
import { outbound } from "./values.ts";

interface WireField {
  field_name: string;
  value: unknown;
  multi_entity_update_mode?: string;
}

/** One item of `batch`. */
export type BatchRequest =
  | { request_type: "create"; entity_type: string; data: EntityData; return_fields?: readonly string[] }
  | {
      request_type: "update";
      entity_type: string;
      entity_id: number;
      data: EntityData;
      multi_entity_update_modes?: MultiEntityUpdateModes;
    }
  | { request_type: "delete"; entity_type: string; entity_id: number };

export interface UpdateOptions<Type = string> extends CallOptions {
  /** For multi-entity fields: "add" to the list or "remove" from it, instead of replacing it ("set", the default). */
  multiEntityUpdateModes?: UpdateModes<Type> | undefined;
}

/** @throws BadArgument */
export function createPayload(
  type: string,
  data: EntityData,
  returnFields: readonly string[] = [],
): Record<string, unknown> {
  requireType(type);
  requireData(data);
  requireNames(returnFields, "returnFields");
  const fields = wireFields(data);
  return { type, fields, return_fields: returnFields.length > 0 ? returnFields : ["id"] };
}

/**
 * @param slim whether entities are cut down to the keys that are sent (protocol notes 5.4)
 * @throws BadArgument
 */
export function updatePayload(
  type: string,
  id: number,
  data: EntityData,
  modes: MultiEntityUpdateModes = {},
  slim = false,
): Record<string, unknown> {
  requireType(type);
  requireId(id);
  requireData(data);
  return { type, id, fields: wireFields(data, modes, slim) };
}

/**
 * The data of a `create` or `update`, with the paths of pictures to upload set apart: `image` and `filmstrip_image`
 * are no field values, except null, which a new record has anyway.
 * @throws BadArgument
 */
export function splitPictures(
  data: EntityData,
  isNew: boolean,
): { fields: EntityData; pictures: Map<string, string> } {
  requireData(data);
  const pictures = new Map<string, string>();
  const fields = Object.entries(data).filter(([name, value]) => {
    if (name !== "image" && name !== "filmstrip_image") return true;
    if (value === null) return !isNew;
    requireText(value, `data.${name}, the path of a picture,`);
    pictures.set(name, value as string);
    return false;
  });
  return { fields: Object.fromEntries(fields), pictures };
}

/** @throws BadArgument */
export function batchPayload(requests: readonly BatchRequest[]): Record<string, unknown>[] {
  if (!Array.isArray(requests)) throw new BadArgument(`requests must be a list, got ${show(requests)}`);
  return requests.map((request, index) => {
    try {
      return batchItem(request);
    } catch (error) {
      throw error instanceof BadArgument ? new BadArgument(`in requests[${index}] ${error.message}`) : error;
    }
  });
}

const BATCH_KEYS = {
  create: ["request_type", "entity_type", "data", "return_fields"],
  update: ["request_type", "entity_type", "entity_id", "data", "multi_entity_update_modes"],
  delete: ["request_type", "entity_type", "entity_id"],
};

function batchItem(request: BatchRequest): Record<string, unknown> {
  if (!isObject(request)) throw new BadArgument(`an object is expected, got ${show(request)}`);
  const { request_type } = request;
  if (Object.hasOwn(BATCH_KEYS, request_type)) {
    requireKnown(request, BATCH_KEYS[request_type], `key of ${request_type}`);
  }
  switch (request_type) {
    case "create":
      return { request_type, ...createPayload(request.entity_type, request.data, request.return_fields) };
    case "update": {
      const { entity_type, entity_id, data, multi_entity_update_modes: modes } = request;
      return { request_type, ...updatePayload(entity_type, entity_id, data, modes) };
    }
    case "delete":
      requireType(request.entity_type);
      requireId(request.entity_id, "the entity_id");
      return { request_type, type: request.entity_type, id: request.entity_id };
    default:
      throw new BadArgument(`the request_type must be create, update or delete, got ${show(request_type)}`);
  }
}

function requireData(data: unknown): void {
  if (!isObject(data)) throw new BadArgument(`data must be an object of field values, got ${show(data)}`);
}

function wireFields(data: EntityData, modes: MultiEntityUpdateModes = {}, slim = false): WireField[] {
  return Object.entries(data).map(([name, value]) => {
    const field: WireField = {
      field_name: name,
      value: outbound(slim ? slimValue(value) : value, `data.${name}`),
    };
    const mode = modes[name];
    if (mode !== undefined) field.multi_entity_update_mode = mode;
    return field;
  });
}

function slimValue(value: unknown): unknown {
  return Array.isArray(value) ? value.map(slimEntity) : slimEntity(value);
}
