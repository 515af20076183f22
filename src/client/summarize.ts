/** `summarize`: counts, sums and the like, without reading the records (protocol notes 7). */
import { BadArgument, requireType, show } from "./argument.ts";
import { isObject } from "./entity.ts";
import { type CallFacts, ReplyError } from "./errors.ts";
import type { FilterOperator, WireGroup } from "./filters.ts";
import { outbound } from "./values.ts";

export interface SummaryField<Path = string> {
  field: Path;
  /** `count`, `sum`, `minimum`, `latest`, `status_list`, … */
  type: string;
  /** For `percentage` and the like. */
  value?: unknown;
}

export interface Grouping<Path = string> {
  field: Path;
  /** `exact`, `month`, `firstletter`, … */
  type: string;
  direction?: "asc" | "desc";
}

/** @typeParam Path what may be grouped by */
export interface SummarizeOptions<Path = string> {
  /** How the filters combine. Default "all". */
  filterOperator?: FilterOperator | undefined;
  /** Levels of groups, the outermost first. Default: none. */
  grouping?: readonly Grouping<Path>[] | undefined;
  /** False leaves out what belongs to archived projects. Default true. */
  includeArchivedProjects?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export interface SummaryGroup {
  group_name: string;
  group_value: unknown;
  /** By field name. */
  summaries: Record<string, unknown>;
  /** The next level; none at the innermost. */
  groups?: SummaryGroup[];
}

export interface Summary {
  /** Over all matching records, by field name. */
  summaries: Record<string, unknown>;
  /** Empty without `grouping`. */
  groups: SummaryGroup[];
}

/** @throws BadArgument */
export function summarizePayload(
  type: string,
  filters: WireGroup,
  summaryFields: readonly SummaryField[],
  { grouping, includeArchivedProjects = true }: SummarizeOptions,
): Record<string, unknown> {
  requireType(type);
  requireList(summaryFields, "summaryFields");
  const payload: Record<string, unknown> = {
    type,
    summaries: outbound(summaryFields, "summaryFields"),
    filters,
  };
  if (grouping !== undefined && grouping !== null) {
    requireList(grouping, "grouping");
    payload.grouping = outbound(grouping, "grouping");
  }
  if (!includeArchivedProjects) payload.include_archived_projects = false;
  return payload;
}

function requireList(value: unknown, what: string): void {
  if (!Array.isArray(value)) throw new BadArgument(`${what} must be a list, got ${show(value)}`);
}

/** @throws ReplyError */
export function readSummary(results: unknown, facts: CallFacts): Summary {
  if (!isObject(results) || !isObject(results.summaries)) {
    throw new ReplyError("The site answered summarize without summaries.", facts);
  }
  return { summaries: results.summaries, groups: (results.groups ?? []) as SummaryGroup[] };
}
