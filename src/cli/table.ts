/** Rows in columns, for a terminal or a pipe. */
import { stripVTControlCharacters } from "node:util";

/** Fewer letters than this say nothing: the line is left to the terminal. */
const LEAST_CUT = 12;

/**
 * Cells may hold colours. The last column is as wide as it likes.
 * @param width columns of the terminal, where a last cell is better cut than wrapped
 */
export function table(rows: readonly (readonly string[])[], width?: number): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0);
  const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(LEAST_CUT, width - before);
  const last = widths.length - 1;
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === last ? cut(cell, room) : cell + blanks(widths[column]! - widthOf(cell)),
      )
      .join("  ")
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join("");
}

/** Its colours stay. */
function cut(cell: string, room: number): string {
  const text = stripVTControlCharacters(cell);
  return text.length <= room ? cell : cell.replace(text, `${text.slice(0, room - 1)}…`);
}

function blanks(count: number): string {
  return " ".repeat(count);
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
