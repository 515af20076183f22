import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configSchema, durationMs } from "../../src/config.ts";
import { parseConfig } from "../../src/config-file.ts";
import { shapeOf } from "../../src/config-problems.ts";
import { ROOT } from "./sources.ts";

const page = readFileSync(join(ROOT, "docs/configuration.md"), "utf8");

interface Row {
  key: string;
  fallback: string;
  example: string;
}

const rows: Row[] = page.split("\n").flatMap((line) => {
  const cells = /^\| `([\w.]+)` \| (.+?) \| .+ \| `(.+)` \|$/.exec(line);
  return cells ? [{ key: cells[1]!, fallback: cells[2]!, example: cells[3]! }] : [];
});

function keysOf(schema: unknown, prefix = ""): string[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([key, inner]) =>
    shapeOf(inner) && !isList(inner) ? keysOf(inner, `${prefix}${key}.`) : [prefix + key],
  );
}

/** What a list's items may be stands in the list's own line. */
function isList(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null || "shape" in schema) return false;
  return "element" in schema || ("unwrap" in schema && isList((schema as { unwrap(): unknown }).unwrap()));
}

/** The literal a cell shows: `"5m"`, `{ env: "NAME" }`. */
function literal(text: string): unknown {
  return new Function(`return (${text});`)();
}

const SITE = { url: "https://s.example.com", scriptName: "s", scriptKey: "k" };

const MAIL = { server: "mail", from: "a@example.com", to: ["b@example.com"], username: "u", password: "p" };

/** The least configuration that may have this key, with that value. */
function withKey(key: string, value: unknown): unknown {
  const config: Record<string, unknown> = { site: { ...SITE } };
  const path = key.split(".");
  let part = config;
  for (const name of path.slice(0, -1)) {
    part[name] ??= name === "mail" ? { ...MAIL } : name === "cluster" ? { url: "postgres://db/x" } : {};
    part = part[name] as Record<string, unknown>;
  }
  part[path.at(-1)!] = value;
  return config;
}

function read(config: unknown, key: string): unknown {
  return key.split(".").reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], config);
}

const ENV = {
  FPT_SCRIPT_KEY: "k",
  MAIL_PASSWORD: "p",
  CALLSHEET_TOKEN: "t".repeat(16),
  FPT_WEBHOOK_SECRET: "w",
  CALLSHEET_DATABASE: "postgres://u:p@db/x",
};

test("the page has the schema's keys, each once", () => {
  expect(rows.map(({ key }) => key).sort()).toEqual(keysOf(configSchema).sort());
});

test.each(rows)("$key: its example is taken", ({ key, example }) => {
  const config = parseConfig(withKey(key, literal(example)), "/s/callsheet.config.ts", ENV);
  expect(read(config, key)).toBeDefined();
});

test.each(rows.filter(({ fallback }) => fallback.startsWith("`")))(
  "$key: its default is the schema's",
  ({ key, fallback }) => {
    const stated = parseConfig(withKey(key, literal(fallback.slice(1, -1))), "/s/callsheet.config.ts", ENV);
    const left = parseConfig(withKey(key, undefined), "/s/callsheet.config.ts", ENV);
    expect(read(left, key)).toEqual(read(stated, key));
  },
);

test.each(rows.filter(({ fallback }) => !fallback.startsWith("`")))(
  "$key has no default of its own",
  ({ key, fallback }) => {
    const { shape } = configSchema;
    const schema = key.split(".").reduce<unknown>((inner, part) => shapeOf(inner)?.[part], { shape });
    const isOptional = (schema as { safeParse(value: unknown): { success: boolean } }).safeParse(
      undefined,
    ).success;
    expect(isOptional).toBe(fallback !== "required");
  },
);

test("durations are what the page says they are", () => {
  expect(["500ms", "1.5s", "5m", "2h", "14d"].map(durationMs)).toEqual([
    500,
    1500,
    300_000,
    7_200_000,
    14 * 86_400_000,
  ]);
});
