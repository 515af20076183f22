/**
 * A `callsheet.config.ts` that means what a conf means. Secrets stay where they are or go to the environment: the file names the
 * variable only.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import type { Config } from "../config-file.ts";
import { asError, CallsheetError } from "../errors.ts";
import { OPTIONS, type OptionKey } from "./conf.ts";
import { readConfSource } from "./conf-source.ts";
import { type Ini, parseIni, sameName } from "./ini.ts";

export interface WrittenConfig {
  file: string;
  /** Variables that the file takes secrets from, and whether they are set in the environment or a `.env` beside it. */
  variables: { name: string; option: string; set: boolean }[];
  /** The `.env` that the secrets were written to, when that was asked for. */
  envFile: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Secret {
  path: readonly [string, ...(string | number)[]];
  /** The option of the conf that holds it; null: it stands in the section [callsheet]. */
  option: OptionKey | null;
  /** The variable it gets when the conf has it in clear. */
  variable: string;
  value: string;
}

/**
 * To be called before anything is imported.
 * @throws {CallsheetError} USAGE when the file is there, or cannot be a configuration
 */
export function checkTarget(file: string, withSecrets: boolean): void {
  if (![".ts", ".mts"].includes(extname(file))) {
    throw new CallsheetError(
      "USAGE",
      `${file} cannot be written as a configuration: its name must end in .ts or .mts.`,
    );
  }
  const env = join(dirname(file), ".env");
  const taken = [file, ...(withSecrets ? [env] : [])].find((path) => existsSync(path));
  if (taken === undefined) return;
  throw new CallsheetError("USAGE", `${taken} is there already; nothing was written, and nothing imported.`, {
    hint: "Name another file, or move that one away.",
  });
}

/**
 * Writes the file for the conf that `config` comes from.
 * @param withSecrets also a `.env` beside it, for its owner only, with the secrets that stand in the conf in clear
 * @throws {CallsheetError} USAGE when it cannot be written
 */
export function writeConfig(
  target: string,
  config: Config,
  env: Environment,
  withSecrets: boolean,
): WrittenConfig {
  const text = readFileSync(config.file, "utf8");
  const input = absolutePaths(readConfSource(text, config.file, env).input as Section, config);
  const ini = parseIni(text);
  const secrets = secretsIn(input).map((secret) => {
    const variable = (secret.option && variableOf(secret.option, ini, env)) ?? secret.variable;
    return { ...secret, variable, set: env[variable] === secret.value };
  });
  for (const { path, variable } of secrets) {
    // a proxy may not be given as { env }; where the variable is missing, the empty text is refused
    const isProxy = path.at(-1) === "httpProxy";
    setAt(input, path, isProxy ? new Code(`process.env.${variable} ?? ""`) : { env: variable });
  }
  const file = resolve(target);
  const envFile = join(dirname(file), ".env");
  const missing = secrets.filter(({ set }) => !set);
  const writesEnv = withSecrets && missing.length > 0;
  write(file, sourceOf(input, config.file), 0o666);
  if (writesEnv) {
    write(envFile, missing.map(({ variable, value }) => `${variable}=${quoted(value)}\n`).join(""), 0o600);
  }
  return {
    file,
    variables: secrets.map(({ variable, option, path, set }) => {
      const { section, name } = option ? OPTIONS[option] : { section: "callsheet", name: path.join(".") };
      return { name: variable, option: `${name} in [${section}]`, set: set || writesEnv };
    }),
    envFile: writesEnv ? envFile : null,
  };
}

function write(file: string, text: string, mode: number): void {
  try {
    writeFileSync(file, text, { flag: "wx", mode });
  } catch (error) {
    throw new CallsheetError("USAGE", `${file} cannot be written: ${asError(error).message}.`, {
      cause: error,
    });
  }
}

/** The variable that stands for the whole option: `key: %(SCRIPT_KEY)s`. */
function variableOf(option: OptionKey, { options }: Ini, env: Environment): string | null {
  const { section, name } = OPTIONS[option];
  const written = options.find((one) => one.section === section && sameName(one.name, name))?.value;
  const [, variable] = /^%\((\w+)\)s$/.exec(written ?? "") ?? [];
  return variable !== undefined && env[variable] !== undefined ? variable : null;
}

type Section = { [key: string]: unknown };

/** A piece of the file that is no data. */
class Code {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Relative paths in a conf start from its own folder, which is not that of the new file. */
function absolutePaths(input: Section, config: Config): Section {
  const log = input.log as Section;
  const { plugins, state, pidFile, python, log: parsed } = config;
  return {
    ...structuredClone(input),
    plugins,
    state,
    pidFile,
    python: { ...(input.python as Section), path: python.path, conf: python.conf },
    log: { ...log, dir: parsed.dir, file: parsed.file },
  };
}

function secretsIn(input: Section): Secret[] {
  const proxy = valueAt(input, ["site", "httpProxy"]);
  const slack = asList(valueAt(input, ["alerts", "slack"]));
  const webhooks = asList(valueAt(input, ["alerts", "webhooks"]));
  const secrets: Omit<Secret, "value">[] = [
    { path: ["site", "scriptKey"], option: "key", variable: "FPT_SCRIPT_KEY" },
    { path: ["alerts", "mail", "password"], option: "emailsPassword", variable: "SMTP_PASSWORD" },
  ];
  if (typeof proxy === "string" && proxy.includes("@"))
    secrets.push({ path: ["site", "httpProxy"], option: "proxyServer", variable: "FPT_HTTP_PROXY" });
  for (const at of slack.keys())
    secrets.push({ path: ["alerts", "slack", at], option: null, variable: `SLACK_WEBHOOK_${at + 1}` });
  for (const at of webhooks.keys()) {
    const hook = ["alerts", "webhooks", at] as const;
    secrets.push({ path: [...hook, "url"], option: null, variable: `ALERT_WEBHOOK_${at + 1}` });
    secrets.push({ path: [...hook, "token"], option: null, variable: `ALERT_WEBHOOK_TOKEN_${at + 1}` });
  }
  return secrets.flatMap((secret) => {
    const value = valueAt(input, secret.path);
    return typeof value === "string" ? [{ ...secret, value }] : [];
  });
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function valueAt(section: Section, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Section | undefined)?.[key], section);
}

function setAt(section: Section, path: readonly (string | number)[], value: unknown): void {
  const inner = valueAt(section, path.slice(0, -1)) as Section;
  inner[path.at(-1)!] = value;
}

function sourceOf(input: Section, conf: string): string {
  return `// Made from ${conf.replaceAll(/\p{Cc}/gu, "?")}, and means the same.
import { defineConfig } from "callsheet";

export default defineConfig(${literal(input, "")});
`;
}

function literal(value: unknown, indent: string): string {
  if (value instanceof Code) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, deeper)).join(", ")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, item]) => `${deeper}${keyText(key)}: ${literal(item, deeper)},\n`);
  return `{\n${lines.join("")}${indent}}`;
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** As `.env` files have it. */
function quoted(value: string): string {
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark)) ?? "'";
  return `${quote}${value}${quote}`;
}
