/** Counting without reading the records. */
import { type Filters, wireFilters } from "../filters.ts";
import {
  readSummary,
  type SummarizeOptions,
  type Summary,
  type SummaryField,
  summarizePayload,
} from "../summarize.ts";
import type { CheckEntity, CheckPath, ReadLinks } from "../types.ts";
import type { CheckFilters } from "../types-filters.ts";
import { connectionOf } from "./base.ts";
import { FileMethods } from "./files.ts";

export abstract class SummaryMethods extends FileMethods {
  /**
   * Counts, sums, extremes over the records that match, in groups if wanted.
   * @example
   * ```ts
   * const { summaries, groups } = await sg.summarize("Task", [], [{ field: "id", type: "count" }], {
   *   grouping: [{ field: "sg_status_list", type: "exact", direction: "asc" }],
   * });
   * ```
   */
  summarize<
    Type extends string,
    Path extends string = never,
    const Given = unknown,
    Group extends string = never,
  >(
    type: CheckEntity<Type>,
    filters: CheckFilters<Type, Given>,
    summaryFields: readonly SummaryField<CheckPath<Type, Path, ReadLinks>>[],
    options: SummarizeOptions<CheckPath<Type, Group, ReadLinks>> = {},
  ): Promise<Summary> {
    const connection = connectionOf(this);
    return connection.run("summarize", type, options, async (call) => {
      const wire = wireFilters(filters as Filters, options.filterOperator, connection.slim);
      const payload = summarizePayload(type, wire, summaryFields, options);
      if (options.includeArchivedProjects === false) {
        await connection.require(call, [5, 3, 14], "includeArchivedProjects");
      }
      const { results, facts } = await connection.read(call, "summarize", payload);
      return readSummary(results, facts);
    });
  }
}
