/** `findEach`: records one after the other, with one page of them in memory. */
import { abortedError, type Connection, type MethodCall } from "./connection.ts";
import { type EntityRecord, isObject } from "./entity.ts";
import { type CallFacts, callName, ReplyError } from "./errors.ts";
import type { Filters, WireGroup } from "./filters.ts";
import {
  type Ask,
  type FindOptions,
  findPages,
  hasNextPage,
  type Query,
  queryPayload,
  readQuery,
} from "./read.ts";
import { readRecords } from "./record.ts";
import { pageSize, type SiteInfo } from "./site-info.ts";

/**
 * Each page is a call of its own, for its span and its facts, and none is open while the caller is busy.
 * @throws ShotgunError
 */
export async function* eachRecord(
  connection: Connection,
  type: string,
  filters: Filters,
  fields: readonly string[],
  options: FindOptions,
): AsyncGenerator<EntityRecord, void, undefined> {
  const run = <T>(body: (call: MethodCall) => Promise<T>) => connection.run("findEach", type, options, body);
  const { pages, begun } = await run(async (begun) => {
    const query = readQuery(type, filters, fields, options, connection.slim);
    const info = await connection.info(begun);
    const ask: Ask = (payload) =>
      run((call) => connection.read({ ...call, sessionUuid: begun.sessionUuid }, "read", payload));
    const walk = descendingIds(query) === null ? findPages : pagesById;
    return { pages: walk(query, info, begun.facts, ask), begun };
  });
  for await (const page of pages) {
    for (const record of page) {
      if (begun.signal?.aborted) throw abortedError(begun);
      yield record;
    }
  }
}

/**
 * Whether the walk goes down the ids, or up; null when it does not go by id alone: another order, a page by its number,
 * or a preset, which the site may work out among the records that the filters leave.
 */
function descendingIds({ sorts, page, presets }: Query): boolean | null {
  if (page > 0 || (presets !== undefined && presets !== null)) return null;
  const [first = { field_name: "id", direction: "asc" }, ...more] = sorts;
  return more.length === 0 && first.field_name === "id" ? first.direction === "desc" : null;
}

/**
 * Asks for each page by where the last one ended. Pages by number are no picture of one moment: a record that goes, as
 * when the caller deletes what it is given, moves the rest up, and as many would be passed over.
 */
async function* pagesById(
  query: Query,
  info: SiteInfo,
  facts: CallFacts,
  ask: Ask,
): AsyncGenerator<EntityRecord[]> {
  const size = pageSize(info);
  const descending = descendingIds(query) === true;
  const sorts = [{ field_name: "id", direction: descending ? "desc" : "asc" }];
  let filters = query.filters;
  let end: number | null = null;
  for (let left = query.limit || Number.POSITIVE_INFINITY; ; ) {
    const isLast = left <= size;
    const payload = queryPayload({ ...query, filters, sorts }, info, facts, !isLast);
    const paging = { entities_per_page: Math.min(left, size), current_page: 1 };
    const answer = await ask({ ...payload, paging });
    const reply = isObject(answer.results) ? answer.results : {};
    const found = readRecords(reply.entities, answer.facts).slice(0, left);
    const first = found[0]?.id;
    // Whoever takes no notice of where the page begins would be asked for ever.
    if (end !== null && first !== undefined && (descending ? first >= end : first <= end)) {
      throw new ReplyError(
        `The site answered ${callName(facts)} with a page that does not go on.`,
        answer.facts,
      );
    }
    yield found;
    left -= found.length;
    const last = found.at(-1);
    if (isLast || last === undefined) return;
    if (!hasNextPage(reply.paging_info, found.length, found.length, answer.facts)) return;
    end = last.id;
    filters = beyond(query.filters, descending, end);
  }
}

function beyond(filters: WireGroup, descending: boolean, id: number): WireGroup {
  const relation = descending ? "less_than" : "greater_than";
  const condition = { path: "id", relation, values: [id] };
  const isList = filters.logical_operator === "and" && Array.isArray(filters.conditions);
  const all = isList ? filters.conditions : [filters];
  return { logical_operator: "and", conditions: [...all, condition] };
}
