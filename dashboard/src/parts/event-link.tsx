/** Entities, users and events of the site, in few words. */
import type { WireEvent } from "../api/shapes.ts";

export function EventLink({ id }: { id: number }) {
  return id > 0 ? <a href={`/events/${id}`}>{id}</a> : <span class="quiet">none</span>;
}

type Link = WireEvent["entity"];

export const linkText = (link: Link): string => (link ? (link.name ?? `${link.type} ${link.id}`) : "");

/** `Task Animation`, or what the event's meta still knows of an entity that is gone. */
export function entityText({ entity, meta }: WireEvent): string {
  if (entity) return `${entity.type} ${entity.name ?? entity.id}`;
  const { entity_type: type, entity_id: id } = meta ?? {};
  return typeof type === "string" && typeof id === "number" ? `${type} ${id} (retired)` : "";
}
