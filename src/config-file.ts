/** Finds, runs and checks the configuration file. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { configSchema, type ParsedConfig } from "./config.ts";
import { type ClusterConfig, clusterHere, clusterProblems } from "./config-cluster.ts";
import { describeIssues } from "./config-problems.ts";
import { strayFolders, withAbsolutePaths } from "./config-python.ts";
import { missingSecrets, type Resolved, resolveSecrets } from "./config-secrets.ts";
import { type ConfigSource, type Remark, readConfigSource } from "./config-source.ts";
import { CallsheetError } from "./errors.ts";

/** A configuration ready for use: paths absolute, secrets resolved. */
export interface Config extends Omit<Resolved<ParsedConfig>, "cluster"> {
  /** Absolute path of the file it came from. */
  file: string;
  /** What is worth telling at each start; nothing but for configurations of the Python daemon. */
  remarks: readonly Remark[];
  /** undefined: this daemon is alone. */
  cluster?: ClusterConfig | undefined;
}

/** The names looked for, in this order, when no file is named. */
export const CONFIG_FILES = [".ts", ".mts", ".js", ".mjs", ".json"].map(
  (ending) => `callsheet.config${ending}`,
);
/** The Python daemon's, looked for after them: in the same folder, then where that daemon looks too. */
const CONF_FILE = "shotgunEventDaemon.conf";
const CONF_FOLDER = "/etc";

/** Where a configuration is read: relative paths and `{ env }` secrets are taken from here. */
export interface ConfigPlace {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the configuration.
 * @param file its path, relative to `cwd`; undefined: the first of `CONFIG_FILES` in `cwd`, or `shotgunEventDaemon.conf`
 * there or in `/etc`
 * @throws {CallsheetError} CONFIG_NOT_FOUND, CONFIG_UNREADABLE, CONFIG_INVALID (every problem, one a line),
 * CONFIG_SECRET_MISSING
 */
export async function loadConfig(file: string | undefined, { cwd, env }: ConfigPlace): Promise<Config> {
  const found = findConfigFile(file, cwd);
  const source = await readConfigSource(found, env);
  return parseConfig(source.input, found, env, source);
}

/**
 * The absolute path of the configuration file.
 * @param etc where the Python daemon's is looked for last
 * @throws {CallsheetError} CONFIG_NOT_FOUND
 */
export function findConfigFile(file: string | undefined, cwd: string, etc = CONF_FOLDER): string {
  if (file === undefined) return searchConfigFile(cwd, etc);
  const path = resolve(cwd, file);
  if (!existsSync(path)) {
    throw new CallsheetError("CONFIG_NOT_FOUND", `There is no configuration file ${path}.`, {
      hint: "Check the path given with --config, or make a new folder with: callsheet init my-studio",
    });
  }
  return path;
}

function searchConfigFile(folder: string, etc: string): string {
  const places = [...[...CONFIG_FILES, CONF_FILE].map((name) => join(folder, name)), join(etc, CONF_FILE)];
  const found = places.find((place) => existsSync(place));
  if (found) return found;
  throw new CallsheetError(
    "CONFIG_NOT_FOUND",
    `There is no callsheet.config.ts (.mts, .js, .mjs, .json) in ${folder}, and no ${CONF_FILE} there or in ${etc}.`,
    {
      hint: "Name the file with --config FILE, or make a new folder with: callsheet init my-studio",
    },
  );
}

/**
 * Checks what a configuration file contains and makes it ready for use.
 * @param file absolute path of the file; relative paths inside it start from its folder
 * @param source what else was read with the input
 * @throws {CallsheetError} CONFIG_INVALID (every problem, one a line), CONFIG_SECRET_MISSING
 */
export function parseConfig(
  input: unknown,
  file: string,
  env: ConfigPlace["env"],
  source: Partial<ConfigSource> = {},
): Config {
  const result = configSchema.safeParse(input);
  const missing = missingSecrets(input, env);
  if (!result.success)
    throw invalid(file, [...describeIssues(result.error.issues, input, source.written), ...missing]);
  if (missing.length > 0) {
    throw new CallsheetError("CONFIG_SECRET_MISSING", `${file}: ${missing.join(" ")}`, {
      hint: "Set it in the environment of the daemon, or in a file .env beside the configuration.",
    });
  }
  const elsewhere = result.data.cluster ? clusterProblems(env) : [];
  if (elsewhere.length > 0) throw invalid(file, elsewhere);
  const config = ready(resolveSecrets(result.data, env), file, env);
  const stray = strayFolders(config.python, config.plugins);
  if (stray.length > 0) throw invalid(file, stray);
  return { ...config, remarks: source.remarks ?? [] };
}

function invalid(file: string, problems: string[]): CallsheetError {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return new CallsheetError("CONFIG_INVALID", [`${file} has ${count}:`, ...problems].join("\n  "), {
    hint: "Every key is described in docs/configuration.md.",
  });
}

function ready(
  parsed: Resolved<ParsedConfig>,
  file: string,
  env: ConfigPlace["env"],
): Omit<Config, "remarks"> {
  const absolute = (path: string) => resolve(dirname(file), path);
  const { site, log, python, alerts, pidFile } = parsed;
  const cluster = parsed.cluster && clusterHere(parsed.cluster, env);
  return {
    ...parsed,
    file,
    site: withCaCerts(site, absolute),
    plugins: parsed.plugins.map(absolute),
    // what a host keeps for itself; the configuration may lie on a share
    state: join(absolute(parsed.state), cluster?.host ?? ""),
    cluster,
    ...(pidFile !== undefined && { pidFile: absolute(pidFile) }),
    python: withAbsolutePaths(python, absolute),
    log: { ...log, ...(log.dir !== undefined && { dir: absolute(log.dir) }) },
    alerts: { ...alerts, ...(alerts.mail !== undefined && { mail: withCaCerts(alerts.mail, absolute) }) },
  };
}

function withCaCerts<T extends { caCerts?: string | undefined }>(
  part: T,
  absolute: (path: string) => string,
): T {
  return { ...part, ...(part.caCerts !== undefined && { caCerts: absolute(part.caCerts) }) };
}
