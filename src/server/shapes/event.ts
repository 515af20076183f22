/** Events as the API tells of them. */
import { z } from "zod";
import { failure, note, source } from "./plugin.ts";
import { replayedEvent } from "./replay.ts";

const link = z.object({ type: z.string(), id: z.number(), name: z.string().optional() }).nullable();

export const wireEvent = z.object({
  type: z.literal("EventLogEntry"),
  id: z.number(),
  event_type: z.string(),
  attribute_name: z.string().nullable(),
  meta: z.record(z.string(), z.unknown()).nullable(),
  entity: link,
  user: link,
  project: link,
  session_uuid: z.string().nullable(),
  created_at: z.string(),
});

export const outcome = z.enum([
  "delivered",
  "filtered",
  "failed",
  "skipped",
  "never_happened",
  "dropped",
  "before_start",
  "had_before",
  "waiting",
]);

export const listedEvent = z.object({
  seq: z.number().describe("place in the journal"),
  event: wireEvent,
  outcomes: z.array(z.object({ plugin: z.string(), outcome })),
});

export const eventList = z.object({
  events: z.array(listedEvent).describe("newest first"),
  next: z.number().nullable().describe("give it as `before` to go on; null at the journal's end"),
});

export const eventAnswer = z.object({
  event: wireEvent.nullable(),
  seq: z.number().nullable(),
  generation: z.number().nullable().describe("counts restorations of the site"),
  note: z.string().nullable().describe("why there is no event"),
  plugins: z.array(
    z.object({
      plugin: z.string(),
      lane: z.string(),
      outcome,
      why: z.string().describe("one sentence"),
      delivered: z
        .object({
          after: z.string().nullable().describe("not before this moment; null when nothing is known"),
          before: z.string().nullable().describe("not after this one; the same where it is known exactly"),
          ms: z.number().nullable().describe("spent in its callbacks; null when no longer known"),
        })
        .nullable()
        .describe("when its callbacks had finished it; null unless delivered"),
      failures: z.array(failure),
      operator: note.nullable(),
      callbacks: z.array(z.string()).describe("callbacks that want such an event, as registered now"),
    }),
  ),
  replays: z.array(replayedEvent).describe("replays that gave it to a plugin again, newest first"),
});

export const failureGroup = z.object({
  fingerprint: z.string(),
  plugin: z.string(),
  lane: z.string(),
  code: z.string(),
  callback: z.string().nullable(),
  message: z.string(),
  stack: z.string().nullable(),
  source: source.optional().describe("of the newest failure; left out when it is not known"),
  count: z.number(),
  firstAt: z.string(),
  lastAt: z.string(),
  open: z.boolean().describe("the plugin stands there now"),
  events: z
    .array(z.object({ eventId: z.number(), at: z.string(), open: z.boolean() }))
    .describe("newest first, at most ten"),
});
