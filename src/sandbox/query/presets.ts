/** `additional_filter_presets`, added to the filters with AND (protocol notes 4.5). */
import { asText, malformed } from "../fault.ts";
import type { Compiling } from "./operand.ts";
import { joined, type Scope, type Sql, sql } from "./scope.ts";

/** The rows that the filters let through, in a table of their own. */
export interface Matching {
  scope: Scope;
  where: Sql;
}

/** What a LATEST preset takes the latest of: rows with equal `per`, by `order` of the row `x`. */
interface Latest {
  per: string[];
  order(x: string): string;
}

const LINK = ["entity.type", "entity.id"];
const BY_CREATION: Latest = { per: LINK, order: (x) => `${x}.created_at DESC, ${x}.id DESC` };

const LATEST: Record<string, Record<string, Latest>> = {
  Version: {
    ENTITIES_CREATED_AT: BY_CREATION,
    BY_PIPELINE_STEP_NUMBER_AND_ENTITIES_CREATED_AT: {
      per: LINK,
      order: (x) =>
        `(SELECT s.list_order FROM "Task" k JOIN "Step" s ON s.id = k."step.id" WHERE k.id = ${x}."sg_task.id") DESC, ${BY_CREATION.order(x)}`,
    },
  },
  PublishedFile: {
    ENTITIES_CREATED_AT: { ...BY_CREATION, per: [...LINK, "name", "task.id"] },
    VERSION_NUMBER: {
      per: [...LINK, "name", "task.id"],
      order: (x) => `${x}.version_number DESC, ${x}.id DESC`,
    },
  },
  Cut: { REVISION_NUMBER: { per: LINK, order: (x) => `${x}.revision_number DESC, ${x}.id DESC` } },
};

/** @param matching what LATEST chooses from */
export function presetsSql(
  scope: Scope,
  value: unknown,
  matching: () => Matching,
  compiling: Compiling,
): Sql {
  if (!Array.isArray(value)) throw invalid(compiling, "expected an array of presets", value);
  const seen = new Set<unknown>();
  const parts = value.map((preset: unknown) => {
    if (typeof preset !== "object" || preset === null || Array.isArray(preset))
      throw invalid(compiling, "expected a preset hash", preset);
    const { preset_name: name } = preset as Record<string, unknown>;
    if (typeof name !== "string") throw invalid(compiling, "missing string 'preset_name'", preset);
    if (name === "LATEST" && seen.has(name))
      throw invalid(compiling, "only one LATEST preset is allowed", value);
    seen.add(name);
    const given = preset as Record<string, unknown>;
    return name === "LATEST"
      ? latestSql(scope, given, matching, compiling)
      : presetSql(scope, name, given, compiling);
  });
  return parts.length ? joined(parts, " AND ") : sql("1");
}

function presetSql(scope: Scope, name: string, preset: Record<string, unknown>, compiling: Compiling): Sql {
  if (name !== "CUT_SHOT_VERSIONS" || scope.type.name !== "Version")
    throw invalid(compiling, `unknown preset for ${scope.type.name}`, preset);
  if (!Number.isInteger(preset.cut_id)) throw invalid(compiling, "missing integer 'cut_id'", preset);
  return sql(
    `${scope.alias}.id IN (SELECT i."version.id" FROM "CutItem" i WHERE i."row.live" = 1 AND i."cut.id" = ?)`,
    preset.cut_id as number,
  );
}

/** The latest of each link among the rows that the filters let through. Rows without a link are left out. */
function latestSql(
  scope: Scope,
  preset: Record<string, unknown>,
  matching: () => Matching,
  compiling: Compiling,
): Sql {
  const known = LATEST[scope.type.name] ?? {};
  const by = asText(preset.latest_by);
  const latest = Object.hasOwn(known, by) ? known[by] : undefined;
  if (!latest) throw invalid(compiling, `unknown 'latest_by' for ${scope.type.name}`, preset);
  const { scope: inner, where } = matching();
  const x = inner.alias;
  const per = latest.per.map((column) => `${x}."${column}"`).join(", ");
  const ranked = `SELECT ${x}.id, row_number() OVER (PARTITION BY ${per} ORDER BY ${latest.order(x)}) AS place FROM ${inner.from} WHERE ${x}."entity.id" IS NOT NULL AND ${where.text}`;
  return sql(`${scope.alias}.id IN (SELECT id FROM (${ranked}) WHERE place = 1)`, ...where.params);
}

function invalid({ api }: Compiling, what: string, value: unknown): Error {
  return malformed(`${api} invalid 'additional_filter_presets': ${what}: ${JSON.stringify(value)}`);
}
