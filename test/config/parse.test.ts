import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConfigInput, configSchema } from "../../src/config.ts";
import { type Config, parseConfig } from "../../src/config-file.ts";
import { shapeOf } from "../../src/config-problems.ts";
import { CallsheetError } from "../../src/errors.ts";

const FILE = "/studio/callsheet.config.ts";
const SITE = { url: "https://studio.example.com", scriptName: "daemon", scriptKey: "k3y-of-the-script" };

function parse(input: unknown, env: Record<string, string | undefined> = {}): Config | CallsheetError {
  try {
    return parseConfig(input, FILE, env);
  } catch (error) {
    if (error instanceof CallsheetError) return error;
    throw error;
  }
}

function problemsOf(input: unknown, env: Record<string, string | undefined> = {}): string {
  const error = parse(input, env);
  expect(error).toBeInstanceOf(CallsheetError);
  return (error as CallsheetError).message;
}

test("defaults are filled in, durations become milliseconds, sizes bytes, paths absolute", () => {
  const input: ConfigInput = {
    site: { ...SITE, caCerts: "certs/studio.pem", timeout: "1.5m" },
    plugins: ["plugins", "/shared/plugins"],
    retention: { maxAge: "2d" },
    memoryLimit: "64MB",
    log: { dir: "logs" },
    python: { interpreter: "venv/bin/python", path: ["lib"] },
  };
  expect(parse(input)).toEqual({
    file: FILE,
    site: { ...SITE, caCerts: "/studio/certs/studio.pem", timeout: 90_000 },
    plugins: ["/studio/plugins", "/shared/plugins"],
    state: "/studio/state",
    start: "latest",
    order: "independent",
    fetchInterval: 1000,
    batchSize: 500,
    parallelFetches: 4,
    gapTimeout: 300_000,
    shutdownTimeout: 10_000,
    reloadInterval: 1000,
    loadTimeout: 60_000,
    memoryLimit: 64e6,
    useSessionUuid: true,
    python: {
      interpreter: "/studio/venv/bin/python",
      path: ["/studio/lib"],
      group: "plugin",
      plugins: {},
      folders: {},
    },
    retention: { maxAge: 2 * 86_400_000, maxSize: 10e9 },
    log: {
      level: "info",
      dir: "/studio/logs",
      file: "callsheet",
      files: "one",
      format: "auto",
      timing: false,
    },
    remarks: [],
    server: { enabled: true, host: "127.0.0.1", names: [] },
    alerts: {
      enabled: true,
      slack: [],
      webhooks: [],
      gather: 3000,
      digests: [600_000, 3_600_000, 86_400_000],
      mostAnHour: 20,
      lagLimit: 900_000,
      siteAwayAfter: 300_000,
      restartLimit: 5,
      pluginErrors: true,
      diskFreeLimit: 1e9,
    },
  });
});

test("a secret is taken from the environment", () => {
  const input = { site: { ...SITE, scriptKey: { env: "FPT_KEY" } } };
  expect(parse(input, { FPT_KEY: "from-there" })).toMatchObject({ site: { scriptKey: "from-there" } });
});

test.each([[{}], [{ FPT_KEY: "" }], [{ FPT_KEY: undefined }]])("an unset variable is named: %j", (env) => {
  const error = parse({ site: { ...SITE, scriptKey: { env: "FPT_KEY" } } }, env) as CallsheetError;
  expect(error.code).toBe("CONFIG_SECRET_MISSING");
  expect(error.message).toContain("site.scriptKey");
  expect(error.message).toContain("FPT_KEY");
});

test("a variable named like something every object has is not set", () => {
  const input = { site: { ...SITE, scriptKey: { env: "constructor" } } };
  expect(parse(input)).toMatchObject({ code: "CONFIG_SECRET_MISSING" });
});

test("every problem is listed at once, one a line", () => {
  const error = parse({
    site: { url: "studio.example.com", scriptNam: "daemon", scriptKey: { env: "NOT_SET" } },
    fetchInterval: "5 seconds",
    plugins: [3],
    colour: true,
  }) as CallsheetError;
  expect(error.code).toBe("CONFIG_INVALID");
  const [head, ...lines] = error.message.split("\n  ");
  expect(head).toBe(`${FILE} has 7 problems:`);
  expect(lines).toEqual([
    expect.stringMatching(/^site\.url must be the address of your site.*, not "studio\.example\.com"\.$/),
    expect.stringMatching(/^site\.scriptName is missing; it must be the name of a script/),
    "site.scriptNam is not a key of the configuration. Did you mean site.scriptName?",
    "plugins[0] must be the path of a folder, not 3.",
    expect.stringMatching(/^fetchInterval must be a duration such as "500ms".*, not "5 seconds"\.$/),
    expect.stringMatching(/^colour is not a key of the configuration\. Known keys there: site, plugins, /),
    expect.stringContaining("NOT_SET"),
  ]);
});

describe("one wrong value", () => {
  test.each<[string, unknown, string]>([
    ["the whole", undefined, "the configuration must be an object, not undefined."],
    ["the whole", [SITE], "the configuration must be an object, not a list."],
    ["site", {}, "site is missing; it must be an object."],
    ["log.level", { site: SITE, log: { level: "verbose" } }, 'must be one of "debug", "info", "warn"'],
    ["log", { site: SITE, log: "debug" }, 'log must be an object, not "debug".'],
    ["log.files", { site: SITE, log: { fiels: "one" } }, "Did you mean log.files?"],
    // its own check of a length once met it, and threw
    [
      "plugins",
      { site: SITE, plugins: { length: Object.create(null) } },
      "plugins must be a list of folders",
    ],
    [
      "alerts.digests",
      { site: SITE, alerts: { digests: { length: Object.create(null) } } },
      "must be a list of durations",
    ],
    [
      "parallelFetches",
      { site: SITE, parallelFetches: 0 },
      "parallelFetches must be a whole number from 1 to 16, not 0.",
    ],
    ["batchSize", { site: SITE, batchSize: 501 }, "batchSize must be a whole number from 1 to 500, not 501."],
    [
      "plugins",
      { site: SITE, plugins: [] },
      'plugins must name at least one folder, such as ["./plugins"], not an empty list.',
    ],
    [
      "fetchInterval",
      { site: SITE, fetchInterval: 0 },
      'fetchInterval must be from "10ms" to 24 days, not 0.',
    ],
    ["gapTimeout", { site: SITE, gapTimeout: "30d" }, 'gapTimeout must be at most 24 days, not "30d".'],
    [
      "memoryLimit",
      { site: SITE, memoryLimit: "1MB" },
      'memoryLimit must be from "32MB" to "1TB", not "1MB".',
    ],
    [
      "start",
      { site: SITE, start: "yesterday" },
      'start must be "latest", "earliest", an event id, or a date',
    ],
    ["state", { site: SITE, state: "a\0b" }, "state must be the path of a folder"],
  ])("%s", (_key, input, sentence) => {
    expect(problemsOf(input)).toContain(sentence);
  });
});

test("no secret is ever shown", () => {
  const secret = "hunter2-hunter2";
  const inputs = [
    { site: { ...SITE, scriptKey: secret }, fetchInterval: "x" },
    { site: { ...SITE, scriptKey: [secret] } },
    { site: { ...SITE, scriptKey: { env: "", key: secret } } },
    { site: [{ scriptKey: secret }] },
    { site: secret },
    { site: { ...SITE, url: `https://me:${secret}@studio.example.com` } },
    { site: { ...SITE, httpProxy: `${secret}\0` } },
    secret,
  ];
  for (const input of inputs) expect(problemsOf(input)).not.toContain("hunter2");
});

/** Values near what the schema takes, and far from it. */
const anyValue = fc.oneof(
  fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withSparseArray: true }),
  fc.constantFrom(
    "1s",
    "5m",
    "10GB",
    "latest",
    "one",
    "auto",
    "strict",
    "\0",
    "1e999d",
    0,
    -1,
    1e300,
    Number.NaN,
  ),
);

function anyLike(schema: unknown): fc.Arbitrary<unknown> {
  const shape = shapeOf(schema);
  if (!shape) return anyValue;
  const keys = Object.entries(shape).map(([key, inner]) => [key, anyLike(inner)] as const);
  return fc.oneof(
    { weight: 9, arbitrary: fc.record(Object.fromEntries(keys), { requiredKeys: [] }) },
    anyValue,
  );
}

test("whatever a file holds, the answer is a configuration or one clear error", () => {
  fc.assert(
    fc.property(anyLike(configSchema), fc.dictionary(fc.string(), fc.string()), (input, env) => {
      const answer = parse(input, env);
      if (!(answer instanceof CallsheetError)) {
        expect(answer.site.url).toMatch(/^https?:\/\//);
        return;
      }
      expect(["CONFIG_INVALID", "CONFIG_SECRET_MISSING"]).toContain(answer.code);
      expect(answer.message).toContain(FILE);
      expect(answer.hint).toBeTruthy();
    }),
    { numRuns: 2000 },
  );
});

const validDuration = fc.oneof(
  fc.integer({ min: 10, max: 2 ** 31 - 1 }),
  fc.tuple(fc.integer({ min: 1, max: 400 }), fc.constantFrom("s", "m", "h")).map(([n, unit]) => n + unit),
);
const validConfig = fc.record(
  {
    site: fc.record({
      url: fc.webUrl(),
      scriptName: fc.constant("daemon"),
      scriptKey: fc.string({ minLength: 1 }),
    }),
    plugins: fc.array(fc.constantFrom("a", "./b", "/c d"), { minLength: 1 }),
    start: fc.oneof(fc.constantFrom("latest", "earliest", "2026-11-01"), fc.nat()),
    fetchInterval: validDuration,
    gapTimeout: validDuration,
    batchSize: fc.integer({ min: 1, max: 500 }),
    parallelFetches: fc.integer({ min: 1, max: 16 }),
    order: fc.constantFrom("strict", "independent"),
    useSessionUuid: fc.boolean(),
  },
  { requiredKeys: ["site"] },
);

test("every valid configuration is taken, and loading what was loaded changes nothing", () => {
  fc.assert(
    fc.property(validConfig, (input) => {
      const config = parse(input);
      expect(config).not.toBeInstanceOf(CallsheetError);
      const { file: _file, remarks: _remarks, ...again } = config as Config;
      expect(parse(again)).toEqual(config);
    }),
  );
});
