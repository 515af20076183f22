/** Where log lines go: the standard output, `callsheet.log`, and a file for each plugin. */
import { join } from "node:path";
import type { Writable } from "node:stream";
import { symbols } from "pino";
import { asError, CallsheetError } from "../errors.ts";
import { type LogRecord, prettyPrinter } from "./pretty.ts";
import { openRollingFile, type RollingFile } from "./rolling-file.ts";

export type Terminal = Writable & { isTTY?: boolean; hasColors?(): boolean };

export interface OutletOptions {
  dir?: string | undefined;
  files: "one" | "plugin";
  format: "auto" | "pretty" | "json";
}

/** What pino writes to. With the metadata symbol set it leaves the fields of the line in `lastObj`. */
export interface Outlets {
  write(line: string): void;
  lastObj: { plugin?: unknown } | null;
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
  const files = options.dir === undefined ? null : await openFiles(options, options.dir, troubled);
  const outlets: Outlets = {
    lastObj: null,
    write(line) {
      toStdout(line);
      const plugin = outlets.lastObj?.plugin;
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
function stdoutWriter(format: OutletOptions["format"], stdout: Terminal, troubled: Write): Write {
  const isTerminal = stdout.isTTY === true;
  const pretty = format === "pretty" || (format === "auto" && isTerminal);
  const colors = isTerminal && (stdout.hasColors?.() ?? true);
  const print = pretty ? printerFor({ color: colors, date: false }) : (line: string) => line;
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

async function openFiles(options: OutletOptions, dir: string, troubled: Write) {
  const print =
    options.format === "pretty" ? printerFor({ color: false, date: true }) : (line: string) => line;
  const open = (name: string) => {
    const file = join(dir, `${name}.log`);
    return openRollingFile(file, (error) => troubled(`${file} takes no more lines: ${error.message}`));
  };
  const main = open("callsheet");
  await main.opened.catch((error) => {
    throw new CallsheetError(
      "CONFIG_INVALID",
      `log.dir: no file can be written in ${dir}: ${asError(error).message}.`,
      {
        hint: "Create the folder and let the daemon's user write in it, or leave log.dir out.",
        cause: error,
      },
    );
  });
  const plugins = new Map<string, RollingFile>();
  const pluginFile = (plugin: string): RollingFile => {
    const known = plugins.get(plugin);
    if (known) return known;
    const file = open(`plugin.${plugin.replaceAll(/[^\p{L}\p{N}._-]/gu, "_")}`);
    file.opened.catch((error) => troubled(`no log file for plugin ${plugin}: ${asError(error).message}`));
    plugins.set(plugin, file);
    return file;
  };
  return {
    write(line: string, plugin: string | null) {
      const text = print(line);
      main.write(text);
      if (plugin !== null && options.files === "plugin") pluginFile(plugin).write(text);
    },
    async close() {
      await Promise.all([main, ...plugins.values()].map((file) => file.close()));
    },
  };
}

function printerFor(look: { color: boolean; date: boolean }): (line: string) => string {
  const print = prettyPrinter(look);
  return (line) => print(JSON.parse(line) as LogRecord);
}
