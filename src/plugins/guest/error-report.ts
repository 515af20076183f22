/** Whatever a plugin throws, in a form that can leave its thread. Nothing thrown, however odd, makes this throw. */
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { CallbackFailure, ErrorReport } from "../../daemon/host.ts";
import { redactor } from "../../redact.ts";
import { sourceLines } from "./source-lines.ts";

const LONGEST_MESSAGE = 10_000;
const LONGEST_STACK = 50_000;
const LONGEST_FINGERPRINT = 200;
const DEEPEST_CAUSE = 5;
/** The longest a Node.js timer can wait. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Frames of Callsheet's own guest and of Node's module loader, which tell a plugin's author nothing. */
const guestFrames = new URL(".", import.meta.url).href;

/** A shorter secret is a placeholder, and would tear words apart. */
const SHORTEST_SECRET = 8;
const SECRET_NAME = /key|passw|secret|token|credential|auth(?!or(?!i))/i;
let clean = redactor(secretsIn(process.env));

let pluginPath: string | null = null;

/** Reports show lines of this file from now on. */
export function showInReports(path: string): void {
  pluginPath = path;
}

/** Of anything that leaves the thread for people to read. */
export function withoutSecrets(text: string): string {
  return clean(text);
}

/** The keys that a plugin registered stand in no report from now on; nor do values of the environment whose names sound secret. */
export function hideInReports(keys: readonly string[]): void {
  clean = redactor([...secretsIn(process.env), ...keys.filter((key) => key.length >= SHORTEST_SECRET)]);
}

function secretsIn(environment: NodeJS.ProcessEnv): string[] {
  return Object.entries(environment).flatMap(([name, value = ""]) =>
    SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET ? [value] : [],
  );
}

export function reportError(thrown: unknown): ErrorReport {
  return clean(reportOf(thrown));
}

function reportOf(thrown: unknown): ErrorReport {
  if (!isErrorLike(thrown)) {
    const message = cut(typeof thrown === "string" ? thrown : show(thrown), LONGEST_MESSAGE);
    return {
      name: "Error",
      message: typeof thrown === "string" ? message : `${message} was thrown`,
      stack: null,
    };
  }
  const stack = stackOf(thrown, DEEPEST_CAUSE);
  const source = stack === null || pluginPath === null ? null : sourceLines(pluginPath, stack);
  return {
    name: cut(text(thrown, "name") ?? "Error", 200),
    message: cut(text(thrown, "message") ?? "", LONGEST_MESSAGE),
    stack: stack === null ? null : cut(stack, LONGEST_STACK),
    ...fingerprintOf(thrown),
    ...(source && { source }),
  };
}

function fingerprintOf(error: object): { fingerprint?: string } {
  const given = text(error, "fingerprint")?.trim();
  return given ? { fingerprint: cut(given, LONGEST_FINGERPRINT) } : {};
}

/** What the thrown value asks for. By name and shape, since a plugin may have got the class from another copy of Callsheet. */
export function instructionIn(thrown: unknown): CallbackFailure["instruction"] {
  if (!isErrorLike(thrown)) return { kind: "none" };
  switch (text(thrown, "name")) {
    case "SkipEvent":
      return { kind: "skip" };
    case "StopPlugin":
      return { kind: "stop" };
    case "RetryAfter": {
      const delay = read(thrown, "delay");
      if (typeof delay !== "number") return { kind: "none" };
      return { kind: "retry", delayMs: Math.min(LONGEST_DELAY_MS, Math.max(0, delay || 0)) };
    }
    default:
      return { kind: "none" };
  }
}

/** `TypeError: x is not a function`, for the middle of a sentence. */
export function inWords({ name, message }: ErrorReport): string {
  return message === "" ? name : `${name}: ${message}`;
}

function isErrorLike(value: unknown): value is object {
  try {
    return value instanceof Error || (typeof value === "object" && value !== null && "stack" in value);
  } catch {
    return false;
  }
}

function stackOf(error: object, depth: number): string | null {
  const stack = text(error, "stack");
  if (stack === null) return null;
  const own = readable(stack);
  const inner = [...causes(error)];
  if (depth === 0 || inner.length === 0) return own;
  const told = inner.map((cause) => {
    if (!isErrorLike(cause)) return `Caused by: ${show(cause)}`;
    return `Caused by: ${stackOf(cause, depth - 1) ?? inWords(reportError(cause))}`;
  });
  return [own, ...told].join("\n");
}

function causes(error: object): unknown[] {
  const cause = read(error, "cause");
  const errors = read(error, "errors");
  const several = Array.isArray(errors) ? errors.slice(0, 3) : [];
  return cause === undefined ? several : [cause, ...several];
}

/** Without our own frames, and with paths instead of URLs. */
function readable(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => !/^\s*at /.test(line) || !isNoise(line))
    .map((line) => line.replace(/file:\/\/[^\s()]+?(?=:\d+)/, pathOf))
    .join("\n");
}

function isNoise(frame: string): boolean {
  return (
    frame.includes(guestFrames) ||
    frame.includes("data:text/javascript") ||
    frame.includes("node:internal/modules/") ||
    // what a tracer puts between us and the callback
    frame.includes("node:internal/async_local_storage/") ||
    frame.includes("/node_modules/@opentelemetry/")
  );
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

function text(error: object, key: string): string | null {
  const value = read(error, key);
  return typeof value === "string" ? value : null;
}

/** A property, whatever its getter does. */
function read(error: object, key: string): unknown {
  try {
    return (error as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function show(value: unknown): string {
  try {
    return inspect(value, { depth: 2, breakLength: Number.POSITIVE_INFINITY });
  } catch {
    return `a ${typeof value} that cannot be shown`;
  }
}

function cut(long: string, most: number): string {
  return long.length <= most ? long : `${long.slice(0, most)}… (${long.length - most} more characters)`;
}
