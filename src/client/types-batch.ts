/** Requests and results of `batch`, by the schema. */
import type { EntityRecord } from "./entity.ts";
import type { CheckEntity, CheckPath, Found, ReadLinks, SiteEntities } from "./types.ts";
import type { CreateData, UpdateData, Updated, UpdateModes } from "./types-write.ts";
import type { BatchRequest } from "./write.ts";

/** What the compiler learns of the requests of a batch. */
export type TypedBatch = readonly BatchRequest[];

/** Each request as it may be: checked where its entity type is known when compiling. */
export type CheckRequests<Given extends TypedBatch> = {
  readonly [Index in keyof Given]: CheckRequest<Given[Index]>;
};

type CheckRequest<Given> = Given extends { entity_type: infer Type extends string }
  ? Type extends keyof SiteEntities
    ? CheckKnown<Type, Given>
    : string extends Type
      ? Given
      : { [Key in keyof Given]: Key extends "entity_type" ? CheckEntity<Type> : Given[Key] }
  : Given;

type CheckKnown<Type extends keyof SiteEntities & string, Given> = Given extends {
  request_type: "create";
  data: infer Data;
}
  ? {
      request_type: "create";
      entity_type: Type;
      data: CreateData<Type, Data>;
      return_fields?: Given extends { return_fields: readonly (infer Path extends string)[] }
        ? readonly CheckPath<Type, Path, ReadLinks>[]
        : readonly string[];
    }
  : Given extends { request_type: "update"; data: infer Data }
    ? {
        request_type: "update";
        entity_type: Type;
        entity_id: number;
        data: UpdateData<Type, Data>;
        multi_entity_update_modes?: UpdateModes<Type>;
      }
    : BatchRequest;

/** One answer for each request, in the same order. */
export type BatchResults<Given extends TypedBatch> = {
  -readonly [Index in keyof Given]: BatchResult<Given[Index]>;
};

type BatchResult<Given> = BatchRequest extends Given
  ? EntityRecord | boolean
  : Given extends { request_type: "delete" }
    ? boolean
    : Given extends { request_type: "update"; entity_type: infer Type }
      ? Updated<Type>
      : Given extends { entity_type: infer Type; return_fields: readonly (infer Path extends string)[] }
        ? Found<unknown, Type, Path>
        : Given extends { entity_type: infer Type }
          ? Found<unknown, Type, never>
          : EntityRecord | boolean;
