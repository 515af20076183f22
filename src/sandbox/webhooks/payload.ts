/** What a delivery says: the body of one event or of several, and its headers (protocol notes 10.1 and 10.2). */
import { createHmac, randomUUID } from "node:crypto";
import type { LoggedEvent } from "../events/log.ts";
import type { Ref } from "../store/columns.ts";

/** An event as a webhook tells it. */
export interface Delivery {
  id: string;
  event_log_entry_id: number | null;
  event_type: string;
  operation: "create" | "update" | "delete" | "revive";
  user: Ref | null;
  entity: Ref | null;
  project: Ref | null;
  meta: Record<string, unknown> | null;
  /** `2022-02-01 20:53:08.523887` */
  created_at: string;
  attribute_name: string | null;
  session_uuid: string | null;
  delivery_id: string;
  warning?: string;
}

/** Where an event stands among those of its transaction. */
export interface Batch {
  id: string;
  size: number;
  index: number;
}

export interface Queued {
  delivery: Delivery;
  batch: Batch;
  /** Of the delivery as JSON. */
  bytes: number;
}

const OPERATIONS: Record<string, Delivery["operation"]> = {
  New: "create",
  Retirement: "delete",
  Revival: "revive",
};

/** @param bodyBytes an event whose meta is larger loses the values in it */
export function queuedOf(event: LoggedEvent, batch: Batch, bodyBytes: number): Queued {
  const whole = deliveryOf(event, batch);
  const delivery = sizeOf(whole) > bodyBytes ? shortened(whole) : whole;
  return { delivery, batch, bytes: sizeOf(delivery) };
}

function sizeOf(delivery: Delivery): number {
  return Buffer.byteLength(JSON.stringify(delivery));
}

function deliveryOf(event: LoggedEvent, batch: Batch): Delivery {
  const { event_type: type, created_at, attribute_name, session_uuid } = event;
  const kind = (type ?? "").split("_").at(-1) ?? "";
  return {
    id: `${event.id}.${batch.index}.0`,
    event_log_entry_id: event.id,
    event_type: type ?? "",
    operation: OPERATIONS[kind] ?? "update",
    user: event.user,
    entity: event.entity,
    project: event.project,
    meta: event.meta,
    created_at: `${created_at.slice(0, 10)} ${created_at.slice(11, 19)}.000000`,
    attribute_name,
    session_uuid,
    delivery_id: randomUUID(),
  };
}

function shortened(delivery: Delivery): Delivery {
  const { old_value: _old, new_value: _new, added: _added, removed: _removed, ...meta } = delivery.meta ?? {};
  const warning = "The event is larger than 1 MB: its old and new values are left out.";
  return { ...delivery, meta, warning };
}

/** The delivery that tells a webhook of its own status. */
export function statusDelivery(before: string, after: string, reason: string, at: Date): Queued {
  const delivery: Delivery = {
    id: "0",
    event_log_entry_id: null,
    event_type: "Webhook_Status_Change",
    operation: "update",
    user: null,
    entity: null,
    project: null,
    meta: {
      type: "attribute_change",
      attribute_name: "status",
      old_value: before,
      new_value: after,
      reason,
    },
    created_at: at.toISOString().replace("T", " ").replace("Z", "000"),
    attribute_name: "status",
    session_uuid: null,
    delivery_id: randomUUID(),
  };
  return { delivery, batch: { id: randomUUID(), size: 1, index: 0 }, bytes: sizeOf(delivery) };
}

export interface Message {
  headers: Record<string, string>;
  body: string;
}

/** @param to the webhook; with `batched` the events are always an array */
export function messageOf(
  queued: Queued[],
  to: { id: string; secret: string | null; batched: boolean },
  siteUrl: string,
  at: Date,
): Message {
  const [{ delivery, batch }] = queued as [Queued];
  const data = to.batched ? { deliveries: queued.map((each) => each.delivery) } : delivery;
  const body = JSON.stringify({ data, timestamp: `${at.toISOString().slice(0, 19)}Z` });
  const headers: Record<string, string> = {
    "content-type": "application/json; charset=utf-8",
    "user-agent": "callsheet-sandbox-webhook",
    "x-sg-webhook-id": to.id,
    "x-sg-delivery-id": delivery.delivery_id,
    "x-sg-event-batch-id": batch.id,
    "x-sg-event-batch-size": String(to.batched ? queued.length : batch.size),
    "x-sg-event-batch-index": String(to.batched ? 0 : batch.index),
    "x-sg-webhook-site-url": siteUrl,
  };
  if (to.secret !== null) headers["x-sg-signature"] = `sha1=${sign(to.secret, body)}`;
  return { headers, body };
}

function sign(secret: string, body: string): string {
  return createHmac("sha1", secret).update(body).digest("hex");
}
