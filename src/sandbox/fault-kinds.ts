/** The kinds of fault that can be ordered, and what an order may say. The control endpoint reads the same shapes. */
import { z } from "zod";
import { CallsheetError } from "../errors.ts";
import type { SeenRequest } from "./server/requests.ts";

const ms = z.int().min(0).max(86_400_000);
/** Whether the site does what the request asked before the answer goes wrong. Default false. */
const applied = z.boolean().optional();

/** What goes wrong. Lengths of time are milliseconds. */
export const faultKind = z.discriminatedUnion("kind", [
  /** An HTTP error status with a short page; `retryAfter` (seconds) becomes the header. */
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(300).max(599),
    retryAfter: z.int().min(0).optional(),
    applied,
  }),
  /** The connection is reset: `request` = before the body is read (unless `match` needs it), `reply` = instead of the answer. */
  z.strictObject({ kind: z.literal("reset"), at: z.enum(["request", "reply"]).default("reply"), applied }),
  /** The request is read, then the connection is closed without a byte. */
  z.strictObject({ kind: z.literal("closed"), applied }),
  /** A right answer, `ms` late; with `chunkMs` its body comes in pieces of `chunkBytes`, so far apart. */
  z.strictObject({
    kind: z.literal("slow"),
    ms: ms.default(0),
    chunkMs: ms.optional(),
    chunkBytes: z.int().min(1).default(1024),
  }),
  /** A right answer of which only `bytes` of the body (default: half) come before the connection closes. */
  z.strictObject({ kind: z.literal("truncated"), bytes: z.int().min(0).optional() }),
  /** HTTP 200 and `application/json`, but the text stops in the middle. */
  z.strictObject({ kind: z.literal("wrong_json"), applied }),
  /** HTTP 200 that claims to be gzip and is not. */
  z.strictObject({ kind: z.literal("broken_gzip"), applied }),
  /** HTTP 200 with an HTML log-in page. */
  z.strictObject({ kind: z.literal("html"), applied }),
  /** HTTP 503 with a maintenance page; lasts until ended unless `times` or `until` says otherwise. */
  z.strictObject({ kind: z.literal("maintenance"), retryAfter: z.int().min(0).optional() }),
  /** No answer until the fault is ended; then the right one. */
  z.strictObject({ kind: z.literal("hang") }),
  /** A right answer that promises keep-alive, then the idle connection is closed. */
  z.strictObject({ kind: z.literal("drop_idle") }),
]);

const faultMatch = z.union([
  z.strictObject({ method: z.string().optional(), type: z.string().optional() }),
  z.custom<(request: SeenRequest) => boolean>((value) => typeof value === "function"),
]);

export const faultLife = z.strictObject({
  /** How many requests it hits. Default 1; for `maintenance`, and with `until`, no limit. */
  times: z.int().min(1).optional(),
  /** Instead: until `end()` is called, or for so many milliseconds. */
  until: z.union([z.literal("ended"), z.strictObject({ ms })]).optional(),
  /** Wire method and entity type; in process also a function. Default: every request. */
  match: faultMatch.optional(),
});

export const chaosSpec = z.strictObject({
  seed: z.int(),
  /** Share of the requests that are hit, 0…1. */
  rate: z.number().min(0).max(1),
  kinds: z.array(faultKind).min(1),
  match: faultMatch.optional(),
});

export type FaultKind = z.input<typeof faultKind>;
export type FaultMatch = z.input<typeof faultMatch>;
/** A fault on order: its kind, how long it lasts, what it hits. */
export type FaultOrder = FaultKind & z.input<typeof faultLife>;
export type ChaosOrder = z.input<typeof chaosSpec>;
/** A kind with its defaults filled in, as the server carries it out. */
export type Fault = z.output<typeof faultKind>;

/** Whether an order wants this request. */
export function matches(wanted: FaultMatch | undefined, request: SeenRequest): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted === "function") return wanted(request);
  if (wanted.method !== undefined && wanted.method !== request.method) return false;
  return wanted.type === undefined || wanted.type === request.type;
}

/** @throws CallsheetError USAGE with the first thing that is wrong */
export function parseOrder<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const where = issue.path.length > 0 ? ` at "${issue.path.join(".")}"` : "";
  throw new CallsheetError("USAGE", `The sandbox does not understand this fault${where}: ${issue.message}.`, {
    hint: `Kinds: ${faultKind.options.map((option) => option.shape.kind.value).join(", ")}.`,
  });
}
