/** What the API answers, as types of the very schemas that the server describes itself with. */
import type { z } from "zod";
import type * as event from "../../../src/server/shapes/event.ts";
import type * as live from "../../../src/server/shapes/live.ts";
import type * as plugin from "../../../src/server/shapes/plugin.ts";
import type * as replay from "../../../src/server/shapes/replay.ts";
import type * as status from "../../../src/server/shapes/status.ts";

export type Status = z.infer<typeof status.status>;
export type Attention = z.infer<typeof status.attention>;
export type Cluster = NonNullable<Status["cluster"]>;
export type ClusterHost = Cluster["hosts"][number];
export type ClusterLane = Cluster["plugins"][number];
export type Gap = z.infer<typeof status.gap>;
export type PluginSample = z.infer<typeof status.pluginSample>;
export type Sample = z.infer<typeof status.sample>;
export type Plugin = z.infer<typeof plugin.plugin>;
export type PluginDetail = z.infer<typeof plugin.pluginDetail>;
export type Activity = z.infer<typeof plugin.activity>;
export type WireEvent = z.infer<typeof event.wireEvent>;
export type Update = z.infer<typeof live.update>;
export type EventList = z.infer<typeof event.eventList>;
type Outcomes = Pick<EventList["events"][number], "outcomes">;
/** Lists say what became of it, live updates do not yet know. */
export type ListedEvent = Update["events"][number] & Partial<Outcomes>;
export type EventAnswer = z.infer<typeof event.eventAnswer>;
export type Replay = z.infer<typeof replay.replay>;
export type ReplayDetail = z.infer<typeof replay.replayDetail>;
export type ReplayPlan = z.infer<typeof replay.replayPlan>;
export type Source = z.infer<typeof plugin.source>;
export type Move = z.infer<typeof plugin.move>;
export type LastHour = z.infer<typeof status.lastHour>;
export type CaughtWrite = z.infer<typeof replay.caughtWrite>;
export type FailureGroup = z.infer<typeof event.failureGroup>;
