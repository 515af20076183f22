/** The client of a Flow Production Tracking site, after the official Python one: `find_one` is `findOne` here. */
import { requireId, requireType } from "./argument.ts";
import { Connection } from "./connection.ts";
import { type EntityData, type EntityRecord, isObject } from "./entity.ts";
import { callName, ReplyError } from "./errors.ts";
import { type Filters, wireFilters } from "./filters.ts";
import type { CallOptions, ShotgunOptions } from "./options.ts";
import { type FindOneOptions, type FindOptions, findRecords, readQuery } from "./read.ts";
import { finishRecord, writtenRecord } from "./record.ts";
import { type FieldsSchema, readSchema, type SchemaOptions, type SiteSchema } from "./schema.ts";
import { requireVersion, type SiteInfo } from "./site-info.ts";
import {
  readSummary,
  type SummarizeOptions,
  type Summary,
  type SummaryField,
  summarizePayload,
} from "./summarize.ts";
import { outbound } from "./values.ts";
import {
  type BatchRequest,
  batchPayload,
  createPayload,
  type UpdateOptions,
  updatePayload,
  withoutImages,
} from "./write.ts";

/**
 * A connection to a site, with the rights of one script. Nothing is sent before the first call; calls may run at the
 * same time.
 *
 * Every method rejects with a `ShotgunError`, or another `CallsheetError` where its transport cannot be opened:
 * `Fault` when the site refuses, `AuthenticationFault` for wrong credentials, `ArgumentError` before anything is sent,
 * `ProtocolError` and `UnreachableError` for the network, `ReplyError`, `SiteTooOldError`, `AbortedError`. What is
 * sent again by itself, and when, says `RetryOptions`.
 *
 * Values: a `Date` is sent as date_time in whole seconds, and date_time texts come back as `Date` (see
 * `ShotgunOptions.dates`). Dates without a time are texts such as "2026-11-01". `float(2)` is sent as `2.0`. Whole
 * numbers beyond 2^53 are `bigint` both ways, with all their digits.
 *
 * @example
 * ```ts
 * const sg = new Shotgun("https://studio.shotgrid.autodesk.com", { scriptName: "my_tool", scriptKey: key });
 * const shots = await sg.find("Shot", [["sg_status_list", "is", "ip"]], ["code", "sg_sequence"]);
 * await sg.close();
 * ```
 */
export class Shotgun {
  /** The site: scheme and host, without credentials. */
  readonly url: string;
  readonly scriptName: string;
  readonly #connection: Connection;
  readonly #slim: boolean;

  /**
   * @param url for example `https://studio.shotgrid.autodesk.com`
   * @throws CallsheetError SITE_ARGUMENT for a wrong url or option
   */
  constructor(url: string, options: ShotgunOptions) {
    this.#connection = new Connection(url, options);
    this.#slim = options.slimEntities ?? true;
    this.url = this.#connection.site;
    this.scriptName = options.scriptName;
  }

  /** What the site says about itself: version, page size, log-in method. Asks each time; needs no valid credentials. */
  info({ signal }: CallOptions = {}): Promise<SiteInfo> {
    return this.#connection.run("info", null, signal, (call) => this.#connection.freshInfo(call));
  }

  /**
   * The records that match, with `type`, `id` and the fields asked for (default: only those two).
   * @param filters a list of conditions and groups; all must match unless `filterOperator` says otherwise
   * @param fields names or paths, `["code", "sg_sequence.Sequence.code"]`; unknown ones are left out by the site
   * @example
   * ```ts
   * const open = await sg.find(
   *   "Task",
   *   [
   *     ["project", "is", { type: "Project", id: 70 }],
   *     { filterOperator: "any", filters: [["sg_status_list", "in", ["ip", "rdy"]], ["due_date", "in_next", 2, "DAY"]] },
   *   ],
   *   ["content", "entity"],
   *   { order: [{ field_name: "due_date", direction: "asc" }], limit: 100 },
   * );
   * ```
   */
  find<Fields = unknown>(
    type: string,
    filters: Filters,
    fields: readonly string[] = [],
    options: FindOptions = {},
  ): Promise<EntityRecord<Fields>[]> {
    return this.#find("find", type, filters, fields, options) as Promise<EntityRecord<Fields>[]>;
  }

  /**
   * The first record that matches, or null.
   * @example
   * ```ts
   * const task = await sg.findOne("Task", [["id", "is", 7]], ["entity", "sg_status_list"]);
   * if (task?.sg_status_list === "fin") logger.info("done");
   * ```
   */
  async findOne<Fields = unknown>(
    type: string,
    filters: Filters,
    fields: readonly string[] = [],
    options: FindOneOptions = {},
  ): Promise<EntityRecord<Fields> | null> {
    const found = await this.#find("findOne", type, filters, fields, { ...options, limit: 1, page: 0 });
    return (found[0] as EntityRecord<Fields> | undefined) ?? null;
  }

  /**
   * Makes a record and returns it with `returnFields` (default: only `type` and `id`).
   * @example
   * ```ts
   * const note = await sg.create("Note", { project: { type: "Project", id: 70 }, content: "Looks good" });
   * ```
   */
  create(
    type: string,
    data: EntityData,
    returnFields?: readonly string[],
    { signal }: CallOptions = {},
  ): Promise<EntityRecord> {
    return this.#connection.run("create", type, signal, async (call) => {
      const payload = createPayload(type, withoutImages(data, true), returnFields);
      return writtenRecord(await this.#connection.write(call, "create", payload));
    });
  }

  /**
   * Changes fields of a record and returns them as stored. Nothing is sent when `data` is empty.
   * @example
   * ```ts
   * await sg.update("Shot", 862, { sg_status_list: "fin" });
   * await sg.update("Asset", 55, { shots: [{ type: "Shot", id: 862 }] }, { multiEntityUpdateModes: { shots: "add" } });
   * ```
   */
  update(
    type: string,
    id: number,
    data: EntityData,
    { multiEntityUpdateModes, signal }: UpdateOptions = {},
  ): Promise<EntityRecord> {
    return this.#connection.run("update", type, signal, async (call) => {
      const payload = updatePayload(type, id, withoutImages(data, false), multiEntityUpdateModes, this.#slim);
      if (Object.keys(data).length === 0) return { type, id };
      return writtenRecord(await this.#connection.write(call, "update", payload));
    });
  }

  /** Retires a record; `revive` brings it back. False when it was retired already; a Fault when there is none. */
  delete(type: string, id: number, { signal }: CallOptions = {}): Promise<boolean> {
    return this.#yesOrNo("delete", type, id, signal);
  }

  /** Brings a retired record back. False when it was not retired. */
  revive(type: string, id: number, { signal }: CallOptions = {}): Promise<boolean> {
    return this.#yesOrNo("revive", type, id, signal);
  }

  /**
   * Several creates, updates and deletes in one transaction: when one fails, none is kept. Answers come in the order
   * of the requests: the record of a create or update, true or false for a delete. Nothing is sent for an empty list.
   * @example
   * ```ts
   * await sg.batch([
   *   { request_type: "update", entity_type: "Shot", entity_id: 862, data: { sg_status_list: "fin" } },
   *   { request_type: "delete", entity_type: "Task", entity_id: 7 },
   * ]);
   * ```
   */
  batch(
    requests: readonly BatchRequest[],
    { signal }: CallOptions = {},
  ): Promise<(EntityRecord | boolean)[]> {
    return this.#connection.run("batch", null, signal, async (call) => {
      const payload = batchPayload(requests);
      if (payload.length === 0) return [];
      const { results, facts } = await this.#connection.write(call, "batch", payload);
      if (!Array.isArray(results) || results.length !== payload.length) {
        const message = `The site answered batch without ${payload.length} results.`;
        throw new ReplyError(message, facts, { uncertain: true });
      }
      return results.map((item) => (isObject(item) ? finishRecord(item as EntityRecord) : Boolean(item)));
    });
  }

  /**
   * Counts, sums, extremes over the records that match, in groups if wanted.
   * @example
   * ```ts
   * const { summaries, groups } = await sg.summarize("Task", [], [{ field: "id", type: "count" }], {
   *   grouping: [{ field: "sg_status_list", type: "exact", direction: "asc" }],
   * });
   * ```
   */
  summarize(
    type: string,
    filters: Filters,
    summaryFields: readonly SummaryField[],
    options: SummarizeOptions = {},
  ): Promise<Summary> {
    return this.#connection.run("summarize", type, options.signal, async (call) => {
      const wire = wireFilters(filters, options.filterOperator, this.#slim);
      const payload = summarizePayload(type, wire, summaryFields, options);
      if (options.includeArchivedProjects === false) {
        requireVersion(await this.#connection.info(call), [5, 3, 14], "includeArchivedProjects", call.facts);
      }
      const { results, facts } = await this.#connection.read(call, "summarize", payload);
      return readSummary(results, facts);
    });
  }

  /** Every field of every entity type, by type and field name. Megabytes on a real site: keep it. */
  schemaRead(options: SchemaOptions = {}): Promise<Record<string, FieldsSchema>> {
    return this.#schema<Record<string, FieldsSchema>>("schemaRead", "schema_read", null, {}, options);
  }

  /** The entity types by their internal names, with their display names. */
  schemaEntityRead(options: SchemaOptions = {}): Promise<SiteSchema> {
    return this.#schema<SiteSchema>("schemaEntityRead", "schema_entity_read", null, {}, options);
  }

  /** The fields of an entity type, or only one of them, by name. */
  schemaFieldRead(type: string, field?: string, options: SchemaOptions = {}): Promise<FieldsSchema> {
    const payload = { type, ...(field === undefined ? {} : { field_name: field }) };
    return this.#schema<FieldsSchema>("schemaFieldRead", "schema_field_read", type, payload, options);
  }

  /**
   * From now on the site copies this text into every event this connection causes; null: none again. Calls under way
   * keep the one they began with. A page open in a browser with the same uuid shows the changes at once.
   */
  setSessionUuid(uuid: string | null): void {
    this.#connection.sessionUuid = uuid;
  }

  /** Ends idle connections after the calls under way. A later call opens them again. A transport that was given stays open. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(
    method: string,
    type: string,
    filters: Filters,
    fields: readonly string[],
    options: FindOptions,
  ): Promise<EntityRecord[]> {
    return this.#connection.run(method, type, options.signal, async (call) => {
      const query = readQuery(type, filters, fields, options, this.#slim);
      const info = await this.#connection.info(call);
      return findRecords(query, info, call.facts, (payload) => this.#connection.read(call, "read", payload));
    });
  }

  #yesOrNo(method: string, type: string, id: number, signal: AbortSignal | undefined): Promise<boolean> {
    return this.#connection.run(method, type, signal, async (call) => {
      requireType(type);
      requireId(id);
      const { results, facts } = await this.#connection.write(call, method, { type, id });
      if (typeof results === "boolean") return results;
      throw new ReplyError(`The site answered ${callName(facts)} with neither true nor false.`, facts, {
        uncertain: true,
      });
    });
  }

  #schema<T>(
    method: string,
    wireMethod: string,
    type: string | null,
    payload: Record<string, unknown>,
    { project, signal }: SchemaOptions,
  ): Promise<T> {
    return this.#connection.run(method, type, signal, async (call) => {
      if (type !== null) requireType(type);
      if (project) {
        payload.project = outbound(project, "project");
        requireVersion(await this.#connection.info(call), [5, 4, 4], "project", call.facts);
      }
      const wirePayload = Object.keys(payload).length > 0 ? payload : undefined;
      return readSchema(await this.#connection.read(call, wireMethod, wirePayload)) as T;
    });
  }
}
