/** Every option of `callsheet.config.*` and its default. `docs/configuration.md` describes the same list. */
import { z } from "zod";
import { durationMs } from "./duration.ts";

export { durationMs };

const SIZES = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;
/** The longest a Node.js timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function sizeBytes(value: number | string): number {
  if (typeof value === "number") return value >= 0 ? value : Number.NaN;
  const match = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB|TB)$/.exec(value.trim());
  return match ? Number(match[1]) * SIZES[match[2] as keyof typeof SIZES] : Number.NaN;
}

/** A text of at least one character, without NULs. `must` says what it has to be. */
function text(must: string) {
  const isText = (value: string) => value !== "" && !value.includes("\0");
  return z.string({ error: must }).refine(isText, { error: must });
}

function amount(
  kind: string,
  read: (value: number | string) => number,
  limits: { least: number; most: number; says: string },
) {
  const must = `must be ${kind}`;
  return z.union([z.number(), z.string()], { error: must }).transform((value, context) => {
    const amount = read(value);
    if (!Number.isFinite(amount)) context.addIssue(must);
    else if (amount < limits.least || amount > limits.most) context.addIssue(`must be ${limits.says}`);
    return amount;
  });
}

const DURATION = 'a duration such as "500ms", "1s" or "5m" (a number counts milliseconds)';
const SIZE = 'a size such as "500MB" or "10GB" (a number counts bytes)';

/** A duration that something is waited for. */
const wait = amount(DURATION, durationMs, { least: 0, most: LONGEST_TIMER_MS, says: "at most 24 days" });
/** A pause in something that goes on for ever; without a least value it would be a busy loop. */
const interval = amount(DURATION, durationMs, {
  least: 10,
  most: LONGEST_TIMER_MS,
  says: 'from "10ms" to 24 days',
});
const age = amount(DURATION, durationMs, { least: 0, most: Number.MAX_SAFE_INTEGER, says: "shorter" });
const diskSize = amount(SIZE, sizeBytes, {
  least: 1e6,
  most: Number.MAX_SAFE_INTEGER,
  says: 'at least "1MB"',
});
const memorySize = amount(SIZE, sizeBytes, { least: 32e6, most: 1e12, says: 'from "32MB" to "1TB"' });

/** A secret: the text itself, or `{ env: "NAME" }`, read from the environment when the file is loaded. */
const secret = z.union([z.string().min(1), z.strictObject({ env: z.string().min(1) })], {
  error: 'must be a text or { env: "NAME_OF_A_VARIABLE" }',
});

function choice<const T extends readonly string[]>(names: T) {
  return z.enum(names, { error: `must be one of ${names.map((name) => `"${name}"`).join(", ")}` });
}

function section<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? "must be an object" : undefined),
  });
}

function isSiteUrl(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    !url.username &&
    !url.password &&
    !url.search &&
    !url.hash
  );
}

const SITE_URL = "must be the address of your site, such as https://studio.shotgrid.autodesk.com";

export const configSchema = section({
  site: section({
    /** For example `https://studio.shotgrid.autodesk.com`. */
    url: text(SITE_URL)
      .refine(isSiteUrl, { error: SITE_URL })
      .transform((url) => url.replace(/\/+$/, "")),
    scriptName: text("must be the name of a script user on the site (Admin menu, Scripts)"),
    scriptKey: secret,
    /** `[user:password@]host[:port]`. Default: none. */
    httpProxy: text("must be a proxy such as proxy.studio.lan:3128 or user:password@host:port").optional(),
    /** Path of a PEM file with certificate authorities. Default: Node's own list. */
    caCerts: text("must be the path of a PEM file").optional(),
    /** Longest wait for one reply. */
    timeout: interval.default(60_000),
  }),
  /** Plugin folders, in order; relative to the configuration file. */
  plugins: z
    .array(text("must be the path of a folder"), { error: 'must be a list of folders such as ["./plugins"]' })
    .min(1, { error: 'must name at least one folder, such as ["./plugins"]' })
    .default(["./plugins"]),
  /** State folder; relative to the configuration file. */
  state: text("must be the path of a folder").default("./state"),
  /** Where the very first start begins: "latest", "earliest", an event id, or a date such as "2026-11-01T08:00:00Z". */
  start: z
    .union([z.enum(["latest", "earliest"]), z.int().min(0), z.iso.datetime({ offset: true }), z.iso.date()], {
      error: 'must be "latest", "earliest", an event id, or a date such as "2026-11-01T08:00:00Z"',
    })
    .default("latest"),
  /** "independent": lanes never wait for one another. "strict": an event reaches a plugin after the plugins before it. */
  order: choice(["independent", "strict"]).default("independent"),
  /** Pause between two questions to the site when there was nothing more to fetch. */
  fetchInterval: interval.default(1000),
  /** Events asked for in one request, 1-500. */
  batchSize: wholeNumber(1, 500).default(500),
  /** How long missing ids are waited for before they count as never having happened. */
  gapTimeout: wait.default(300_000),
  /** How long a stop waits for callbacks in hand. */
  shutdownTimeout: wait.default(10_000),
  /** How often plugin files are looked at for changes. */
  reloadInterval: interval.default(1000),
  /** Longest time a plugin may take to load and register. */
  loadTimeout: interval.default(60_000),
  /** Memory one plugin's host may use. */
  memoryLimit: memorySize.default(512e6),
  /** Give `sg` the session_uuid of the event in hand, so that open browser pages show a plugin's changes at once. */
  useSessionUuid: z.boolean({ error: "must be true or false" }).default(true),
  python: section({
    /** What runs Python plugins: a name to be found on the PATH, or a path; 3.8 or newer. */
    interpreter: text('must be a Python such as "python3" or "/studio/venv/bin/python"').default("python3"),
    /** Folders that Python plugins may import from; relative to the configuration file. */
    path: z.array(text("must be the path of a folder"), { error: "must be a list of folders" }).default([]),
  }).prefault({}),
  /** Which events the journal keeps for replay and questions. */
  retention: section({
    /** Events older than this, that no plugin needs, go. */
    maxAge: age.default(14 * 86_400_000),
    /** Above this size the oldest events go. */
    maxSize: diskSize.default(10e9),
  }).prefault({}),
  log: section({
    /** Lines below this level are not written. */
    level: choice(["debug", "info", "warn", "error", "critical"]).default("info"),
    /** Folder for log files, relative to the configuration file. Default: none, log to the standard output only. */
    dir: text("must be the path of a folder").optional(),
    /** "one": callsheet.log. "plugin": also a file for each plugin. */
    files: choice(["one", "plugin"]).default("one"),
    /** "auto": pretty on a terminal, JSON lines elsewhere. */
    format: choice(["auto", "pretty", "json"]).default("auto"),
  }).prefault({}),
});

function wholeNumber(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** What a configuration file may contain. */
export type ConfigInput = z.input<typeof configSchema>;
/** A loaded configuration: defaults filled in, durations in milliseconds, sizes in bytes. */
export type ParsedConfig = z.output<typeof configSchema>;

/** For type checking and completion in `callsheet.config.ts`; returns what it is given. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
