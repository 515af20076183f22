/** Where log lines go: the standard output, and files. */
import type { Writable } from "node:stream";
import { symbols } from "pino";
import { type FileOptions, openFiles } from "./files.ts";
import { type LogFormat, printerFor } from "./printers.ts";

export type Terminal = Writable & { isTTY?: boolean; hasColors?(): boolean };

export interface OutletOptions extends Omit<FileOptions, "dir"> {
  dir?: string | undefined;
}

/** What pino writes to. With the metadata symbol set it leaves the fields of the line in `lastObj`. */
export interface Outlets {
  write(line: string): void;
  lastObj: { plugin?: unknown; kind?: unknown } | null;
  /** Told, once a cause, when an outlet takes no more lines. */
  onTrouble(tell: (message: string) => void): void;
  close(): Promise<void>;
}

type Write = (line: string) => void;

/** @throws {CallsheetError} CONFIG_INVALID when no file can be written in `dir` */
export async function openOutlets(options: OutletOptions, stdout: Terminal): Promise<Outlets> {
  let tell: (message: string) => void = () => {};
  const troubled = (message: string) => tell(message);
  const toStdout = stdoutWriter(options.format, stdout, troubled);
  const files =
    options.dir === undefined ? null : await openFiles({ ...options, dir: options.dir }, troubled);
  const outlets: Outlets = {
    lastObj: null,
    write(line) {
      const { plugin, kind } = outlets.lastObj ?? {};
      if (kind === "call") return files?.writeCall(line);
      toStdout(line);
      files?.write(line, typeof plugin === "string" ? plugin : null);
    },
    onTrouble(listener) {
      tell = listener;
    },
    async close() {
      await files?.close();
    },
  };
  return Object.assign(outlets, { [symbols.needsMetadataGsym]: true });
}

/** A reader that goes away (`callsheet run | head`) ends the output, not the daemon. */
function stdoutWriter(format: LogFormat, stdout: Terminal, troubled: Write): Write {
  const isTerminal = stdout.isTTY === true;
  const color = isTerminal && (stdout.hasColors?.() ?? true);
  const print = printerFor(format, { isTerminal, isFile: false, color });
  let open = true;
  stdout.on("error", (error) => {
    if (!open) return;
    open = false;
    troubled(`the standard output takes no more lines: ${error.message}`);
  });
  return (line) => {
    if (open) stdout.write(print(line));
  };
}
