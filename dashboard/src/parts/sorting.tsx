/** Head of a column that sorts its table; the order stands in the address, so that it can be shared. */
import { address, setQuery } from "../route.ts";

export interface Column<Row> {
  key: string;
  label: string;
  /** What is compared; a text or a number. */
  of(row: Row): string | number;
  /** Figures stand to the right, and sort largest first. */
  figure?: boolean;
}

export function SortHead<Row>({ column, first }: { column: Column<Row>; first: string }) {
  const { key, label, figure = false } = column;
  const [by, way] = sortOf(first);
  const active = by === key;
  const next = active ? (way === "up" ? "down" : "up") : figure ? "down" : "up";
  return (
    <th
      scope="col"
      class={figure ? "figure" : undefined}
      aria-sort={active ? (way === "up" ? "ascending" : "descending") : "none"}
    >
      <button type="button" onClick={() => setQuery("sort", `${key}-${next}`)}>
        {label}
        <span aria-hidden="true">{active ? (way === "up" ? " ↑" : " ↓") : ""}</span>
      </button>
    </th>
  );
}

export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], first: string): Row[] {
  const [by, way] = sortOf(first);
  const column = columns.find(({ key }) => key === by) ?? columns[0]!;
  const sign = way === "up" ? 1 : -1;
  return rows.toSorted((a, b) => sign * compared(column.of(a), column.of(b)));
}

function compared(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

function sortOf(first: string): [string, string] {
  const [by = "", way = "up"] = (address.value.searchParams.get("sort") ?? first).split("-");
  return [by, way];
}
