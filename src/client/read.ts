/** `find`: the query, and the walk through its pages (protocol notes 4). */
import { BadArgument, requireCount, requireNames, requireType, show } from "./argument.ts";
import { type EntityRecord, isObject } from "./entity.ts";
import { type CallFacts, callName, ReplyError } from "./errors.ts";
import { type FilterOperator, type Filters, type WireGroup, wireFilters } from "./filters.ts";
import { readRecords } from "./record.ts";
import type { Answer } from "./rpc.ts";
import { isAtLeast, pageSize, requireVersion, type SiteInfo } from "./site-info.ts";
import { outbound } from "./values.ts";

/** A sort key; the first one counts most. `column` is an older name of `field_name`. */
export type Order<Path = string> = ({ field_name: Path } | { column: Path }) & { direction?: "asc" | "desc" };

/** @typeParam Path what may be sorted by */
export interface FindOneOptions<Path = string> {
  /** Default: by id, ascending. */
  order?: readonly Order<Path>[] | undefined;
  /** How the filters combine. Default "all". */
  filterOperator?: FilterOperator | undefined;
  /** True: only retired (deleted) records. Default false: only active ones. */
  retiredOnly?: boolean | undefined;
  /** False leaves out what belongs to archived projects. Default true. */
  includeArchivedProjects?: boolean | undefined;
  /** Such as `[{ preset_name: "LATEST", latest_by: "ENTITIES_CREATED_AT" }]` (protocol notes 4.5). */
  additionalFilterPresets?: readonly Record<string, unknown>[] | undefined;
  signal?: AbortSignal | undefined;
}

export interface FindOptions<Path = string> extends FindOneOptions<Path> {
  /** Records at most; 0, the default, means all. */
  limit?: number | undefined;
  /** Only this page, counted from 1; its size is `limit`, or the site's page size. 0, the default: all pages. */
  page?: number | undefined;
}

/** What `find` was asked for, checked and in the site's terms. */
export interface Query {
  type: string;
  fields: readonly string[];
  filters: WireGroup;
  sorts: { field_name: string; direction: string }[];
  limit: number;
  page: number;
  retiredOnly: boolean;
  includeArchivedProjects: boolean;
  presets: unknown;
}

/** @throws BadArgument */
export function readQuery(
  type: string,
  filters: Filters,
  fields: readonly string[],
  options: FindOptions,
  slim: boolean,
): Query {
  requireType(type);
  requireNames(fields, "fields");
  const { limit = 0, page = 0, additionalFilterPresets: presets } = options;
  requireCount(limit, "limit");
  requireCount(page, "page");
  return {
    type,
    fields,
    filters: wireFilters(filters, options.filterOperator, slim),
    sorts: wireSorts(options.order),
    limit,
    page,
    retiredOnly: options.retiredOnly ?? false,
    includeArchivedProjects: options.includeArchivedProjects ?? true,
    presets: presets === undefined ? undefined : outbound(presets, "additionalFilterPresets"),
  };
}

function wireSorts(order: readonly Order[] | undefined): Query["sorts"] {
  if (!order) return [];
  if (!Array.isArray(order)) throw new BadArgument(`order must be a list, got ${show(order)}`);
  return order.map((item, index) => {
    const name = isObject(item) ? (item.field_name ?? item.column) : undefined;
    const direction = isObject(item) ? (item.direction ?? "asc") : undefined;
    if (typeof name !== "string" || (direction !== "asc" && direction !== "desc")) {
      throw new BadArgument(
        `order[${index}] must be { field_name, direction: "asc" or "desc" }, got ${show(item)}`,
      );
    }
    return { field_name: name, direction };
  });
}

/** Sends one `read`. */
export type Ask = (payload: Record<string, unknown>) => Promise<Answer>;

/**
 * All that one page, or page after page until the end or the limit, holds.
 * @throws ShotgunError
 */
export async function findRecords(
  query: Query,
  info: SiteInfo,
  facts: CallFacts,
  ask: Ask,
): Promise<EntityRecord[]> {
  const records: EntityRecord[] = [];
  for await (const page of findPages(query, info, facts, ask)) {
    for (const record of page) records.push(record);
  }
  return records;
}

/**
 * Asks for one page, or for page after page until the end or the limit; for each when the last one has been taken.
 * @throws ShotgunError
 */
export async function* findPages(
  query: Query,
  info: SiteInfo,
  facts: CallFacts,
  ask: Ask,
): AsyncGenerator<EntityRecord[]> {
  const size = pageSize(info);
  const perPage = query.limit > 0 && query.limit <= size ? query.limit : size;
  const single = query.page > 0 || (query.limit > 0 && query.limit <= size);
  const payload = queryPayload(query, info, facts, !single);
  let total = 0;
  for (let page = query.page || 1; ; page++) {
    const answer = await ask({ ...payload, paging: { entities_per_page: perPage, current_page: page } });
    const reply = isObject(answer.results) ? answer.results : {};
    const found = readRecords(reply.entities, answer.facts);
    if (single) return yield found;
    total += found.length;
    if (query.limit > 0 && total >= query.limit)
      return yield found.slice(0, found.length - (total - query.limit));
    yield found;
    if (!hasNextPage(reply.paging_info, found.length, total, answer.facts)) return;
  }
}

export function queryPayload(
  query: Query,
  info: SiteInfo,
  facts: CallFacts,
  walk: boolean,
): Record<string, unknown> {
  const payload: Record<string, unknown> = {
    type: query.type,
    return_fields: query.fields.length > 0 ? query.fields : ["id"],
    filters: query.filters,
    return_only: query.retiredOnly ? "retired" : "active",
  };
  if (query.presets !== undefined && query.presets !== null) {
    requireVersion(info, [7, 0, 0], "additionalFilterPresets", facts);
    payload.additional_filter_presets = query.presets;
  }
  if (!query.includeArchivedProjects) {
    requireVersion(info, [5, 3, 14], "includeArchivedProjects", facts);
    payload.include_archived_projects = false;
  }
  if (query.sorts.length > 0) payload.sorts = query.sorts;
  if (isAtLeast(info, [3, 3, 0])) payload.api_return_image_urls = true;
  // Counting all matches is dear; newer sites can say whether there is more without it.
  payload[isAtLeast(info, [7, 4, 0]) ? "return_paging_info_without_counts" : "return_paging_info"] = walk;
  return payload;
}

/** @throws ReplyError when the site does not say */
export function hasNextPage(paging: unknown, found: number, total: number, facts: CallFacts): boolean {
  if (isObject(paging)) {
    // An empty page ends the walk, or a site that is wrong about the next page would be asked for ever.
    if (typeof paging.has_next_page === "boolean") return paging.has_next_page && found > 0;
    if (typeof paging.entity_count === "number") return found > 0 && total < paging.entity_count;
  }
  throw new ReplyError(
    `The site answered ${callName(facts)} without saying whether there is a next page.`,
    facts,
    {
      hint: "paging_info.has_next_page is missing in its reply.",
    },
  );
}
