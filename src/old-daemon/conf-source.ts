/** A file of the Python daemon as the source of a configuration: what it sets, under which names, and what is to be told of it. */
import type { ConfigInput } from "../config.ts";
import type { ConfigSource } from "../config-source.ts";
import { CallsheetError } from "../errors.ts";
import { type Conf, type ConfProblem, type ConfValues, OPTIONS, type OptionKey, readConf } from "./conf.ts";
import { configOfConf } from "./conf-config.ts";
import { remarksOf } from "./conf-remarks.ts";

/**
 * @throws {CallsheetError} CONFIG_INVALID (every problem, one a line), CONFIG_SECRET_MISSING
 */
export function readConfSource(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): ConfigSource {
  const conf = readConf(text, file, env);
  const values = completeValues(conf);
  return {
    input: withExtras(configOfConf(values, file), conf),
    written: writtenKeys(conf),
    remarks: remarksOf(conf, values),
  };
}

/** More are counted only: a file that is no conf at all has one on each line. */
const MOST_PROBLEMS = 20;

/** @throws {CallsheetError} CONFIG_INVALID, CONFIG_SECRET_MISSING */
export function completeValues({ values, problems, file }: Conf): ConfValues {
  const [first] = problems;
  if (!first) return values as ConfValues;
  if (problems.length > 1) {
    const lines = problems
      .slice(0, MOST_PROBLEMS)
      .map((problem) => `${describeProblem(file, problem)} ${problem.hint}`);
    const more = problems.length - lines.length;
    if (more > 0) lines.push(`and ${more} more`);
    throw new CallsheetError(
      "CONFIG_INVALID",
      [`${file} has ${problems.length} problems:`, ...lines].join("\n  "),
    );
  }
  const code = first.variable === undefined ? "CONFIG_INVALID" : "CONFIG_SECRET_MISSING";
  throw new CallsheetError(code, describeProblem(file, first), { hint: first.hint });
}

/** `/etc/shotgunEventDaemon.conf:12: fetch_interval must be …` */
export function describeProblem(
  file: string,
  { line, message }: Pick<ConfProblem, "line" | "message">,
): string {
  return `${line === null ? file : `${file}:${line}`}: ${message}.`;
}

/** Which key of the configuration an option sets. */
const KEYS: Partial<Record<OptionKey, string>> = {
  server: "site.url",
  name: "site.scriptName",
  key: "site.scriptKey",
  proxyServer: "site.httpProxy",
  paths: "plugins",
  eventIdFile: "state",
  fetchInterval: "fetchInterval",
  pidFile: "pidFile",
  logFile: "log",
  emailsServer: "alerts.mail.server",
  emailsPort: "alerts.mail.port",
  emailsUsername: "alerts.mail.username",
  emailsPassword: "alerts.mail.password",
  emailsFrom: "alerts.mail.from",
  emailsTo: "alerts.mail.to",
  emailsSubject: "alerts.mail.subjectPrefix",
};

function writtenKeys({ file, lines, extras }: Conf): Map<string, string> {
  const written = new Map<string, string>();
  for (const [option, key] of Object.entries(KEYS) as [OptionKey, string][]) {
    if (lines[option] !== undefined) written.set(key, `${file}:${lines[option]}: ${OPTIONS[option].name}`);
  }
  for (const { key, line } of extras) written.set(key, `${file}:${line}: ${key}`);
  return written;
}

/** The section [callsheet] goes over what the other options say. */
function withExtras(input: ConfigInput, { extras }: Conf): unknown {
  return extras.reduce<object>(
    (config, { key, value }) => withValue(config, key.split("."), besides(input, key, jsonOrText(value))),
    input,
  );
}

/** Folders to import from come after the Python daemon's own, whose modules plugins need all the same. */
function besides({ python }: ConfigInput, key: string, value: unknown): unknown {
  return key === "python.path" && Array.isArray(value) ? [...(python?.path ?? []), ...value] : value;
}

function withValue(config: object, [first = "", ...rest]: string[], value: unknown): object {
  if (rest.length === 0) return { ...config, [first]: value };
  const inner = Object.hasOwn(config, first) ? (config as Record<string, unknown>)[first] : {};
  const isSection = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  return { ...config, [first]: withValue(isSection ? inner : {}, rest, value) };
}

/** Numbers, lists, true and false as in JSON; anything else is a text as it stands there. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
