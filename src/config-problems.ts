/** Says what is wrong with a configuration: one line for each problem, with the key, what it must be and what it is. */
import type { z } from "zod";
import { closest } from "./closest.ts";
import { configSchema } from "./config.ts";

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Keys whose value is never shown. */
const SECRET_KEYS = [
  "site.scriptKey",
  "site.httpProxy",
  "alerts.mail.password",
  "server.token",
  "server.webhookSecret",
  "cluster.url",
  "alerts.slack",
  "alerts.webhooks",
];

/**
 * What a person calls a key where it is written under another name, and where that is: `/etc/x.conf:12: server`. Keys are those
 * of the schema (`site.url`); one stands for all below it.
 */
export type WrittenKeys = ReadonlyMap<string, string>;

/** One line for each problem, in the order of the schema's keys. */
export function describeIssues(
  issues: readonly Issue[],
  input: unknown,
  written: WrittenKeys = new Map(),
): string[] {
  return issues.flatMap((issue) => describeIssue(issue, input, written));
}

function describeIssue(issue: Issue, input: unknown, written: WrittenKeys): string[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => describeUnknownKey([...issue.path, key], issue.path, written));
  const value = valueAt(input, issue.path);
  const key = keyName(issue.path);
  const must = issue.message;
  const name = nameAsWritten(issue.path, written);
  if (value === undefined && issue.path.length > 0) return [`${name} is missing; it ${must}.`];
  return [`${name || "the configuration"} ${must}, not ${received(value, key)}.`];
}

function nameAsWritten(path: Path, written: WrittenKeys): string {
  for (let length = path.length; length > 0; length -= 1) {
    const name = written.get(keyName(path.slice(0, length)));
    if (name !== undefined) return name;
  }
  return keyName(path);
}

function describeUnknownKey(path: Path, parent: Path, written: WrittenKeys): string {
  const known = knownKeys(parent);
  const similar = closest(String(path.at(-1)), known);
  const advice = similar
    ? `Did you mean ${keyName([...parent, similar])}?`
    : `Known keys there: ${known.join(", ")}.`;
  return `${nameAsWritten(path, written)} is not a key of the configuration. ${advice}`;
}

/** The schema's own keys below `path`. */
function knownKeys(path: Path): string[] {
  let schema: unknown = configSchema;
  for (const key of path)
    if (typeof key !== "number") schema = shapeOf(schema)?.[String(key)] ?? mappedBy(schema);
  return Object.keys(shapeOf(schema) ?? {});
}

/** The keys of a section, also through its default, or of a list's items; null for anything else. */
export function shapeOf(schema: unknown): Record<string, unknown> | null {
  if (typeof schema !== "object" || schema === null) return null;
  if ("shape" in schema) return schema.shape as Record<string, unknown>;
  if ("unwrap" in schema && typeof schema.unwrap === "function") return shapeOf(schema.unwrap());
  return null;
}

/** What each value of a map is. */
function mappedBy(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return null;
  if ("valueType" in schema) return schema.valueType;
  return "unwrap" in schema && typeof schema.unwrap === "function" ? mappedBy(schema.unwrap()) : null;
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

/** `site.url`, `plugins[1]`. */
export function keyName(path: Path): string {
  return path.reduce<string>(
    (name, key) =>
      typeof key === "number" ? `${name}[${key}]` : name ? `${name}.${String(key)}` : String(key),
    "",
  );
}

/** The value as a person wrote it. Of objects and lists only the kind is told: a secret may stand inside. */
function received(value: unknown, key: string): string {
  if (value === null) return "null";
  if (value === "") return "an empty text";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "function") return "a function";
  if (SECRET_KEYS.some((secret) => key === secret || key.startsWith(`${secret}[`)))
    return `what it is (a ${typeof value}, not shown)`;
  if (typeof value !== "string") return String(value);
  if (["", "site", "cluster"].includes(key)) return "a text";
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value).replace(
    /\/\/[^/@]*@/,
    "//***@",
  );
}
