/** Readings of the site other than queries: streams, threads, search, navigation, preferences, pages. */
import {
  BadArgument,
  requireCount,
  requireId,
  requireNames,
  requireText,
  requireType,
  show,
} from "../argument.ts";
import { type EntityRecord, type EntityRef, isObject } from "../entity.ts";
import { callName, ReplyError } from "../errors.ts";
import { type Filters, wireFilters } from "../filters.ts";
import type { CallOptions } from "../options.ts";
import { answered, answeredList, finishRecord } from "../record.ts";
import type { CheckEntity } from "../types.ts";
import type { CheckSearch } from "../types-filters.ts";
import { outbound, requireEntity } from "../values.ts";
import { connectionOf } from "./base.ts";
import { PeopleMethods } from "./people.ts";

/** Further fields to read, by entity type. */
export type EntityFields = Readonly<Record<string, readonly string[]>>;

export interface ActivityStreamOptions extends CallOptions {
  entityFields?: EntityFields | undefined;
  /** Only updates with a higher id. */
  minId?: number | undefined;
  /** Only updates with a lower id. */
  maxId?: number | undefined;
  limit?: number | undefined;
}

export interface ActivityUpdate {
  id: number;
  update_type: "create" | "update" | "delete" | "create_reply";
  created_at: unknown;
  read: boolean;
  meta: Record<string, unknown>;
  primary_entity: EntityRecord;
  created_by: EntityRecord;
  [field: string]: unknown;
}

export interface ActivityStream {
  entity_type: string;
  entity_id: number;
  /** Null when there are no updates. */
  earliest_update_id: number | null;
  latest_update_id: number | null;
  /** Newest first. */
  updates: ActivityUpdate[];
}

export interface TextSearchOptions extends CallOptions {
  /** Only in these projects. Default: in all. */
  projectIds?: readonly number[] | undefined;
  /** Matches at most. Default: the site's own limit. */
  limit?: number | undefined;
}

export interface TextSearchMatch {
  type: string;
  id: number;
  name: string;
  project_id: number | null;
  image: string | null;
  links: string[];
  status: string | null;
}

export interface TextSearchResult {
  /** The words that were looked for. */
  terms: string[];
  matches: TextSearchMatch[];
}

export interface NavOptions extends CallOptions {
  /** Where the tree begins, such as `"PublishedFile.entity"`. */
  seedEntityField?: string | undefined;
}

export interface NavExpandOptions extends NavOptions {
  entityFields?: EntityFields | undefined;
}

export interface ExportPageOptions extends CallOptions {
  layoutName?: string | undefined;
}

export abstract class ReadingMethods extends PeopleMethods {
  /** What happened to an entity and around it, newest first. */
  activityStreamRead<Type extends string>(
    type: CheckEntity<Type>,
    id: number,
    options: ActivityStreamOptions = {},
  ): Promise<ActivityStream> {
    const connection = connectionOf(this);
    return connection.run("activityStreamRead", { type, id }, options, async (call) => {
      const { entityFields, minId, maxId, limit } = options;
      requireType(type);
      requireId(id);
      for (const [name, value] of Object.entries({ minId, maxId, limit })) {
        if (value !== undefined) requireCount(value, name);
      }
      const payload = {
        type,
        id,
        max_id: maxId ?? null,
        min_id: minId ?? null,
        limit: limit ?? null,
        entity_fields: wireEntityFields(entityFields),
      };
      await connection.require(call, [6, 2, 0], "activityStreamRead");
      return finished(answered<ActivityStream>(await connection.read(call, "activity_stream", payload)));
    });
  }

  /** A note with its replies and attachments, in the order they were made. */
  noteThreadRead(
    noteId: number,
    entityFields?: EntityFields,
    options: CallOptions = {},
  ): Promise<EntityRecord[]> {
    const connection = connectionOf(this);
    return connection.run("noteThreadRead", { type: "Note", id: noteId }, options, async (call) => {
      requireId(noteId, "the note's id");
      const payload = { note_id: noteId, entity_fields: wireEntityFields(entityFields) };
      await connection.require(call, [6, 2, 0], "noteThreadRead");
      const items = answeredList(await connection.read(call, "note_thread_contents", payload));
      return items.map(finished) as EntityRecord[];
    });
  }

  /**
   * Entities whose display name contains every word of the text.
   * @param entityTypes the types to look among, each with filters
   * @example
   * ```ts
   * const { matches } = await sg.textSearch("bunny", { Asset: [["sg_asset_type", "is", "Character"]], Task: [] });
   * ```
   */
  textSearch<const Given extends object>(
    text: string,
    entityTypes: CheckSearch<Given>,
    options: TextSearchOptions = {},
  ): Promise<TextSearchResult> {
    const connection = connectionOf(this);
    return connection.run("textSearch", null, options, async (call) => {
      const { projectIds = [], limit } = options;
      requireText(text, "the text");
      if (limit !== undefined) requireCount(limit, "limit");
      if (!Array.isArray(projectIds))
        throw new BadArgument(`projectIds must be a list, got ${show(projectIds)}`);
      for (const id of projectIds) requireId(id, "a project's id");
      const payload = {
        text,
        entity_types: wireEntityTypes(entityTypes, connection.slim),
        project_ids: projectIds,
        max_results: limit ?? null,
      };
      await connection.require(call, [6, 2, 0], "textSearch");
      const result = answered<TextSearchResult>(
        await connection.read(call, "query_display_name_cache", payload),
      );
      for (const match of result.matches ?? []) finished(match);
      return result;
    });
  }

  /** One level of the site's navigation tree. */
  navExpand(path: string, options: NavExpandOptions = {}): Promise<Record<string, unknown>> {
    const connection = connectionOf(this);
    return connection.run("navExpand", null, options, async (call) => {
      const { seedEntityField, entityFields } = options;
      requireText(path, "the path");
      const payload = {
        path,
        seed_entity_field: seedEntityField ?? null,
        entity_fields: entityFields === undefined ? null : wireEntityFields(entityFields),
      };
      return answered<Record<string, unknown>>(await connection.read(call, "nav_expand", payload));
    });
  }

  /** Places in the navigation tree below a path whose name contains a text. */
  navSearchString(
    rootPath: string,
    searchString: string,
    options: NavOptions = {},
  ): Promise<Record<string, unknown>[]> {
    return this.#navSearch("navSearchString", rootPath, { search_string: searchString }, options);
  }

  /** Places in the navigation tree below a path where an entity stands. */
  navSearchEntity(
    rootPath: string,
    entity: EntityRef,
    options: NavOptions = {},
  ): Promise<Record<string, unknown>[]> {
    return this.#navSearch("navSearchEntity", rootPath, { entity }, options);
  }

  /** The site's preferences by name; unknown names are left out by the site. Default: all it gives. */
  preferencesRead(
    names: readonly string[] = [],
    options: CallOptions = {},
  ): Promise<Record<string, unknown>> {
    const connection = connectionOf(this);
    return connection.run("preferencesRead", null, options, async (call) => {
      requireNames(names, "names");
      await connection.require(call, [7, 10, 0], "preferencesRead");
      return answered<Record<string, unknown>>(
        await connection.read(call, "preferences_read", { prefs: names }),
      );
    });
  }

  /** A page of the site as a file, such as CSV, as its bytes. */
  exportPage(pageId: number, format: string, options: ExportPageOptions = {}): Promise<Uint8Array> {
    const connection = connectionOf(this);
    return connection.run("exportPage", { type: "Page", id: pageId }, options, async (call) => {
      requireId(pageId, "the page's id");
      requireText(format, "the format");
      const payload = { format, page_id: pageId, layout_name: options.layoutName ?? null };
      const { results, facts } = await connection.read(call, "export_page", payload, { raw: true });
      if (results instanceof Uint8Array) return results;
      throw new ReplyError(`The site answered ${callName(facts)} with JSON instead of a file.`, facts);
    });
  }

  #navSearch(
    method: string,
    rootPath: string,
    criteria: { search_string: string } | { entity: EntityRef },
    options: NavOptions,
  ): Promise<Record<string, unknown>[]> {
    const connection = connectionOf(this);
    const about = "entity" in criteria ? criteria.entity : null;
    return connection.run(method, about, options, async (call) => {
      requireText(rootPath, "the root path");
      if ("entity" in criteria) requireEntity(criteria.entity, "the entity");
      else requireText(criteria.search_string, "the text");
      const payload = {
        root_path: rootPath,
        seed_entity_field: options.seedEntityField ?? null,
        search_criteria: outbound(criteria, "the search"),
      };
      return answeredList(await connection.read(call, "nav_search", payload));
    });
  }
}

function wireEntityFields(fields: EntityFields | undefined): EntityFields {
  if (fields === undefined) return {};
  if (!isObject(fields))
    throw new BadArgument(`entityFields must be an object of field lists, got ${show(fields)}`);
  for (const [type, names] of Object.entries(fields)) requireNames(names, `entityFields.${type}`);
  return fields as EntityFields;
}

function wireEntityTypes(types: unknown, slim: boolean): Record<string, unknown> {
  if (!isObject(types)) throw new BadArgument(`entityTypes must be an object of filters, got ${show(types)}`);
  const wire = Object.entries(types).map(([type, filters]) => {
    if (!Array.isArray(filters))
      throw new BadArgument(`entityTypes.${type} must be a list, got ${show(filters)}`);
    return [type, wireFilters(filters as Filters, undefined, slim)];
  });
  return Object.fromEntries(wire);
}

// These are records in all but name.
function finished<T extends object>(value: T): T {
  finishRecord(value as unknown as EntityRecord);
  return value;
}
