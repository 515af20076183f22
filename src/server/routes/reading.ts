/** Questions: status, plugins, events, failures, gaps, what operators did. */
import { z } from "zod";
import type { Daemon } from "../../daemon/daemon.ts";
import type { LaneStatus } from "../../daemon/lane-status.ts";
import { unknownPlugin } from "../../daemon/unknown-plugin.ts";
import type { History } from "../history.ts";
import { type Route, route } from "../route.ts";
import { eventAnswer, eventList, failureGroup } from "../shapes/event.ts";
import { plugin, pluginDetail } from "../shapes/plugin.ts";
import { gap, lastHour, pluginSample, sample, status } from "../shapes/status.ts";
import { gapsView, pluginDetailView, pluginViews, statusView } from "../views.ts";

/** What of a daemon the questions need. */
export type Asked = Pick<Daemon, "status" | "answers" | "detail">;

const name = z.object({ name: z.string().min(1).max(500).describe("its name, or the id of its lane") });
const count = (most: number, fallback: number) =>
  z.coerce.number().int().min(1).max(most).default(fallback).describe(`at most ${most}`);
const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const text = z.string().min(1).max(200);

export function readingRoutes(
  daemon: Asked,
  // a daemon that is stopped has no history
  { version, history }: { version: string; history?: Pick<History, "samples" | "samplesOf" | "lastHour"> },
): Route[] {
  const { answers } = daemon;
  return [
    route({
      method: "GET",
      path: "/status",
      summary: "The daemon, its site and all plugins; what needs attention first",
      reply: status,
      handle: () => statusView(daemon.status(), answers, { version }),
    }),
    route({
      method: "GET",
      path: "/history",
      summary: "A sample a minute of what was read, delivered and left waiting, for the last twelve hours",
      reply: z.object({ samples: z.array(sample).describe("oldest first; the last minute is under way") }),
      handle: async () => ({ samples: (await history?.samples()) ?? [] }),
    }),
    route({
      method: "GET",
      path: "/history/plugins",
      summary: "Calls a minute of every plugin that runs, for the last hour",
      reply: z.object({ plugins: z.array(lastHour) }),
      handle: () => ({ plugins: history?.lastHour() ?? [] }),
    }),
    route({
      method: "GET",
      path: "/plugins",
      summary: "All plugins",
      reply: z.object({ plugins: z.array(plugin) }),
      handle: async () => ({ plugins: await pluginViews(answers) }),
    }),
    route({
      method: "GET",
      path: "/plugins/:name",
      summary: "One plugin: callbacks, durations, last calls, its failure",
      params: name,
      reply: pluginDetail,
      failures: [404],
      handle: async ({ params }) => {
        const lane = laneNamed(params.name, await answers.plugins());
        return pluginDetailView(lane, await daemon.detail(lane.id), answers);
      },
    }),
    route({
      method: "GET",
      path: "/plugins/:name/history",
      summary: "How one plugin's calls went, a sample a minute for the last twelve hours",
      params: name,
      reply: z.object({
        samples: z.array(pluginSample).describe("oldest first; the last minute is under way"),
      }),
      failures: [404],
      handle: async ({ params }) => {
        const { id } = laneNamed(params.name, await answers.plugins());
        return { samples: history?.samplesOf(id) ?? [] };
      },
    }),
    route({
      method: "GET",
      path: "/events",
      summary: "Events, newest first, with what became of each for every plugin",
      query: z.strictObject({
        limit: count(500, 50),
        before: place.optional().describe("only events before this place in the journal"),
        after: place.optional().describe("only events after this place"),
        type: text.optional().describe("event type; * stands for any part"),
        entity: text.optional().describe("Shot, or Shot:42"),
        project: text.optional().describe("id, or a part of the name"),
        user: text.optional().describe("id, or a part of the name"),
      }),
      reply: eventList,
      handle: async ({ query }) => {
        const { events, outcomes, next } = await answers.events(query);
        return {
          events: events.map((each) => ({ ...each, outcomes: outcomes.get(each.event.id) ?? [] })),
          next,
        };
      },
    }),
    route({
      method: "GET",
      path: "/events/:id",
      summary: "One event: which plugins saw it, what each did, and why not",
      params: z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
      reply: eventAnswer,
      handle: ({ params }) => answers.event(params.id),
    }),
    route({
      method: "GET",
      path: "/failures",
      summary: "Failures, those of the same trouble together; open ones first",
      reply: z.object({ groups: z.array(failureGroup) }),
      handle: async () => ({ groups: await answers.failures() }),
    }),
    route({
      method: "GET",
      path: "/gaps",
      summary: "Event ids that are not visible yet, and those that were given up",
      query: z.strictObject({ limit: count(1000, 100) }),
      reply: z.object({
        open: z.array(gap),
        givenUp: z
          .array(z.object({ generation: z.number(), first: z.number(), last: z.number() }))
          .describe("newest first"),
      }),
      handle: async ({ query }) => ({
        open: gapsView((daemon.status().reading ?? daemon.status()).reader),
        givenUp: await answers.givenUp(query.limit),
      }),
    }),
    route({
      method: "GET",
      path: "/actions",
      summary: "What operators did, newest first",
      query: z.strictObject({ limit: count(1000, 100) }),
      reply: z.object({
        actions: z.array(
          z.object({
            action: z.string(),
            plugin: z.string().nullable(),
            detail: z.string(),
            by: z.string(),
            why: z.string(),
            at: z.string(),
          }),
        ),
      }),
      handle: async ({ query }) => ({ actions: await answers.actions(query.limit) }),
    }),
  ];
}

/** By its name, or by the id of its lane. @throws CallsheetError PLUGIN_UNKNOWN */
function laneNamed(wanted: string, lanes: readonly LaneStatus[]): LaneStatus {
  const lane = lanes.find(({ name: each }) => each === wanted) ?? lanes.find(({ id }) => id === wanted);
  if (!lane) throw unknownPlugin(wanted, lanes);
  return lane;
}
