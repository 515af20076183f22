/** Replays as the API tells of them. */
import { z } from "zod";
import { failure, note } from "./plugin.ts";

export const replayState = z.enum(["running", "stopped", "failed", "interrupted", "finished"]);

export const replay = z.object({
  id: z.number(),
  plugin: z.string(),
  lane: z.string(),
  first: z.number().describe("first event id"),
  last: z.number().describe("last event id"),
  dryRun: z.boolean(),
  keepGoing: z.boolean(),
  operator: note.describe("who asked for it, and why"),
  state: replayState,
  activity: z.enum(["loading", "running", "retrying", "restarting", "stopping"]).nullable(),
  problem: z
    .object({
      code: z.string(),
      message: z.string(),
      hint: z.string().nullable(),
      stack: z.string().nullable(),
      eventId: z.number().nullable().describe("where it stopped"),
      callback: z.string().nullable(),
    })
    .nullable(),
  doneId: z.number().describe("everything up to this event id is done; first - 1 at the beginning"),
  counts: z.object({
    events: z.number().describe("events of the range that it is done with"),
    matched: z.number().describe("of those, the ones that callbacks were called for"),
    failed: z.number(),
    skipped: z.number(),
    writes: z.number().describe("caught by a dry run"),
  }),
  inHand: z.object({ eventId: z.number().nullable(), callback: z.string(), forMs: z.number() }).nullable(),
  retrying: z
    .object({
      callback: z.string(),
      eventId: z.number(),
      attempt: z.number(),
      of: z.number().nullable(),
      nextAt: z.string(),
    })
    .nullable(),
  endedAt: z.string().nullable(),
});

export const replayDetail = replay.extend({
  failures: z
    .array(z.object({ kind: z.enum(["failed", "skipped"]), failure }))
    .describe("of events that it went on after; newest first, at most 100"),
});

export const replayPlan = z.object({
  plugin: z.string(),
  first: z.number(),
  last: z.number(),
  heldFrom: z
    .number()
    .nullable()
    .describe("the site is asked for the events before this one; null: for all of them"),
});

export const caughtWrite = z.object({
  number: z.number().describe("grows within a replay"),
  eventId: z.number().describe("0: while the plugin was loaded"),
  at: z.string(),
  callback: z.string().nullable(),
  method: z.string().describe("create, update, delete, revive, upload, follow, …"),
  batch: z.number().nullable().describe("its place in a batch"),
  entity: z
    .object({ type: z.string(), id: z.number().nullable(), name: z.string().nullable() })
    .nullable()
    .describe("an id below 0 stands for one that the site would give"),
  fields: z
    .array(
      z.object({
        field: z.string(),
        before: z.unknown().optional().describe("present value; left out where there is none"),
        after: z.unknown().optional().describe("value there would be; left out where the entity goes"),
        mode: z.enum(["add", "remove"]).nullable().describe("how a list is changed, when not by setting it"),
        changed: z.boolean().describe("false: it is so already"),
      }),
    )
    .describe("of a create or update what would be written; of a delete what would go"),
  given: z.record(z.string(), z.unknown()).nullable().describe("of any other method, what was given"),
  note: z.string().nullable(),
});

export const replayedEvent = z.object({
  replay: z.number(),
  plugin: z.string(),
  dryRun: z.boolean(),
  outcome: z.enum(["delivered", "failed", "skipped"]),
  failures: z.array(failure),
  operator: note,
});
