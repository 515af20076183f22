/** Every option of `callsheet.config.*` and its default. `docs/configuration.md` describes the same list. */
import { z } from "zod";
import { alertsSection } from "./config-alerts.ts";
import { clusterSection } from "./config-cluster.ts";
import {
  age,
  choice,
  diskSize,
  interval,
  line,
  listOf,
  memorySize,
  secret,
  section,
  text,
  wait,
  wholeNumber,
  yesOrNo,
} from "./config-kinds.ts";
import { pythonSection } from "./config-python.ts";
import { serverSection } from "./config-server.ts";
import { durationMs } from "./duration.ts";

export { durationMs };

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
  plugins: listOf(
    text("must be the path of a folder"),
    'must be a list of folders such as ["./plugins"]',
    'must name at least one folder, such as ["./plugins"]',
  ).default(["./plugins"]),
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
  /** Requests to the site at once while there is more than one page to fetch, 1-16. 1: one page after another. */
  parallelFetches: wholeNumber(1, 16).default(4),
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
  useSessionUuid: yesOrNo.default(true),
  /** A file for the daemon's process id, for tools that look there; nothing relies on it. Default: none. */
  pidFile: text("must be the path of a file").optional(),
  /** How Python plugins are run. */
  python: pythonSection.prefault({}),
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
    /** Name of the main log file, in `dir`, or its path; for the Python daemon's format as it is, else without its ending. */
    file: line("must be the name or path of a file").default("callsheet"),
    /** "one": the main file. "plugin": also a file for each plugin. */
    files: choice(["one", "plugin"]).default("one"),
    /** "auto": pretty on a terminal, JSON lines elsewhere. "python": the Python daemon's lines, names and files. */
    format: choice(["auto", "pretty", "json", "python"]).default("auto"),
    /** Also a file beside the main one with a line for each call of a callback; needs `dir`. */
    timing: yesOrNo.default(false),
  }).prefault({}),
  /** Who is told when something breaks, and when. */
  alerts: alertsSection.prefault({}),
  /** The control API, the page, metrics and the webhook doorbell. */
  server: serverSection.prefault({}),
  /** Daemons on several machines that share the work. Default: none, one daemon with a state folder of its own. */
  cluster: clusterSection.optional(),
});

/** What a configuration file may contain. */
export type ConfigInput = z.input<typeof configSchema>;
/** A loaded configuration: defaults filled in, durations in milliseconds, sizes in bytes. */
export type ParsedConfig = z.output<typeof configSchema>;

/** For type checking and completion in `callsheet.config.ts`; returns what it is given. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
