/** Head of a column that sorts its table; the order stands in the address, so that it can be shared. */
import { address, setQuery } from "../route.ts";

interface Sortable {
  label: string;
  figure?: boolean | undefined;
  sort: { key: string };
}

export function SortHead({ column, first }: { column: Sortable; first: string }) {
  const { label, figure = false, sort } = column;
  const [by, way] = sortOf(first);
  const active = by === sort.key;
  const next = active ? (way === "up" ? "down" : "up") : figure ? "down" : "up";
  return (
    <th
      scope="col"
      class={figure ? "figure" : undefined}
      aria-sort={active ? (way === "up" ? "ascending" : "descending") : "none"}
    >
      <button type="button" onClick={() => setQuery("sort", `${sort.key}-${next}`)}>
        {label}
        <span aria-hidden="true">{active ? (way === "up" ? " ↑" : " ↓") : ""}</span>
      </button>
    </th>
  );
}

interface SortedBy<Row> {
  sort?: { key: string; of(row: Row): string | number };
}

/** Rows that are equal stay in the order given. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly SortedBy<Row>[],
  first: string,
): readonly Row[] {
  const [by, way] = sortOf(first);
  const sort = columns.find((column) => column.sort?.key === by)?.sort;
  if (!sort) return rows;
  const sign = way === "up" ? 1 : -1;
  return rows.toSorted((a, b) => sign * compared(sort.of(a), sort.of(b)));
}

function compared(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

function sortOf(first: string): [string, string] {
  const [by = "", way = "up"] = (address.value.searchParams.get("sort") ?? first).split("-");
  return [by, way];
}
