/**
 * `shotgunEventDaemon.conf`: every option of the Python daemon, what it may contain, its default, and where it stands.
 * What is wrong is collected, so that `callsheet import` can show it all; `conf-config.ts` makes a configuration of the rest.
 */
import { closest } from "../closest.ts";
import * as read from "./conf-values.ts";
import { type Ini, type IniOption, type IniProblem, parseIni, sameName } from "./ini.ts";
import { interpolate } from "./interpolate.ts";

interface OptionSpec<T> {
  section: string;
  name: string;
  read: read.Reader<T>;
  /** Without it the option is required. */
  fallback?: T;
}

function option<T>(section: string, name: string, reader: read.Reader<T>, ...fallback: [T?]): OptionSpec<T> {
  return { section, name, read: reader, ...(fallback.length > 0 && { fallback: fallback[0] as T }) };
}

const SECONDS = " of seconds";
const ANY_NUMBER = Number.MIN_SAFE_INTEGER;

/** The options, by the name they have in a `Conf`; here with the names they have in the file. */
export const OPTIONS = {
  pidFile: option("daemon", "pidFile", read.path),
  eventIdFile: option("daemon", "eventIdFile", read.path),
  /** 0: one log file. Anything else: also one for each plugin. */
  logMode: option("daemon", "logMode", read.wholeNumber(ANY_NUMBER)),
  /** Level of Python's logging: 10 debug, 20 info, 30 warning, 40 error, 50 critical. */
  logging: option("daemon", "logging", read.wholeNumber(ANY_NUMBER)),
  logFile: option("daemon", "logFile", read.path),
  logPath: option("daemon", "logPath", read.orNone(read.path), null),
  /** "on" turns it on; anything else, "On" and "true" too, does not. */
  timingLog: option("daemon", "timing_log", (text) => ({ value: text === "on" }), false),
  connRetrySleep: option("daemon", "conn_retry_sleep", read.wholeNumber(0, SECONDS)),
  maxConnRetries: option("daemon", "max_conn_retries", read.wholeNumber(ANY_NUMBER)),
  fetchInterval: option("daemon", "fetch_interval", read.wholeNumber(0, SECONDS)),
  maxEventBatchSize: option("daemon", "max_event_batch_size", read.wholeNumber(0), 500),
  server: option("shotgun", "server", read.line("must be the address of your site")),
  name: option("shotgun", "name", read.line("must be the name of a script user on the site")),
  key: option("shotgun", "key", read.line("must be the script's key")),
  proxyServer: option("shotgun", "proxy_server", read.orNone(read.line("must be a proxy, host:port")), null),
  useSessionUuid: option("shotgun", "use_session_uuid", read.yesOrNo),
  /** As written: the keys of the old state file. They may be relative. */
  paths: option("plugins", "paths", read.list("must be paths of folders, separated by commas")),
  emailsEnabled: option("emails", "enabled", read.yesOrNo),
  emailsServer: option("emails", "server", read.anyText, ""),
  emailsPort: option("emails", "port", read.wholeNumber(1), 25),
  emailsUseTls: option("emails", "useTLS", read.yesOrNo, false),
  emailsUsername: option("emails", "username", read.orNone(read.anyText), null),
  emailsPassword: option("emails", "password", read.orNone(read.anyText), null),
  emailsFrom: option("emails", "from", read.anyText, ""),
  emailsTo: option("emails", "to", read.orNone(read.list("must be addresses, separated by commas")), null),
  emailsSubject: option("emails", "subject", read.anyText, ""),
} as const;

export type OptionKey = keyof typeof OPTIONS;
type TypeOf<Spec> = Spec extends OptionSpec<infer T> ? T : never;
/** The value of each option; numbers of seconds are seconds, paths are as written. */
export type ConfValues = { -readonly [Key in OptionKey]: TypeOf<(typeof OPTIONS)[Key]> };

export interface ConfProblem extends Omit<IniProblem, "line"> {
  /** null: a whole section is missing. */
  line: number | null;
}

/** An option that the Python daemon passed over, as does Callsheet. */
export interface UnusedOption {
  section: string;
  name: string;
  line: number;
  /** The option it was perhaps meant to be. */
  similar: string | null;
}

export interface Conf {
  /** Absolute path of the file. */
  file: string;
  /** An option with a problem is missing here. */
  values: Partial<ConfValues>;
  /** Line of each option that stands in the file. */
  lines: Partial<Record<OptionKey, number>>;
  /** The section [callsheet], which the Python daemon passes over: keys as in `callsheet.config.*`, values as text. */
  extras: { key: string; value: string; line: number }[];
  unused: UnusedOption[];
  problems: ConfProblem[];
}

/** Zeros are between the letters of UTF-16, which some editors call Unicode. */
const NO_TEXT: ConfProblem = {
  line: null,
  message: "it is no text in UTF-8, but has zeros in it",
  hint: "Save it as UTF-8.",
};
export const EXTRAS_SECTION = "callsheet";
/** Options whose value is never shown. */
const SECRETS: ReadonlySet<OptionKey> = new Set(["key", "proxyServer", "emailsPassword"]);

/**
 * Reads a configuration of the Python daemon. Never throws: see `problems`.
 * @param env where `%(NAME)s` is looked up
 */
export function readConf(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Conf {
  const ini = parseIni(text);
  const conf: Conf = { file, values: {}, lines: {}, extras: [], unused: [], problems: [...ini.problems] };
  if (text.includes("\0")) return { ...conf, problems: [NO_TEXT] };
  const textOf = (found: IniOption): string | null => {
    const value = interpolate(found, { options: ini.options, env });
    if (typeof value === "string") return value;
    conf.problems.push(...value.filter((problem) => !isKnown(conf, problem)));
    return null;
  };
  for (const key of Object.keys(OPTIONS) as OptionKey[]) {
    const found = findOption(OPTIONS[key], ini);
    if (found) take(conf, key, found.line, textOf(found));
    else leave(conf, key, ini);
  }
  for (const extra of ini.options.filter(({ section }) => section === EXTRAS_SECTION)) {
    const value = textOf(extra);
    if (value !== null) conf.extras.push({ key: extra.name, value, line: extra.line });
  }
  conf.problems.push(...missingForMails(conf));
  conf.problems.sort((a, b) => (a.line ?? Number.POSITIVE_INFINITY) - (b.line ?? Number.POSITIVE_INFINITY));
  conf.unused = ini.options.filter(isUnused).map(describeUnused);
  return conf;
}

/** A missing variable comes up once for each option that it leads to. */
function isKnown({ problems }: Conf, { line, message }: ConfProblem): boolean {
  return problems.some((known) => known.line === line && known.message === message);
}

/** In its section, or in [DEFAULT] when that section is there at all. */
function findOption({ section, name }: OptionSpec<unknown>, ini: Ini): IniOption | undefined {
  const found = ini.options.filter((option) => sameName(option.name, name));
  return (
    found.find((option) => option.section === section) ??
    (ini.sections.has(section) ? found.find((option) => option.section === "DEFAULT") : undefined)
  );
}

function take(conf: Conf, key: OptionKey, line: number, text: string | null): void {
  conf.lines[key] = line;
  if (text === null) return;
  const { name, read: reader } = OPTIONS[key];
  const taken = reader(text);
  if ("value" in taken) Object.assign(conf.values, { [key]: taken.value });
  else
    conf.problems.push({
      line,
      message: `${name} ${taken.must}, not ${shown(key, text)}`,
      hint: hintFor(text),
    });
}

function shown(key: OptionKey, text: string): string {
  if (text === "") return "empty";
  if (SECRETS.has(key)) return "what it is (not shown)";
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function hintFor(text: string): string {
  const [, comment] = /\s([#;].*)$/.exec(text) ?? [];
  return comment === undefined
    ? "Correct this line."
    : `Comments stand on lines of their own: here ${comment[0]} and what follows belong to the value.`;
}

function leave(conf: Conf, key: OptionKey, { sections }: Ini): void {
  const spec: OptionSpec<unknown> = OPTIONS[key];
  const line = sections.get(spec.section) ?? null;
  if ("fallback" in spec) Object.assign(conf.values, { [key]: spec.fallback });
  else if (line !== null) conf.problems.push(missing(line, spec.name, spec.section));
  else if (!conf.problems.some(({ message }) => message === missingSection(spec.section))) {
    const similar = [...sections.keys()].find((name) => sameName(name, spec.section));
    const hint = similar
      ? `[${similar}] is another section: write it as [${spec.section}].`
      : `Add [${spec.section}] with its options; docs/migration.md lists them.`;
    conf.problems.push({ line: null, message: missingSection(spec.section), hint });
  }
}

function missingSection(section: string): string {
  return `there is no section [${section}]`;
}

function missing(line: number, name: string, section: string): ConfProblem {
  const hint =
    name === "enabled"
      ? "Write enabled: True for mails about errors, enabled: False for none."
      : `Add a line ${name}: …`;
  return { line, message: `${name} is missing from [${section}]`, hint };
}

/** These are read only when mails are wanted. An empty value keeps mails away, as it did; none at all was an error. */
function missingForMails({ values, lines }: Conf): ConfProblem[] {
  const needed = ["emailsServer", "emailsFrom", "emailsTo", "emailsSubject"] as const;
  if (!values.emailsEnabled) return [];
  return needed
    .filter((key) => lines[key] === undefined)
    .map((key) => missing(lines.emailsEnabled!, OPTIONS[key].name, "emails"));
}

function isUnused({ section, name }: IniOption): boolean {
  if (section === EXTRAS_SECTION || section === "DEFAULT") return false;
  return !Object.values(OPTIONS).some((spec) => spec.section === section && sameName(spec.name, name));
}

function describeUnused({ section, name, line }: IniOption): UnusedOption {
  const names = Object.values(OPTIONS)
    .filter((spec) => spec.section === section)
    .map((spec) => spec.name);
  return { section, name, line, similar: closest(name, names) };
}
