/** The kinds of value that a configuration has: durations, sizes, texts, secrets; and what each says when it is refused. */
import { z } from "zod";
import { durationMs } from "./duration.ts";

const SIZES = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;
/** The longest a Node.js timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function sizeBytes(value: number | string): number {
  if (typeof value === "number") return value >= 0 ? value : Number.NaN;
  const match = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB|TB)$/.exec(value.trim());
  return match ? Number(match[1]) * SIZES[match[2] as keyof typeof SIZES] : Number.NaN;
}

/** A text of at least one character, without NULs. `must` says what it has to be. */
export function text(must: string) {
  const isText = (value: string) => value !== "" && !value.includes("\0");
  return z.string({ error: must }).refine(isText, { error: must });
}

/** A text of at least one character. */
function filled(must: string) {
  return z.string({ error: must }).refine((value) => value !== "", { error: must });
}

/** A list of at least one. The library's own check of a length looks at whatever has one, lists or not. */
export function listOf<T extends z.ZodType>(kind: T, must: string, empty = must) {
  return z.array(kind, { error: must }).refine((list) => list.length > 0, { error: empty });
}

/** A text without line breaks. */
export function line(must: string) {
  return text(must).refine((value) => !/[\r\n]/.test(value), { error: must });
}

export const yesOrNo = z.boolean({ error: "must be true or false" });

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
export const wait = amount(DURATION, durationMs, {
  least: 0,
  most: LONGEST_TIMER_MS,
  says: "at most 24 days",
});
/** A pause in something that goes on for ever; without a least value it would be a busy loop. */
export const interval = amount(DURATION, durationMs, {
  least: 10,
  most: LONGEST_TIMER_MS,
  says: 'from "10ms" to 24 days',
});
export const age = amount(DURATION, durationMs, { least: 0, most: Number.MAX_SAFE_INTEGER, says: "shorter" });
export const diskSize = amount(SIZE, sizeBytes, {
  least: 1e6,
  most: Number.MAX_SAFE_INTEGER,
  says: 'at least "1MB"',
});
export const memorySize = amount(SIZE, sizeBytes, { least: 32e6, most: 1e12, says: 'from "32MB" to "1TB"' });

/** A duration between two limits. */
export function span(limits: { least: number; most: number; says: string }) {
  return amount(DURATION, durationMs, limits);
}

const SECRET = 'must be a text or { env: "NAME_OF_A_VARIABLE" }';

/** A secret: the text itself, or `{ env: "NAME" }`, read from the environment when the file is loaded. */
export const secret = z.union([filled(SECRET), z.strictObject({ env: filled(SECRET) })], { error: SECRET });

export function choice<const T extends readonly string[]>(names: T) {
  return z.enum(names, { error: `must be one of ${names.map((name) => `"${name}"`).join(", ")}` });
}

export function section<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? "must be an object" : undefined),
  });
}

export function wholeNumber(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}
