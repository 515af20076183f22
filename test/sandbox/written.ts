/** Looking at the events that a piece of work wrote. */
import { expect } from "vitest";
import type { Row, Studio } from "./studio.ts";

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

/** Runs `work` and returns the events it wrote. */
export function eventsOf(studio: Studio, work: () => unknown): Row[] {
  const before = studio.lastEvent;
  work();
  return studio.events(before);
}

/** `Shotgun_Shot_Change code` */
export function titles(events: Row[]): string[] {
  return events.map(
    ({ event_type, attribute_name }) => `${event_type}${attribute_name ? ` ${attribute_name}` : ""}`,
  );
}

/** A linked row as it stands in a meta. */
export function inMeta(row: Row, name: string, status: string | null) {
  return { id: row.id, name, type: row.type, status, valid: "valid", uuid };
}
