/** The fields of an event that tell a person what happened on the site. */
import type { EntityLink, WireEvent } from "../event.ts";
import type { Fact } from "./view.ts";
import { shortened } from "./wording.ts";

const LONGEST_VALUE = 120;

export function eventFacts(id: number, event: WireEvent | null, siteUrl: string): Fact[] {
  if (!event) return [{ name: "event", value: `${id} (no longer in the journal)` }];
  const field = event.attribute_name === null ? "" : `, ${event.attribute_name}`;
  const facts: (Fact | null)[] = [
    {
      name: "event",
      value: `${id}, ${event.event_type}${field}, ${event.created_at.replace("T", " ").replace("Z", " UTC")}`,
    },
    changeFact(event),
    linkFact("of", event.entity ?? entityOf(event), siteUrl),
    linkFact("project", event.project, siteUrl),
    linkFact("by", event.user, siteUrl),
  ];
  return facts.filter((fact) => fact !== null);
}

function changeFact({ meta }: WireEvent): Fact | null {
  if (!meta || !("new_value" in meta || "old_value" in meta)) return null;
  return { name: "change", value: `${shown(meta.old_value)} → ${shown(meta.new_value)}` };
}

/** A retired target is no longer linked; the meta still names it. */
function entityOf({ meta }: WireEvent): EntityLink | null {
  const { entity_type: type, entity_id: id } = meta ?? {};
  return typeof type === "string" && typeof id === "number" ? { type, id } : null;
}

function linkFact(name: string, link: EntityLink | null, siteUrl: string): Fact | null {
  if (!link) return null;
  const called = link.name ? ` "${link.name}"` : "";
  return {
    name,
    value: shortened(`${link.type} ${link.id}${called}`, LONGEST_VALUE),
    href: `${siteUrl}/detail/${encodeURIComponent(link.type)}/${link.id}`,
  };
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  return shortened(typeof value === "string" ? value : JSON.stringify(value), LONGEST_VALUE);
}
