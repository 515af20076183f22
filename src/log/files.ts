/** The log's files: a main one, one for each plugin, one for the times of calls. */
import { join, resolve } from "node:path";
import { asError, CallsheetError } from "../errors.ts";
import { openMidnightFile } from "./midnight-file.ts";
import type { LogRecord } from "./pretty.ts";
import { type LogFormat, printerFor } from "./printers.ts";
import { pythonFileOf } from "./python-lines.ts";
import { openRollingFile, type RollingFile } from "./rolling-file.ts";

export interface FileOptions {
  /** Absolute path of the folder. */
  dir: string;
  /** Name of the main file in it, or its path; without an ending but for the Python daemon's format. */
  file: string;
  files: "one" | "plugin";
  format: LogFormat;
  /** Whether calls of callbacks are written. */
  timing: boolean;
}

export interface LogFiles {
  /** @param plugin name of the plugin that the line concerns */
  write(line: string, plugin: string | null): void;
  /** A line about a call of a callback, which stands nowhere else. */
  writeCall(line: string): void;
  close(): Promise<void>;
}

type Opening = RollingFile & { opened: Promise<void> };

/**
 * @param troubled told, once a cause, when a file takes no more lines
 * @throws {CallsheetError} CONFIG_INVALID when the main file cannot be written
 */
export async function openFiles(
  options: FileOptions,
  troubled: (message: string) => void,
): Promise<LogFiles> {
  const asPython = options.format === "python";
  const print = printerFor(options.format, { isTerminal: false, isFile: true, color: false });
  const open = (path: string): Opening => {
    const file = asPython ? path : `${path}.log`;
    const onError = (error: Error) => troubled(`${file} takes no more lines: ${error.message}`);
    return asPython ? openPythonFile(file, onError) : openRollingFile(file, onError);
  };
  const mainPath = resolve(options.dir, options.file);
  const main = open(mainPath);
  await main.opened.catch((error) => {
    throw cannotWrite(asPython ? mainPath : options.dir, error);
  });
  const others = new Map<string, RollingFile>();
  const other = (path: string, what: string): RollingFile => {
    const known = others.get(path);
    if (known) return known;
    const file = open(path);
    file.opened.catch((error) => troubled(`no log file for ${what}: ${asError(error).message}`));
    others.set(path, file);
    return file;
  };
  return {
    write(line, plugin) {
      const text = print(line);
      const owner = asPython && plugin !== null ? pythonFileOf(JSON.parse(line) as LogRecord) : plugin;
      const ofPlugin = owner !== null && options.files === "plugin";
      // what is a plugin's stands in the plugin's file alone there
      if (!(asPython && ofPlugin)) main.write(text);
      if (ofPlugin) other(pluginPath(options.dir, owner), `plugin ${owner}`).write(text);
    },
    writeCall(line) {
      if (options.timing) other(`${mainPath}.timing`, "the times of calls").write(print(line));
    },
    async close() {
      await Promise.all([main, ...others.values()].map((file) => file.close()));
    },
  };
}

function openPythonFile(file: string, onError: (error: Error) => void): Opening {
  try {
    return { ...openMidnightFile(file, onError), opened: Promise.resolve() };
  } catch (error) {
    return { write() {}, async close() {}, opened: Promise.reject(error) };
  }
}

/** Without its ending. */
export function pluginPath(dir: string, plugin: string): string {
  return join(dir, `plugin.${plugin.replaceAll(/[^\p{L}\p{N}._-]/gu, "_")}`);
}

function cannotWrite(where: string, error: unknown): CallsheetError {
  return new CallsheetError(
    "CONFIG_INVALID",
    `No log file can be written: ${where}: ${asError(error).message}.`,
    {
      hint: "Create the folder and let the daemon's user write in it, or name another one as log.dir (logPath, logFile).",
      cause: error,
    },
  );
}
