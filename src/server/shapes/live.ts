/** What a message of the live updates tells. */
import { z } from "zod";
import { wireEvent } from "./event.ts";
import { plugin, recentCall } from "./plugin.ts";

export const update = z.object({
  at: z.string(),
  lastSeq: z.number().describe("the journal's last place"),
  appended: z.number().describe("events appended since the last message"),
  events: z
    .array(z.object({ seq: z.number(), event: wireEvent }))
    .describe("the newest of them, at most 50, oldest first"),
  plugins: z
    .array(
      plugin
        .pick({ name: true, activity: true, doneSeq: true, backlog: true, calls: true, busyMs: true })
        .extend({ recent: z.array(recentCall) }),
    )
    .describe("those that did something or changed"),
  happenings: z
    .array(z.object({ kind: z.string(), at: z.string() }))
    .describe("all else that happened, each with more of its own"),
});
