/** Every option of `callsheet.config.*` and its default. `docs/configuration.md` describes the same list. */
import { z } from "zod";

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZES = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;

/** Milliseconds of a duration: a number of milliseconds, or "500ms", "1.5s", "5m", "2h", "14d"; NaN when it is neither. */
export function durationMs(value: number | string): number {
  if (typeof value === "number") return value >= 0 ? value : Number.NaN;
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(value.trim());
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : Number.NaN;
}

function sizeBytes(value: number | string): number {
  if (typeof value === "number") return value >= 0 ? value : Number.NaN;
  const match = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB|TB)$/.exec(value.trim());
  return match ? Number(match[1]) * SIZES[match[2] as keyof typeof SIZES] : Number.NaN;
}

const duration = z
  .union([z.number(), z.string()], {
    error: 'must be a duration such as "500ms", "1s", "5m" (or milliseconds)',
  })
  .transform((value, context) => {
    const ms = durationMs(value);
    if (Number.isNaN(ms))
      context.addIssue('must be a duration such as "500ms", "1s", "5m" (or milliseconds)');
    return ms;
  });

const size = z
  .union([z.number(), z.string()], { error: 'must be a size such as "500MB" or "10GB" (or bytes)' })
  .transform((value, context) => {
    const bytes = sizeBytes(value);
    if (Number.isNaN(bytes)) context.addIssue('must be a size such as "500MB" or "10GB" (or bytes)');
    return bytes;
  });

/** A secret: the text itself, or `{ env: "NAME" }`, read from the environment when the file is loaded. */
const secret = z.union([z.string().min(1), z.strictObject({ env: z.string().min(1) })], {
  error: 'must be a text or { env: "NAME_OF_A_VARIABLE" }',
});

export const configSchema = z.strictObject({
  site: z.strictObject({
    /** For example `https://studio.shotgrid.autodesk.com`. */
    url: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }),
    scriptName: z.string().min(1),
    scriptKey: secret,
    /** `[user:password@]host[:port]`. Default: none. */
    httpProxy: z.string().min(1).optional(),
    /** Path of a PEM file with certificate authorities. Default: Node's own list. */
    caCerts: z.string().min(1).optional(),
    /** Longest wait for one reply. */
    timeout: duration.default(60_000),
  }),
  /** Plugin folders, in order; relative to the configuration file. */
  plugins: z.array(z.string().min(1)).min(1).default(["./plugins"]),
  /** State folder; relative to the configuration file. */
  state: z.string().min(1).default("./state"),
  /** Where the very first start begins: "latest", "earliest", an event id, or a date such as "2026-11-01T08:00:00Z". */
  start: z
    .union([z.enum(["latest", "earliest"]), z.int().min(0), z.iso.datetime({ offset: true }), z.iso.date()], {
      error: '"latest", "earliest", an event id, or a date such as "2026-11-01T08:00:00Z"',
    })
    .default("latest"),
  /** "independent": lanes never wait for one another. "strict": an event reaches a plugin after the plugins before it. */
  order: z.enum(["independent", "strict"]).default("independent"),
  /** Pause between two questions to the site when there was nothing more to fetch. */
  fetchInterval: duration.default(1000),
  /** Events asked for in one request, 1-500. */
  batchSize: z.int().min(1).max(500).default(500),
  /** How long missing ids are waited for before they count as never having happened. */
  gapTimeout: duration.default(300_000),
  /** How long a stop waits for callbacks in hand. */
  shutdownTimeout: duration.default(10_000),
  /** How often plugin files are looked at for changes. */
  reloadInterval: duration.default(1000),
  /** Longest time a plugin may take to load and register. */
  loadTimeout: duration.default(60_000),
  /** Memory one plugin's host may use. */
  memoryLimit: size.default(512e6),
  /** Give `sg` the session_uuid of the event in hand, so that open browser pages show a plugin's changes at once. */
  useSessionUuid: z.boolean().default(true),
  /** Which events the journal keeps for replay and questions. */
  retention: z
    .strictObject({ maxAge: duration.default(14 * UNITS.d), maxSize: size.default(10e9) })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(["debug", "info", "warn", "error", "critical"]).default("info"),
      /** Folder for log files, relative to the configuration file. Default: none, log to the standard output only. */
      dir: z.string().min(1).optional(),
      /** "one": callsheet.log. "plugin": also a file for each plugin. */
      files: z.enum(["one", "plugin"]).default("one"),
      /** "auto": pretty on a terminal, JSON lines elsewhere. */
      format: z.enum(["auto", "pretty", "json"]).default("auto"),
    })
    .prefault({}),
});

/** What a configuration file may contain. */
export type ConfigInput = z.input<typeof configSchema>;
/** A loaded configuration: defaults filled in, durations in milliseconds, sizes in bytes. */
export type ParsedConfig = z.output<typeof configSchema>;

/** For type checking and completion in `callsheet.config.ts`; returns what it is given. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
