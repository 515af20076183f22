/** Loading a plugin into a fresh host, and telling how that went. */
import { asError, CallsheetError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import { deadKeys } from "./dead-keys.ts";
import { hashOfAll } from "./files-hash.ts";
import type { Host, HostStart, HostStarter, LoadedModule, PluginFile } from "./host.ts";

/** Why a plugin does not load. */
export interface LoadProblem {
  code: string;
  message: string;
  hint: string | null;
  stack: string | null;
}

export type Loaded =
  | { kind: "host"; host: Host }
  /** `modules`: what was read; a change of any of them starts the next attempt. Null when that is not known. */
  | { kind: "problem"; problem: LoadProblem; modules: readonly LoadedModule[] | null }
  /** The signal aborted. */
  | { kind: "unwanted" };

/** @param before how often this plugin was loaded before */
export async function loadHost(
  start: HostStarter,
  request: HostStart,
  { log, before }: { log: Log; before: number },
): Promise<Loaded> {
  const { plugin, signal } = request;
  try {
    const host = await start(request);
    tellLoaded(log, plugin, host, before > 0);
    for (const said of deadKeys(host.callbacks)) log.warn(`${plugin.name}: ${said}`, { plugin: plugin.name });
    return { kind: "host", host };
  } catch (thrown) {
    if (signal.aborted) return { kind: "unwanted" };
    const error = asError(thrown);
    const problem = problemOf(error);
    tellProblem(log, plugin, problem, before > 0);
    return { kind: "problem", problem, modules: isLoadFailure(error) ? error.modules : null };
  }
}

function problemOf(error: Error): LoadProblem {
  if (!(error instanceof CallsheetError))
    return { code: "PLUGIN_LOAD", message: error.message, hint: null, stack: error.stack ?? null };
  const stack = error.cause instanceof Error ? (error.cause.stack ?? null) : null;
  return { code: error.code, message: error.message, hint: error.hint ?? null, stack };
}

function tellProblem(
  log: Log,
  { name, path: file }: PluginFile,
  problem: LoadProblem,
  loadedBefore: boolean,
): void {
  const { code, message, hint, stack } = problem;
  // a file that never registered is a helper; one that did is missed
  if (code === "PLUGIN_NO_REGISTER" && !loadedBefore) {
    log.info(`${name} is taken for a helper: ${message}`, { plugin: name, kind: "load_failed", file });
    return;
  }
  log.at(
    code === "PLUGIN_NO_REGISTER" ? "warn" : "error",
    `${name} is not active: ${message}${hint ? ` ${hint}` : ""}`,
    { plugin: name, kind: "load_failed", file, code, ...(stack === null ? {} : { stack }) },
  );
}

function tellLoaded(log: Log, { name }: PluginFile, host: Host, again: boolean): void {
  const count = host.callbacks.length === 1 ? "1 callback" : `${host.callbacks.length} callbacks`;
  // what a cluster compares, and its status tells
  const sha = hashOfAll(host.modules).slice(0, 6);
  log.at(
    host.callbacks.length === 0 ? "warn" : "info",
    `${again ? "reloaded" : "loaded"} ${name} (${count}, sha ${sha}, ${Math.round(host.loadMs)} ms)`,
    { plugin: name },
  );
}

/** A load error that knows which files were read. */
function isLoadFailure(error: Error): error is Error & { modules: readonly LoadedModule[] } {
  return "modules" in error && Array.isArray(error.modules);
}
