/** Where a daemon keeps its state: how `start`, `stop` and `status` find it. */
import { readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { type Config, findConfigFile } from "../../config-file.ts";
import { readConfigSource } from "../../config-source.ts";
import { CallsheetError } from "../../errors.ts";
import { stateOfConf } from "../../old-daemon/conf-config.ts";
import { loadSetup } from "../setup.ts";

export interface Place {
  /** Absolute path of the state folder. */
  state: string;
  /** null when the folder was named itself, or when the configuration cannot be used as it is. */
  config: Config | null;
}

/** @param options `state` names the folder; otherwise the configuration does */
export async function findPlace(options: { config?: string; state?: string }): Promise<Place> {
  if (options.state !== undefined) return { state: resolve(options.state), config: null };
  try {
    const config = await loadSetup(options.config);
    return { state: config.state, config };
  } catch (error) {
    const state = await stateAllTheSame(options.config, error);
    if (state === null) throw options.config === undefined ? withHintForState(error) : error;
    return { state, config: null };
  }
}

/** Whoever looks after a daemon does not want to make a new one. */
function withHintForState(error: unknown): unknown {
  if (!(error instanceof CallsheetError) || error.code !== "CONFIG_NOT_FOUND") return error;
  return new CallsheetError(error.code, error.message, {
    hint: "Say this in the daemon's folder; or name its configuration with --config, or its state folder with --state.",
    cause: error,
  });
}

/** A daemon must be stoppable from a shell that lacks its secrets, and after a mistake was written into its configuration. */
async function stateAllTheSame(config: string | undefined, error: unknown): Promise<string | null> {
  const code = error instanceof CallsheetError ? error.code : "";
  if (code !== "CONFIG_SECRET_MISSING" && code !== "CONFIG_INVALID") return null;
  const file = findConfigFile(config, process.cwd());
  if (extname(file) === ".conf") return stateOfConf(readFileSync(file, "utf8"), file, process.env);
  const { input } = await readConfigSource(file, process.env);
  const state = (input as { state?: unknown } | null)?.state ?? "./state";
  return typeof state === "string" ? resolve(dirname(file), state) : null;
}

/** The configuration's own folder of log files; a daemon without a terminal has one in any case. */
export function logFolder(config: Config): string {
  return config.log.dir ?? join(config.state, "log");
}
