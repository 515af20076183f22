import type { Field } from "../schema/schema.ts";

const SUMMARY_TYPES = [
  "record_count",
  "count",
  "sum",
  "maximum",
  "minimum",
  "average",
  "earliest",
  "latest",
  "percentage",
  "status_percentage",
  "status_percentage_as_float",
  "status_list",
  "checked",
  "unchecked",
] as const;

export type SummaryType = (typeof SUMMARY_TYPES)[number];

export interface Summary {
  /** Field name or dotted path: the key in the reply. */
  path: string;
  field: Field;
  kind: SummaryType;
  /** What a percentage counts. */
  wanted: unknown;
}

export function isSummaryType(value: unknown): value is SummaryType {
  return SUMMARY_TYPES.some((type) => type === value);
}

/** One value over all rows; null where there is nothing to tell. */
export function summaryOf({ path, kind, wanted }: Summary, rows: Record<string, unknown>[]): unknown {
  const values = rows.map((row) => row[path]).filter((value) => !isEmpty(value));
  switch (kind) {
    case "record_count":
      return rows.length;
    case "count":
      return values.length;
    case "checked":
      return values.filter((value) => value === true).length;
    case "unchecked":
      return rows.length - values.filter((value) => value === true).length;
    case "status_list":
      return new Set(values).size > 1 ? "ip" : (values[0] ?? null);
    case "percentage":
    case "status_percentage":
      return Math.round(share(values, rows.length, wanted));
    case "status_percentage_as_float":
      return share(values, rows.length, wanted);
    case "earliest":
    case "latest": {
      const sorted = (values as string[]).sort();
      return (kind === "earliest" ? sorted[0] : sorted.at(-1)) ?? null;
    }
    default:
      return ofNumbers(kind, values as number[]);
  }
}

function ofNumbers(kind: "sum" | "maximum" | "minimum" | "average", numbers: number[]): number | null {
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (kind === "sum") return sum;
  if (numbers.length === 0) return null;
  if (kind === "average") return sum / numbers.length;
  return numbers.reduce((one, other) => (kind === "maximum" ? Math.max(one, other) : Math.min(one, other)));
}

/** Percent of all rows; without a wanted value, of those that are final or checked. */
function share(values: unknown[], rows: number, wanted: unknown): number {
  if (rows === 0) return 0;
  const counts = (value: unknown) =>
    wanted === undefined || wanted === null ? value === "fin" || value === true : value === wanted;
  return (values.filter(counts).length / rows) * 100;
}

export function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}
