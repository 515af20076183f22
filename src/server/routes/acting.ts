/** Changes: what an operator can do to a plugin. */
import { z } from "zod";
import type { Operator } from "../../daemon/operations.ts";
import type { Aim } from "../../daemon/place.ts";
import { type Route, route } from "../route.ts";
import { move } from "../shapes/plugin.ts";
import { who, whoAsks, whoOnly } from "../who.ts";

const reasoned = { ...who, why: z.string().trim().min(1).max(1000).describe("the reason; needed") };
const params = z.object({ name: z.string().min(1).max(500).describe("its name, or the id of its lane") });
const done = z.object({ done: z.literal(true) });
const moveBody = z
  .strictObject({
    ...who,
    eventId: z.int().min(1).optional().describe("the event that is to come next"),
    time: z.iso.datetime({ offset: true }).optional().describe("or: the first event of this time or later"),
    end: z.literal(true).optional().describe("or: none of those there are"),
    expected: z.int().min(0).optional().describe("refuse unless the cursor stands at this place"),
    dryRun: z.boolean().default(false).describe("only say what would happen"),
  })
  .refine(({ eventId, time, end }) => [eventId, time, end].filter((aim) => aim !== undefined).length === 1, {
    error: "exactly one of eventId, time and end says where to",
  });

const SIMPLE = {
  pause:
    "Ends the plugin's host after the event in hand; its events wait until it is resumed, also over restarts",
  resume: "Lets a paused plugin go on",
  retry: "Starts a stopped plugin at its event, or tries again now what waits for its next attempt",
  reload: "A fresh host with the code as it is now, after the event in hand",
} as const;

export function actingRoutes(operations: Operator): Route[] {
  const simple = Object.entries(SIMPLE) as [keyof typeof SIMPLE, string][];
  return [
    ...simple.map(([action, summary]) =>
      route({
        method: "POST",
        path: `/plugins/:name/${action}`,
        summary,
        params,
        body: whoOnly,
        reply: done,
        failures: [404, 409, 503, 504],
        handle: async ({ params: { name }, body, request }) => {
          await operations[action](name, whoAsks(body, request));
          return { done: true as const };
        },
      }),
    ),
    route({
      method: "POST",
      path: "/plugins/:name/skip",
      summary: "Passes over the event that the plugin stands at; the ledger keeps who did it and why",
      params,
      body: z.strictObject({ ...reasoned, eventId: z.int().min(1) }),
      reply: done,
      failures: [404, 409, 503, 504],
      handle: async ({ params: { name }, body, request }) => {
        await operations.skip(name, body.eventId, whoAsks(body, request));
        return { done: true as const };
      },
    }),
    ...(["rewind", "forward"] as const).map((direction) =>
      route({
        method: "POST",
        path: `/plugins/:name/${direction}`,
        summary:
          direction === "rewind"
            ? "Moves a paused plugin back: events come again, marked as redelivered"
            : "Moves a paused plugin on: the events between count as skipped by the operator",
        params,
        body: moveBody,
        reply: move,
        failures: [404, 409, 503, 504],
        handle: ({ params: { name }, body, request }) => {
          const aim = aimOf(body);
          if (body.dryRun) return operations.plan(direction, name, aim);
          return operations.move(direction, name, aim, {
            ...whoAsks(body, request),
            expected: body.expected,
          });
        },
      }),
    ),
  ];
}

function aimOf({ eventId, time }: z.output<typeof moveBody>): Aim {
  if (eventId !== undefined) return { eventId };
  return time === undefined ? "end" : { time: new Date(time) };
}
