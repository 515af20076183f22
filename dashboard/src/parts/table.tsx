/** A table, as all pages have them: the first column names the row; on a phone each row becomes a small card. */
import { Component, type ComponentChildren } from "preact";
import { SortHead, sorted } from "./sorting.tsx";

export interface Column<Item> {
  label: string;
  cell(row: Item): ComponentChildren;
  /** Figures stand to the right, and sort largest first. */
  figure?: boolean;
  /** `line`: one line. `cut`: one, as much as fits. `message`: as many as it needs. */
  text?: "line" | "cut" | "message";
  /** What the table can be sorted by, and the name of that in the address. */
  sort?: { key: string; of(row: Item): string | number };
}

export interface TableProps<Item> {
  columns: readonly Column<Item>[];
  rows: readonly Item[];
  keyOf(row: Item): string | number;
  /** A sortable table's first order, such as `name-up`. */
  first?: string;
}

export function Table<Item>({ columns, rows, keyOf, first }: TableProps<Item>) {
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
            <Row<Item> key={keyOf(row)} columns={columns} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps<Item> {
  columns: readonly Column<Item>[];
  row: Item;
}

/** Drawn anew only when something else is in it: there may be hundreds, and the page is told of changes all the time. */
class Row<Item> extends Component<RowProps<Item>> {
  override shouldComponentUpdate({ columns, row }: RowProps<Item>): boolean {
    return columns !== this.props.columns || row !== this.props.row;
  }

  override render({ columns, row }: RowProps<Item>) {
    return (
      <tr>
        {columns.map((column, place) => (
          <Cell key={column.label} column={column} row={row} names={place === 0} />
        ))}
      </tr>
    );
  }
}

function Head<Item>({ column, first }: { column: Column<Item>; first: string | undefined }) {
  const { label, figure, sort } = column;
  if (sort && first) return <SortHead column={{ label, figure, sort }} first={first} />;
  return (
    <th scope="col" class={figure ? "figure" : undefined}>
      {label}
    </th>
  );
}

function Cell<Item>({ column, row, names }: { column: Column<Item>; row: Item; names: boolean }) {
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
