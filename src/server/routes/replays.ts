/** Replays: past events given to a plugin again. */
import { z } from "zod";
import type { Answers } from "../../daemon/answers/answers.ts";
import type { CaughtWrite } from "../../daemon/replay/dry/caught.ts";
import type { Place, ReplayRange } from "../../daemon/replay/range.ts";
import type { Replays } from "../../daemon/replay/replays.ts";
import type { ReplayStatus, StoredReplays } from "../../daemon/replay/stored.ts";
import { unknownPlugin } from "../../daemon/unknown-plugin.ts";
import { type Route, route } from "../route.ts";
import { caughtWrite, replay, replayDetail, replayPlan } from "../shapes/replay.ts";
import { who, whoAsks, whoOnly } from "../who.ts";

const id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const params = z.object({ id: id.describe("its number") });
const eventId = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
const time = z.iso.datetime({ offset: true });

const startBody = z
  .strictObject({
    ...who,
    fromId: eventId.optional().describe("the first event"),
    fromTime: time.optional().describe("or: the first event of this time or later"),
    toId: eventId.optional().describe("the last event; default: the newest that was read"),
    toTime: time.optional().describe("or: the last event before this time"),
    dryRun: z.boolean().default(true).describe("catch what sg writes to the site; without it why is needed"),
    keepGoing: z
      .boolean()
      .optional()
      .describe("record failing events and go on; default: as a dry run does, and else not"),
    plan: z.boolean().default(false).describe("only say which events there would be"),
  })
  .refine(({ fromId, fromTime }) => (fromId === undefined) !== (fromTime === undefined), {
    error: "exactly one of fromId and fromTime says where it begins",
  })
  .refine(({ toId, toTime }) => toId === undefined || toTime === undefined, {
    error: "either toId or toTime, not both",
  });

const MOST_FAILURES = 100;

export function replayReadingRoutes(replays: StoredReplays, answers: Answers): Route[] {
  return [
    route({
      method: "GET",
      path: "/replays",
      summary: "Replays, newest first",
      query: z.strictObject({
        plugin: z.string().min(1).max(500).optional().describe("only those of this plugin"),
        limit: z.coerce.number().int().min(1).max(500).default(50).describe("at most 500"),
      }),
      reply: z.object({ replays: z.array(replay) }),
      failures: [404],
      handle: async ({ query: { plugin, limit } }) => {
        const lane = plugin === undefined ? undefined : await laneOf(plugin, answers);
        return { replays: (await replays.list({ lane, limit })).map(view) };
      },
    }),
    route({
      method: "GET",
      path: "/replays/:id",
      summary: "One replay: how far it is, where it stopped and why",
      params,
      reply: replayDetail,
      failures: [404],
      handle: async ({ params: { id } }) => ({
        ...view(await replays.get(id)),
        failures: await replays.failures(id, MOST_FAILURES),
      }),
    }),
    route({
      method: "GET",
      path: "/replays/:id/writes",
      summary: "What a dry run caught, as differences against what the site had",
      params,
      query: z.strictObject({
        after: z.coerce
          .number()
          .int()
          .min(0)
          .max(Number.MAX_SAFE_INTEGER)
          .default(0)
          .describe("only those after this number"),
        limit: z.coerce.number().int().min(1).max(500).default(100).describe("at most 500"),
      }),
      reply: z.object({ writes: z.array(caughtWrite).describe("in the order in which they were made") }),
      failures: [404],
      handle: async ({ params: { id }, query }) => {
        const kept = await replays.writes<CaughtWrite>(id, query);
        return { writes: kept.map(({ number, eventId, write }) => ({ number, eventId, ...write })) };
      },
    }),
  ];
}

export function replayActingRoutes(replays: Replays): Route[] {
  return [
    route({
      method: "POST",
      path: "/plugins/:name/replays",
      summary: "Gives past events to a plugin again, beside its normal flow, marked as replayed",
      params: z.object({ name: z.string().min(1).max(500).describe("its name, or the id of its lane") }),
      body: startBody,
      reply: z.union([replay, replayPlan]).describe("with plan: the events there would be"),
      failures: [404, 409, 502, 503],
      handle: async ({ params: { name }, body, request }) => {
        const range = rangeOf(body);
        if (body.plan) return replays.plan(name, range);
        const { dryRun, keepGoing = dryRun } = body;
        return view(await replays.start(name, { ...range, dryRun, keepGoing }, whoAsks(body, request)));
      },
    }),
    ...(["stop", "resume"] as const).map((action) =>
      route({
        method: "POST",
        path: `/replays/:id/${action}`,
        summary:
          action === "stop"
            ? "Ends a replay after the event in hand; it can be resumed"
            : "Lets a replay go on after the last event that is done, with the code as it is now",
        params,
        body: whoOnly,
        reply: replay,
        failures: [404, 409],
        handle: async ({ params: { id }, body, request }) =>
          view(await replays[action](id, whoAsks(body, request))),
      }),
    ),
  ];
}

function rangeOf({ fromId, fromTime, toId, toTime }: z.output<typeof startBody>): ReplayRange {
  const place = (eventId: number | undefined, at: string | undefined): Place | undefined =>
    eventId !== undefined ? { eventId } : at === undefined ? undefined : { time: new Date(at) };
  return { from: place(fromId, fromTime)!, to: place(toId, toTime) };
}

async function laneOf(plugin: string, answers: Answers): Promise<string> {
  const lanes = await answers.plugins();
  const lane = lanes.find(({ name }) => name === plugin) ?? lanes.find((each) => each.id === plugin);
  if (!lane) throw unknownPlugin(plugin, lanes);
  return lane.id;
}

function view(status: ReplayStatus): z.input<typeof replay> {
  return status;
}
