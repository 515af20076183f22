/** Rows in groups, for `summarize` (protocol notes 7). */
import type { Field } from "../schema/schema.ts";
import type { NamedRef } from "../store/names.ts";
import { isEmpty } from "./summary-values.ts";

export interface Grouping {
  path: string;
  kind: GroupingType;
  descending: boolean;
}

export interface RowGroup {
  name: string;
  value: unknown;
  rows: Record<string, unknown>[];
}

const SIZES = {
  tens: 10,
  hundreds: 100,
  thousands: 1000,
  tensofthousands: 10_000,
  hundredsofthousands: 100_000,
  millions: 1_000_000,
} as const;

const DAYS = ["day", "week", "month", "quarter", "year", "clustered_date", "oneday", "fivedays"] as const;

type SizeType = keyof typeof SIZES;
type DayType = (typeof DAYS)[number];
export type GroupingType = "exact" | "entitytype" | "firstletter" | SizeType | DayType;

const NUMBERS = new Set(["number", "integer", "float", "currency", "percent", "duration", "timecode"]);

export function isGroupingType(value: unknown): value is GroupingType {
  if (value === "exact" || value === "entitytype" || value === "firstletter") return true;
  return typeof value === "string" && (isSize(value) || isDay(value));
}

/** True when values of the field can be grouped in this way. */
export function groupsBy(kind: GroupingType, { dataType }: Field): boolean {
  if (isSize(kind)) return NUMBERS.has(dataType);
  if (isDay(kind)) return dataType === "date" || dataType === "date_time";
  return kind !== "entitytype" || dataType === "entity" || dataType === "multi_entity";
}

/** Only groups with rows; empty values form one with an empty name, before the others when ascending. */
export function groupRows({ path, kind, descending }: Grouping, rows: Record<string, unknown>[]): RowGroup[] {
  const groups = new Map<string, RowGroup>();
  for (const row of rows) {
    const { name, value } = groupOf(kind, row[path]);
    const key = JSON.stringify([name, value]);
    const group = groups.get(key) ?? { name, value, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  const sorted = [...groups.values()].sort(compare);
  return descending ? sorted.reverse() : sorted;
}

function groupOf(kind: GroupingType, value: unknown): { name: string; value: unknown } {
  if (isEmpty(value)) return { name: "", value: null };
  if (isSize(kind)) return sized(value as number, SIZES[kind]);
  if (isDay(kind)) return dated(kind, String(value).slice(0, 10));
  if (kind === "entitytype") {
    const [first] = Array.isArray(value) ? (value as NamedRef[]) : [value as NamedRef];
    return { name: first!.type, value: first!.type };
  }
  if (kind === "firstletter") {
    const letter = nameOf(value).charAt(0).toUpperCase();
    return { name: letter, value: letter };
  }
  return { name: nameOf(value), value: withValidity(value) };
}

function sized(value: number, size: number): { name: string; value: unknown } {
  const first = Math.floor(value / size) * size;
  return { name: `${first}-${first + size - 1}`, value: first };
}

/** Each group is named by its first day. */
function dated(kind: DayType, day: string): { name: string; value: unknown } {
  const date = new Date(`${day}T00:00:00Z`);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (kind === "week" || kind === "clustered_date") date.setUTCDate(date.getUTCDate() - date.getUTCDay());
  else if (kind === "month") date.setUTCDate(1);
  else if (kind === "quarter") date.setTime(Date.UTC(year, month - (month % 3), 1));
  else if (kind === "year") date.setTime(Date.UTC(year, 0, 1));
  else if (kind === "fivedays") {
    const days = Math.floor(date.getTime() / 86_400_000);
    date.setTime((days - (days % 5)) * 86_400_000);
  }
  const first = date.toISOString().slice(0, 10);
  return { name: first, value: first };
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(nameOf).join(", ");
  if (typeof value === "object" && value !== null) return (value as NamedRef).name ?? "";
  return String(value);
}

function withValidity(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withValidity);
  return typeof value === "object" && value !== null ? { ...value, valid: "valid" } : value;
}

function compare(one: RowGroup, other: RowGroup): number {
  if (one.value === null || other.value === null)
    return Number(other.value === null) - Number(one.value === null);
  if (typeof one.value === "number" && typeof other.value === "number") return one.value - other.value;
  return one.name.localeCompare(other.name);
}

function isSize(kind: string): kind is SizeType {
  return Object.hasOwn(SIZES, kind);
}

function isDay(kind: string): kind is DayType {
  return DAYS.some((day) => day === kind);
}
