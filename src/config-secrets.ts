/** Secrets of a configuration that stand in the environment: `{ env: "NAME" }`. */
import { secretsInUrl } from "./config-cluster.ts";
import type { Config } from "./config-file.ts";
import { keyName } from "./config-problems.ts";

/** No configuration is deeper; a value that holds itself ends here. */
const DEEPEST = 8;

type Environment = Readonly<Record<string, string | undefined>>;

/** The same configuration with each `{ env }` replaced by its text. */
export type Resolved<T> = T extends { env: string }
  ? string
  : T extends readonly (infer Item)[]
    ? Resolved<Item>[]
    : T extends object
      ? { [Key in keyof T]: Resolved<T[Key]> }
      : T;

/** One sentence for each variable that is named and is not set, or empty. The input need not be valid. */
export function missingSecrets(input: unknown, env: Environment, path: PropertyKey[] = []): string[] {
  const name = variableName(input);
  if (name === "" || path.length > DEEPEST) return [];
  if (name !== null) {
    if (variable(name, env)) return [];
    return [`${keyName(path)} is taken from the environment variable ${name}, which is not set.`];
  }
  return childrenOf(input).flatMap(([key, value]) => missingSecrets(value, env, [...path, key]));
}

/** To be called when `missingSecrets` finds none. */
export function resolveSecrets<T>(value: T, env: Environment): Resolved<T> {
  const name = variableName(value);
  if (name !== null) return variable(name, env) as Resolved<T>;
  if (Array.isArray(value)) return value.map((item) => resolveSecrets(item, env)) as Resolved<T>;
  if (typeof value !== "object" || value === null) return value as Resolved<T>;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveSecrets(item, env)]),
  ) as Resolved<T>;
}

/** null: no such object. */
function variableName(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Object.keys(value).join() !== "env") return null;
  const { env } = value as { env: unknown };
  return typeof env === "string" ? env : null;
}

function childrenOf(value: unknown): [PropertyKey, unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function variable(name: string, env: Environment): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

/** Every text of a configuration that must not be shown. */
export function secretsOf({ site, alerts, server, cluster }: Config): string[] {
  const webhooks = alerts.webhooks.flatMap(({ url, token = "" }) => [url, token]);
  const secrets = [
    site.scriptKey,
    proxyPassword(site.httpProxy),
    alerts.mail?.password ?? "",
    server.token ?? "",
    server.webhookSecret ?? "",
    ...alerts.slack,
    ...(cluster ? secretsInUrl(cluster.url) : []),
  ];
  return [...secrets, ...webhooks].filter((secret) => secret !== "");
}

function proxyPassword(proxy = ""): string {
  const login = proxy.slice(0, Math.max(0, proxy.lastIndexOf("@")));
  return login
    .replace(/^\w+:\/\//, "")
    .split(":")
    .slice(1)
    .join(":");
}
