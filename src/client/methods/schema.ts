/** The site's schema: what entity types and fields there are, and changing the fields. */
import { BadArgument, requireText, requireType, show } from "../argument.ts";
import { isObject } from "../entity.ts";
import { callName, ReplyError } from "../errors.ts";
import type { CallOptions } from "../options.ts";
import { type FieldsSchema, readSchema, type SchemaOptions, type SiteSchema } from "../schema.ts";
import type { CheckEntity } from "../types.ts";
import { outbound } from "../values.ts";
import { BaseMethods, connectionOf } from "./base.ts";

/** By property name: `description`, `summary_default`, `valid_values`, `valid_types`, `default_value`, … */
export type FieldProperties = Readonly<Record<string, unknown>>;

export abstract class SchemaMethods extends BaseMethods {
  /** Every field of every entity type, by type and field name. Megabytes on a real site: keep it. */
  schemaRead(options: SchemaOptions = {}): Promise<Record<string, FieldsSchema>> {
    return this.#read<Record<string, FieldsSchema>>("schemaRead", "schema_read", null, {}, options);
  }

  /** The entity types by their internal names, with their display names. */
  schemaEntityRead(options: SchemaOptions = {}): Promise<SiteSchema> {
    return this.#read<SiteSchema>("schemaEntityRead", "schema_entity_read", null, {}, options);
  }

  /** The fields of an entity type, or only one of them, by name. */
  schemaFieldRead<Type extends string>(
    type: CheckEntity<Type>,
    field?: string,
    options: SchemaOptions = {},
  ): Promise<FieldsSchema> {
    const payload = { type, ...(field === undefined ? {} : { field_name: field }) };
    return this.#read<FieldsSchema>("schemaFieldRead", "schema_field_read", type, payload, options);
  }

  /**
   * Makes a field and returns its internal name, such as `sg_complexity`; a name that is taken gets a number.
   * @param dataType `text`, `list`, `number`, … (protocol notes 12.2 tells what cannot be made)
   * @param properties `entity` and `multi_entity` need `valid_types`, `checkbox` a `default_value`
   * @example
   * ```ts
   * const field = await sg.schemaFieldCreate("Asset", "list", "Complexity", { valid_values: ["low", "high"] });
   * ```
   */
  schemaFieldCreate<Type extends string>(
    type: CheckEntity<Type>,
    dataType: string,
    displayName: string,
    properties: FieldProperties = {},
    options: CallOptions = {},
  ): Promise<string> {
    const connection = connectionOf(this);
    return connection.run("schemaFieldCreate", type, options, async (call) => {
      requireType(type);
      requireText(dataType, "the data type");
      requireText(displayName, "the display name");
      const list = wireProperties({ name: displayName, ...properties });
      const { results, facts } = await connection.write(call, "schema_field_create", {
        type,
        data_type: dataType,
        properties: list,
      });
      if (typeof results === "string") return results;
      throw new ReplyError(`The site answered ${callName(facts)} without a field name.`, facts, {
        uncertain: true,
      });
    });
  }

  /**
   * Changes properties of a field, for one project where the property allows it (`visible`).
   * @example
   * ```ts
   * await sg.schemaFieldUpdate("Asset", "sg_complexity", { visible: false }, { project: { type: "Project", id: 70 } });
   * ```
   */
  schemaFieldUpdate<Type extends string>(
    type: CheckEntity<Type>,
    field: string,
    properties: FieldProperties,
    options: SchemaOptions = {},
  ): Promise<boolean> {
    return this.#change("schemaFieldUpdate", "schema_field_update", type, field, properties ?? {}, options);
  }

  /** Moves a field to the site's trash; its values are kept there, and its name stays taken. */
  schemaFieldDelete<Type extends string>(
    type: CheckEntity<Type>,
    field: string,
    options: CallOptions = {},
  ): Promise<boolean> {
    return this.#change("schemaFieldDelete", "schema_field_delete", type, field, null, options);
  }

  /** @deprecated Only says what to call instead, as in the official client: `schemaFieldRead`. */
  schema(type: string): Promise<never> {
    return this.#deprecated("schema", type, `schemaFieldRead(${show(type)})`);
  }

  /** @deprecated Only says what to call instead, as in the official client: `schemaEntityRead`. */
  entityTypes(): Promise<never> {
    return this.#deprecated("entityTypes", null, "schemaEntityRead()");
  }

  #deprecated(method: string, type: string | null, instead: string): Promise<never> {
    return connectionOf(this).run(method, type, {}, () => {
      throw new BadArgument(`this method is deprecated; use ${instead} instead`);
    });
  }

  #read<T>(
    method: string,
    wireMethod: string,
    type: string | null,
    payload: Record<string, unknown>,
    options: SchemaOptions,
  ): Promise<T> {
    const connection = connectionOf(this);
    return connection.run(method, type, options, async (call) => {
      const { project } = options;
      if (type !== null) requireType(type);
      if (project) {
        payload.project = outbound(project, "project");
        await connection.require(call, [5, 4, 4], "project");
      }
      const wirePayload = Object.keys(payload).length > 0 ? payload : undefined;
      return readSchema(await connection.read(call, wireMethod, wirePayload)) as T;
    });
  }

  #change(
    method: string,
    wireMethod: string,
    type: string,
    field: string,
    properties: FieldProperties | null,
    options: SchemaOptions,
  ): Promise<boolean> {
    const connection = connectionOf(this);
    return connection.run(method, type, options, async (call) => {
      const { project } = options;
      requireType(type);
      requireText(field, "the field's name");
      const payload: Record<string, unknown> = { type, field_name: field };
      if (properties) payload.properties = wireProperties(properties);
      if (project) {
        payload.project = outbound(project, "project");
        await connection.require(call, [5, 4, 4], "project");
      }
      return (await connection.write(call, wireMethod, payload)).results === true;
    });
  }
}

function wireProperties(properties: FieldProperties): { property_name: string; value: unknown }[] {
  if (!isObject(properties)) throw new BadArgument(`properties must be an object, got ${show(properties)}`);
  return Object.entries(properties).map(([name, value]) => ({
    property_name: name,
    value: outbound(value, `properties.${name}`),
  }));
}
