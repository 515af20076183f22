/** From a line as pino writes it, JSON, to one in the format wanted. */
import { type LogRecord, prettyPrinter } from "./pretty.ts";
import { pythonFileLine, pythonTerminalLine } from "./python-lines.ts";

/** "auto": pretty on a terminal, JSON elsewhere. "python": as the Python daemon. */
export type LogFormat = "auto" | "pretty" | "json" | "python";

export interface Outlet {
  isTerminal: boolean;
  /** A file is read on another day: lines have a date. */
  isFile: boolean;
  color: boolean;
}

export function printerFor(
  format: LogFormat,
  { isTerminal, isFile, color }: Outlet,
): (line: string) => string {
  if (format === "json" || (format === "auto" && !isTerminal)) return (line) => line;
  const print =
    format === "python"
      ? isFile
        ? pythonFileLine
        : pythonTerminalLine
      : prettyPrinter({ color, date: isFile });
  return (line) => print(JSON.parse(line) as LogRecord);
}
