/** Where one artist works: the connection, who they are, and the looking up that every kind of work needs. */
import type { EntityRecord } from "../../client/entity.ts";
import type { Filter } from "../../client/filters.ts";
import type { Shotgun } from "../../client/shotgun.ts";
import type { EntityLink } from "../../event.ts";
import type { Dice } from "../random.ts";
import type { Character } from "./characters.ts";

/** The next transaction can be held back, while ids above its own become visible; `EventControls` is one. */
export interface Holdable {
  holdNext(): { release(): void; abandon(): void };
}

export interface Desk {
  /** Acts as `person`. */
  sg: Shotgun;
  person: EntityLink;
  project: EntityLink;
  character: Character;
  dice: Dice;
  /** Ends the day. */
  signal: AbortSignal;
  /** Given when the site runs in this process. */
  events: Holdable | undefined;
}

const LOOK_AT = 40;

/** Some of the project's newest records that match. */
export function look(desk: Desk, type: string, filters: Filter[], fields: string[]): Promise<EntityRecord[]> {
  const mine: Filter[] = [["project", "is", desk.project], ...filters];
  return desk.sg.find(type, mine, fields, {
    limit: LOOK_AT,
    order: [{ field_name: "id", direction: "desc" }],
    signal: desk.signal,
  });
}

/** One of the project's newest records that match. */
export async function find(
  desk: Desk,
  type: string,
  filters: Filter[],
  fields: string[],
): Promise<EntityRecord | undefined> {
  return desk.dice.pick(await look(desk, type, filters, fields));
}

export function create(desk: Desk, type: string, data: Record<string, unknown>): Promise<EntityRecord> {
  return desk.sg.create(type, { project: desk.project, ...data }, ["id"], { signal: desk.signal });
}

export async function update(desk: Desk, record: EntityLink, data: Record<string, unknown>): Promise<void> {
  await desk.sg.update(record.type, record.id, data, { signal: desk.signal });
}

export function ref({ type, id }: EntityLink): EntityLink {
  return { type, id };
}

/** Something this artist would write. */
export function remark(desk: Desk): string {
  return desk.dice.pick(desk.character.remarks) ?? "Done.";
}

/** `YYYY-MM-DD`, so many days from today. */
export function day(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
}
