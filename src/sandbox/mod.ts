/** `callsheet/sandbox`: a Flow Production Tracking site in a box, for tests, demos and trying things out. */
export type { Artists, ArtistsOptions } from "./artists.ts";
export { startArtists } from "./artists.ts";
export type { ChaosOrder, FaultKind, FaultMatch, FaultOrder } from "./fault-kinds.ts";
export type { Faults, PlacedFault } from "./faults.ts";
export type { Sandbox, SandboxOptions } from "./open.ts";
export { openSandbox } from "./open.ts";
export type { Recording } from "./recording/record.ts";
export { startRecording } from "./recording/record.ts";
export type { Replay, ReplayOptions } from "./recording/replay.ts";
export { startReplay } from "./recording/replay.ts";
export type { SchemaReply } from "./schema/studio-schema.ts";
export type { GzipPolicy } from "./server/exchange.ts";
export type { Requests, SeenRequest } from "./server/requests.ts";
export type { EventControls, Hold, Reserved, Site, SiteOptions } from "./site.ts";
export { SiteFault } from "./site.ts";
export type { WebhookLimits } from "./webhooks/limits.ts";
export type { DeliveryLog, Webhook, WebhookOptions, WebhookStatus } from "./webhooks/webhook.ts";
export type { Webhooks, WebhooksOptions } from "./webhooks/webhooks.ts";
