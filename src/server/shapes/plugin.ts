/** Plugins as the API tells of them. Times are ISO 8601 UTC, durations milliseconds. */
import { z } from "zod";
import { ACTIVITIES } from "../../daemon/activities.ts";

export const source = z
  .object({
    path: z.string().describe("the plugin's file"),
    line: z.number().describe("the line that failed"),
    first: z.number().describe("which line of the file the first of `lines` is"),
    lines: z
      .array(z.string())
      .describe("at most seven, cut to 200 characters; what looks like a secret is masked"),
  })
  .describe("lines of the plugin's file around the place where it failed, as they were then");

export const failure = z.object({
  seq: z.number(),
  eventId: z.number().describe("0 when no event had been begun"),
  callback: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  stack: z.string().nullable(),
  attempts: z.number(),
  at: z.string(),
  fingerprint: z.string().optional().describe("what the error itself says it is to be grouped by"),
  source: source.optional().describe("left out when it is not known"),
});

/** One call of a callback. */
export const recentCall = z.object({
  eventId: z.number().describe("0 when it is no longer known"),
  seq: z.number(),
  callback: z.string(),
  ms: z.number(),
  at: z.string(),
});

export const note = z.object({ by: z.string(), why: z.string(), at: z.string() });

export const activity = z.enum(ACTIVITIES);

export const callback = z.object({
  name: z.string(),
  key: z.string().describe("unique within the plugin"),
  scriptName: z.string(),
  wants: z.string().describe("for people"),
  matchEvents: z.record(z.string(), z.union([z.array(z.string()), z.string(), z.null()])).nullable(),
  stopOnError: z.boolean(),
  retry: z.object({ attempts: z.number(), backoffMs: z.number() }),
  timeoutMs: z.number().nullable(),
});

export const plugin = z.object({
  id: z.string().describe("of its lane; stays when the file moves"),
  name: z.string(),
  path: z.string(),
  language: z.enum(["typescript", "python"]),
  host: z
    .string()
    .nullable()
    .describe("the host of the cluster that runs it; null: none does at the moment, or the daemon is alone"),
  activity: activity.describe(
    "elsewhere: another host runs it, and how it does is not known at the moment; unplaced: no host runs it at the moment",
  ),
  gone: z.boolean().describe("its file is gone: it gets no events, and nothing can be done to it"),
  since: z.string().describe("since when it is at that; empty when not known"),
  callbacks: z.number(),
  doneSeq: z.number().describe("last place in the journal that it is done with"),
  backlog: z.number().describe("events beyond that"),
  nextEventId: z.number().nullable(),
  backlogAgeMs: z.number().nullable().describe("age of the event that comes next"),
  inHand: z.object({ eventId: z.number().nullable(), callback: z.string(), forMs: z.number() }).nullable(),
  calls: z.number().describe("since the daemon started"),
  busyMs: z.number(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  lastDeliveredAt: z.string().nullable(),
  redelivered: z.number(),
  failures: z.object({
    recorded: z.number(),
    skipped: z.number(),
    stopped: z.number(),
    retrying: z.number(),
  }),
  failure: failure.nullable().describe("where it stopped"),
  loadError: z
    .object({
      code: z.string(),
      message: z.string(),
      hint: z.string().nullable(),
      stack: z.string().nullable(),
    })
    .nullable(),
  retrying: z
    .object({
      callback: z.string(),
      eventId: z.number(),
      attempt: z.number(),
      of: z.number().nullable(),
      nextAt: z.string(),
    })
    .nullable(),
  paused: note.nullable(),
  reloads: z.number(),
  failedLoads: z.number(),
  restarts: z.number(),
});

export const pluginDetail = plugin.extend({
  callbackList: z.array(callback),
  epoch: z.number().nullable(),
  emails: z.union([z.boolean(), z.array(z.string())]),
  modules: z.array(z.object({ path: z.string(), sha256: z.string() })),
  loadMs: z.number().nullable(),
  buckets: z.array(z.number()).describe("upper limits in ms; `counts` have one more for what is beyond"),
  times: z.record(
    z.string(),
    z.object({
      calls: z.number(),
      ms: z.number(),
      counts: z.array(z.number()),
      p50Ms: z.number().nullable(),
      p95Ms: z.number().nullable(),
    }),
  ),
  recent: z.array(recentCall).describe("the last calls, newest first, at most 50"),
});

/** A cursor's move, made or planned. */
export const move = z.object({
  plugin: z.string(),
  from: z.number().describe("place in the journal where the cursor stood"),
  to: z.number(),
  events: z.number(),
  nextEventId: z.number().nullable().describe("the event that comes next then"),
});
