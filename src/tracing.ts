/** Spans of OpenTelemetry: whether anybody wants them, and what they say of an event. Nothing here loads the API package. */
import type { Attributes } from "@opentelemetry/api";

/** Where the API package of version 1 keeps what was registered, whichever copy of it did. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** Whether a tracer was registered in this thread. */
export function isTraced(): boolean {
  return Boolean((globalThis as { [REGISTERED]?: { trace?: unknown } })[REGISTERED]?.trace);
}

/** What may still be on its way when a thread or the daemon ends gets so long, milliseconds. */
const FLUSH_MS = 1500;

/** Resolves when the spans made in this thread are sent, or have had their time. Never rejects. */
export async function flushSpans(): Promise<void> {
  if (!isTraced()) return;
  const { trace } = await import("@opentelemetry/api");
  const provider = trace.getTracerProvider() as Flushing & { getDelegate?(): Flushing };
  const sending = (async () => (provider.getDelegate?.() ?? provider).forceFlush?.())();
  const late = new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref());
  await Promise.race([sending, late]).catch(() => {});
}

/** What the SDK's providers can do beyond what the API says. */
interface Flushing {
  forceFlush?(): Promise<void>;
}

/** What is known of an event where its spans are made. */
export interface SpanEvent {
  id: number;
  event_type: string;
  entity: { type: string; id: number } | null;
  redelivered: boolean;
  /** Number of the replay that gives it again. */
  replay?: number | undefined;
}

/** How it went with an event, for one plugin. `lost`: its host was gone in the middle of it. */
export type SpanOutcome = "delivered" | "failed" | "skipped" | "stopped" | "lost";

/** The texts of a span's name and attributes are bounded by what a site and its plugins are; none is a secret. */
export function eventAttributes(
  plugin: string,
  { id, event_type, entity, redelivered, replay }: SpanEvent,
): Attributes {
  return {
    "messaging.system": "flow-production-tracking",
    "messaging.operation.type": "process",
    "messaging.message.id": String(id),
    "callsheet.plugin": plugin,
    "callsheet.event_id": id,
    "callsheet.event_type": event_type,
    "callsheet.redelivered": redelivered,
    ...(replay !== undefined && { "callsheet.replay": replay }),
    ...(entity && { "callsheet.entity_type": entity.type, "callsheet.entity_id": entity.id }),
  };
}
