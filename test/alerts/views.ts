/** Letters for tests of how they look and how they go. */
import type { Item } from "../../src/alerts/cases.ts";
import type { Letter } from "../../src/alerts/outbox.ts";
import { type Background, type View, viewOf } from "../../src/alerts/view.ts";
import type { WireEvent } from "../../src/event.ts";

const AT = Date.UTC(2026, 10, 27, 16, 2, 11);

export const EVENT: WireEvent = {
  type: "EventLogEntry",
  id: 18_233_411,
  event_type: "Shotgun_Task_Change",
  attribute_name: "sg_status_list",
  meta: { type: "attribute_change", old_value: "ip", new_value: "rev", entity_type: "Task", entity_id: 5512 },
  entity: { type: "Task", id: 5512, name: "Anim <final> & more" },
  project: { type: "Project", id: 70, name: "Bunny" },
  user: { type: "HumanUser", id: 24, name: "Ada Lovelace" },
  session_uuid: null,
  created_at: "2026-11-27T16:02:09Z",
};

export function anItem(more: Partial<Item> = {}): Item {
  return {
    fingerprint: "plugin_failed/4be1",
    kind: "plugin_failed",
    plugin: "notify",
    facts: {
      message: "TypeError: Cannot read properties of null (reading 'name')",
      code: "CALLBACK_FAILED",
      callback: "onStatus",
      eventId: EVENT.id,
      attempts: 3,
      stack:
        "TypeError: Cannot read properties of null (reading 'name')\n    at onStatus (/studio/plugins/notify.ts:14:20)\n    at tell (/studio/plugins/lib/tell.ts:3:5)",
    },
    open: true,
    first: true,
    again: false,
    breaks: 1,
    mends: 0,
    total: 1,
    since: AT,
    lastBreakAt: AT,
    lastMendAt: 0,
    note: null,
    ...more,
  };
}

export function aLetter(items: Item[] = [anItem()], more: Partial<Letter> = {}): Letter {
  return {
    id: "callsheet.1.1.aa@render01",
    inReplyTo: null,
    items,
    leftOut: { cases: 0, breaks: 0 },
    sealedAt: AT + 3000,
    ...more,
  };
}

export function aView(
  items?: Item[],
  more: Partial<Letter> = {},
  background: Partial<Background> = {},
): View {
  return viewOf(aLetter(items, more), {
    host: "render01",
    siteUrl: "https://studio.shotgrid.autodesk.com",
    state: "/var/lib/callsheet",
    events: new Map([[EVENT.id, EVENT]]),
    plugins: new Map([["notify", { path: "/studio/plugins/notify.ts", backlog: 1204, catchUp: null }]]),
    ...background,
  });
}
