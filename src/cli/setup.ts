/** What `run` and `check` begin with: the environment file, the configuration, the log. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { type Config, findConfigFile, loadConfig } from "../config-file.ts";
import { secretsOf } from "../config-secrets.ts";
import { asError, CallsheetError } from "../errors.ts";
import type { OpenLog } from "../log/open.ts";

/**
 * Loads the configuration; a file `.env` beside it is read first, and does not replace what the environment has.
 * @throws {CallsheetError} CONFIG_*
 */
export async function loadSetup(file: string | undefined): Promise<Config> {
  const cwd = process.cwd();
  const found = findConfigFile(file, cwd);
  readEnvFile(join(dirname(found), ".env"));
  return loadConfig(found, { cwd, env: process.env });
}

function readEnvFile(path: string): void {
  if (!existsSync(path)) return;
  try {
    process.loadEnvFile(path);
  } catch (error) {
    throw new CallsheetError("CONFIG_UNREADABLE", `${path} cannot be read: ${asError(error).message}.`, {
      cause: error,
    });
  }
}

/** The log as configured, with the configuration's secrets masked. */
export async function openConfiguredLog(config: Config, stdout: Writable = process.stdout): Promise<OpenLog> {
  // most commands read a configuration and log nothing
  const { openLog } = await import("../log/open.ts");
  return openLog({ ...config.log, redact: secretsOf(config) }, { stdout });
}
