/** The client of a Flow Production Tracking site, after the official Python one: `find_one` is `findOne` here. */
import { requireId, requireType } from "./argument.ts";
import type { MethodCall } from "./connection.ts";
import { eachRecord } from "./each.ts";
import { type EntityData, type EntityRecord, isObject } from "./entity.ts";
import { callName, ReplyError } from "./errors.ts";
import type { Filters } from "./filters.ts";
import { connectionOf } from "./methods/base.ts";
import { SummaryMethods } from "./methods/summary.ts";
import type { CallOptions } from "./options.ts";
import { type FindOneOptions, type FindOptions, findRecords, readQuery } from "./read.ts";
import { finishRecord, writtenRecord } from "./record.ts";
import type { CheckEntity, CheckPath, Found, ReadLinks } from "./types.ts";
import type { BatchResults, CheckRequests, TypedBatch } from "./types-batch.ts";
import type { CheckFilters } from "./types-filters.ts";
import type { CreateData, Learn, UpdateData, Updated } from "./types-write.ts";
import {
  type BatchRequest,
  batchPayload,
  createPayload,
  splitPictures,
  type UpdateOptions,
  updatePayload,
} from "./write.ts";

/**
 * A connection to a site, with the rights of a script or a person. Nothing is sent before the first call; calls may run
 * at the same time. The methods of other subjects stand in `methods/`, each in a class that this one extends.
 *
 * Every method rejects with a `ShotgunError`, or another `CallsheetError` where its transport cannot be opened:
 * `Fault` when the site refuses, `AuthenticationFault` for wrong credentials, `ArgumentError` before anything is sent,
 * `ProtocolError` and `UnreachableError` for the network, `ReplyError`, `SiteTooOldError`, `AbortedError`,
 * `FileDownloadError`. What is sent again by itself, and when, says `RetryOptions`.
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
export class Shotgun extends SummaryMethods {
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
  find<
    Fields = unknown,
    Type extends string = string,
    Path extends string = never,
    const Given = unknown,
    Sort extends string = never,
  >(
    type: CheckEntity<Type>,
    filters: CheckFilters<Type, Given>,
    fields: readonly CheckPath<Type, Path, ReadLinks>[] = [],
    options: FindOptions<CheckPath<Type, Sort, ReadLinks>> = {},
  ): Promise<Found<Fields, Type, Path>[]> {
    return this.#find("find", type, filters as Filters, fields, options) as Promise<
      Found<Fields, Type, Path>[]
    >;
  }

  /**
   * The first record that matches, or null.
   * @example
   * ```ts
   * const task = await sg.findOne("Task", [["id", "is", 7]], ["entity", "sg_status_list"]);
   * if (task?.sg_status_list === "fin") logger.info("done");
   * ```
   */
  async findOne<
    Fields = unknown,
    Type extends string = string,
    Path extends string = never,
    const Given = unknown,
    Sort extends string = never,
  >(
    type: CheckEntity<Type>,
    filters: CheckFilters<Type, Given>,
    fields: readonly CheckPath<Type, Path, ReadLinks>[] = [],
    options: FindOneOptions<CheckPath<Type, Sort, ReadLinks>> = {},
  ): Promise<Found<Fields, Type, Path> | null> {
    const found = await this.#find("findOne", type, filters as Filters, fields, options, { limit: 1 });
    return (found[0] as Found<Fields, Type, Path> | undefined) ?? null;
  }

  /**
   * The records that match, one after the other, while only one page of them is in memory; the next page is asked for
   * when the last one has been used up. By id, as the default is, each page is asked for by where the last one ended:
   * what is deleted meanwhile, by the loop itself too, hides no other record, and what is made meanwhile comes at the
   * end. In another order the pages go by number, and such records may shift them.
   * @example
   * ```ts
   * for await (const version of sg.findEach("Version", [["sg_status_list", "is", "rev"]], ["code"])) {
   *   if (version.code === "sh010_v003") break;
   * }
   * ```
   */
  findEach<
    Fields = unknown,
    Type extends string = string,
    Path extends string = never,
    const Given = unknown,
    Sort extends string = never,
  >(
    type: CheckEntity<Type>,
    filters: CheckFilters<Type, Given>,
    fields: readonly CheckPath<Type, Path, ReadLinks>[] = [],
    options: FindOptions<CheckPath<Type, Sort, ReadLinks>> = {},
  ): AsyncGenerator<Found<Fields, Type, Path>, void, undefined> {
    const each = eachRecord(connectionOf(this), type, filters as Filters, fields, options);
    return each as AsyncGenerator<Found<Fields, Type, Path>, void, undefined>;
  }

  /**
   * Makes a record and returns it with `returnFields` (default: only `type` and `id`). `image` and `filmstrip_image`
   * take the path of a picture, which is uploaded afterwards; should that fail, the record is there without it.
   * @example
   * ```ts
   * const note = await sg.create("Note", { project: { type: "Project", id: 70 }, content: "Looks good" });
   * ```
   */
  create<Type extends string, Path extends string = never, const Given = unknown>(
    type: CheckEntity<Type>,
    data: Learn<Given, CreateData<Type, Given>>,
    returnFields?: readonly CheckPath<Type, Path, ReadLinks>[],
    options: CallOptions = {},
  ): Promise<Found<unknown, Type, Path>> {
    const connection = connectionOf(this);
    return connection.run("create", type, options, async (call) => {
      const { fields, pictures } = splitPictures(data as EntityData, true);
      const payload = createPayload(type, fields, returnFields);
      const add = await this.#pictures(call, pictures);
      const record = await add(writtenRecord(await connection.write(call, "create", payload)));
      return record as Found<unknown, Type, Path>;
    });
  }

  /**
   * Changes fields of a record and returns them as stored. Nothing is sent when `data` is empty. `image` and
   * `filmstrip_image` take the path of a picture, or null.
   * @example
   * ```ts
   * await sg.update("Shot", 862, { sg_status_list: "fin" });
   * await sg.update("Asset", 55, { shots: [{ type: "Shot", id: 862 }] }, { multiEntityUpdateModes: { shots: "add" } });
   * ```
   */
  update<Type extends string, const Given = unknown>(
    type: CheckEntity<Type>,
    id: number,
    data: Learn<Given, UpdateData<Type, Given>>,
    options: UpdateOptions<Type> = {},
  ): Promise<Updated<Type>> {
    const connection = connectionOf(this);
    return connection.run("update", { type, id }, options, async (call) => {
      const { fields, pictures } = splitPictures(data as EntityData, false);
      const payload = updatePayload(type, id, fields, options.multiEntityUpdateModes, connection.slim);
      const add = await this.#pictures(call, pictures);
      const isEmpty = Object.keys(fields).length === 0;
      const record = isEmpty ? { type, id } : writtenRecord(await connection.write(call, "update", payload));
      return (await add(record)) as Updated<Type>;
    });
  }

  /** Retires a record; `revive` brings it back. False when it was retired already; a Fault when there is none. */
  delete<Type extends string>(
    type: CheckEntity<Type>,
    id: number,
    options: CallOptions = {},
  ): Promise<boolean> {
    return this.#yesOrNo("delete", type, id, options);
  }

  /** Brings a retired record back. False when it was not retired. */
  revive<Type extends string>(
    type: CheckEntity<Type>,
    id: number,
    options: CallOptions = {},
  ): Promise<boolean> {
    return this.#yesOrNo("revive", type, id, options);
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
  batch<const Given extends TypedBatch>(
    requests: CheckRequests<Given>,
    options: CallOptions = {},
  ): Promise<BatchResults<Given>> {
    return connectionOf(this).run("batch", null, options, async (call) => {
      const payload = batchPayload(requests as readonly BatchRequest[]);
      if (payload.length === 0) return [] as BatchResults<Given>;
      const { results, facts } = await connectionOf(this).write(call, "batch", payload);
      if (!Array.isArray(results) || results.length !== payload.length) {
        const message = `The site answered batch without ${payload.length} results.`;
        throw new ReplyError(message, facts, { uncertain: true });
      }
      const finish = (item: unknown) => (isObject(item) ? finishRecord(item as EntityRecord) : Boolean(item));
      return results.map(finish) as BatchResults<Given>;
    });
  }

  #find(
    method: string,
    type: string,
    filters: Filters,
    fields: readonly string[],
    options: FindOptions,
    more: FindOptions = {},
  ): Promise<EntityRecord[]> {
    return connectionOf(this).run(method, type, options, async (call) => {
      const query = readQuery(type, filters, fields, { ...options, ...more }, connectionOf(this).slim);
      const info = await connectionOf(this).info(call);
      return findRecords(query, info, call.facts, (payload) =>
        connectionOf(this).read(call, "read", payload),
      );
    });
  }

  /** Looks at pictures, and gives what uploads them to a record. */
  async #pictures(call: MethodCall, paths: ReadonlyMap<string, string>) {
    if (paths.size === 0) return (record: EntityRecord) => record;
    const { addPictures, readPictures } = await import("./files/images.ts");
    const pictures = await readPictures(paths);
    return (record: EntityRecord) => addPictures(connectionOf(this), call, record, pictures);
  }

  #yesOrNo(method: string, type: string, id: number, options: CallOptions): Promise<boolean> {
    return connectionOf(this).run(method, { type, id }, options, async (call) => {
      requireType(type);
      requireId(id);
      const { results, facts } = await connectionOf(this).write(call, method, { type, id });
      if (typeof results === "boolean") return results;
      throw new ReplyError(`The site answered ${callName(facts)} with neither true nor false.`, facts, {
        uncertain: true,
      });
    });
  }
}
