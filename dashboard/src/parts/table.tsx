/** A table, as all pages have them: the first column names the row; on a phone each row becomes a small card. */
import type { ComponentChildren } from "preact";
import { SortHead, sorted } from "./sorting.tsx";

export interface Column<Row> {
  label: string;
  cell(row: Row): ComponentChildren;
  /** Figures stand to the right, and sort largest first. */
  figure?: boolean;
  /** `cut`: one line, as much as fits. `message`: as many as it needs. */
  text?: "cut" | "message";
  /** What the table can be sorted by, and the name of that in the address. */
  sort?: { key: string; of(row: Row): string | number };
}

export interface TableProps<Row> {
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string | number;
  /** A sortable table's first order, such as `name-up`. */
  first?: string;
}

export function Table<Row>({ columns, rows, keyOf, first }: TableProps<Row>) {
  return (
    <div class="scroll">
      <table class="cards">
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.label} column={column} first={first} />
            ))}
          </tr>
        </thead>
        <tbody>
          {(first ? sorted(rows, columns, first) : rows).map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, place) => (
                <Cell key={column.label} column={column} row={row} names={place === 0} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head<Row>({ column, first }: { column: Column<Row>; first: string | undefined }) {
  const { label, figure, sort } = column;
  if (sort && first) return <SortHead column={{ label, figure, sort }} first={first} />;
  return (
    <th scope="col" class={figure ? "figure" : undefined}>
      {label}
    </th>
  );
}

function Cell<Row>({ column, row, names }: { column: Column<Row>; row: Row; names: boolean }) {
  const { label, cell, figure, text } = column;
  const look = [figure && "figure", text].filter(Boolean).join(" ") || undefined;
  if (names)
    return (
      <th scope="row" class={look}>
        {cell(row)}
      </th>
    );
  return (
    <td class={look} data-label={label}>
      {cell(row)}
    </td>
  );
}
