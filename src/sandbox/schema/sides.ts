/**
 * The two sides of a link are the same data (protocol notes 5.2): `Shot.assets` and `Asset.shots`,
 * `Task.entity` and `Shot.tasks`. This file works out which fields are each other's other side and where the
 * links of a multi-entity field are stored.
 */
import { CONNECTIONS, type Connection } from "./connections.ts";
import type { Field, Schema } from "./schema.ts";

/** Where the links of a multi-entity field are. */
export type LinkStore =
  /** Rows of the link table under `key`; `forward`: this field's entity is the `from` of the row. */
  | { kind: "link"; key: string; forward: boolean }
  /** The rows of a connection entity. */
  | { kind: "connection"; connection: Connection }
  /** The rows of `type` whose entity field `field` points here. */
  | { kind: "column"; type: string; field: string }
  /** The open ones among the entity's `notes` field. */
  | { kind: "open_notes"; notes: Field }
  /** Computed by parts of a site that the sandbox does not have: always empty. */
  | { kind: "none" };

/** Pairs that the schema file does not name, since its sources list an inverse for some fields only. */
const MORE_PAIRS: [string, string][] = [
  ["Version.entity", "*.sg_versions"],
  ["PublishedFile.entity", "*.sg_published_files"],
  ["Asset.scenes", "Scene.assets"],
  ["Asset.episodes", "Episode.assets"],
  ["Asset.levels", "Level.assets"],
  ["Shot.sg_scene", "Scene.shots"],
  ["Shot.reel", "Reel.shots"],
  ["Ticket.releases", "Release.tickets"],
  ["Ticket.revisions", "Revision.tickets"],
  ["Project.task_templates", "TaskTemplate.projects"],
  ["Note.attachments", "Attachment.attachment_links"],
  ["Ticket.attachments", "Attachment.attachment_links"],
  ["HumanUser.pipeline_configurations", "PipelineConfiguration.users"],
];

export class Sides {
  readonly #schema: Schema;
  readonly #others = new Map<Field, Map<string, Field>>();
  readonly #stores = new Map<Field, LinkStore>();

  constructor(schema: Schema) {
    this.#schema = schema;
    for (const type of schema.types)
      for (const field of type.fields.values())
        if (field.raw.inverse_field) this.#pair(schema, field, field.raw.inverse_field);
    for (const [one, other] of MORE_PAIRS) this.#pairNamed(schema, one, other);
  }

  /** The field of `type` that shows the same links from the other end. */
  other(field: Field, type: string): Field | undefined {
    return this.#others.get(field)?.get(type);
  }

  /** All other sides, one for each entity type that has one. */
  others(field: Field): Field[] {
    return [...(this.#others.get(field)?.values() ?? [])];
  }

  /** @param field a multi-entity field */
  store(field: Field): LinkStore {
    const known = this.#stores.get(field);
    if (known) return known;
    const store = this.#findStore(field);
    this.#stores.set(field, store);
    return store;
  }

  #pairNamed(schema: Schema, one: string, other: string): void {
    const [type, name] = one.split(".") as [string, string];
    const field = schema.field(type, name);
    if (field) this.#pair(schema, field, other.split(".")[1]!);
  }

  #pair(schema: Schema, field: Field, otherName: string): void {
    for (const type of field.validTypes) {
      const other = schema.field(type, otherName);
      if (!other?.validTypes.includes(field.entityType)) continue;
      this.#remember(field, other);
      this.#remember(other, field);
    }
  }

  #remember(field: Field, other: Field): void {
    const others = this.#others.get(field) ?? new Map<string, Field>();
    this.#others.set(field, others);
    if (!others.has(other.entityType)) others.set(other.entityType, other);
  }

  #findStore(field: Field): LinkStore {
    const notes = this.#schema.field(field.entityType, "notes");
    if (field.name === "open_notes" && notes) return { kind: "open_notes", notes };
    if (field.raw.computed) return { kind: "none" };
    const [other, ...more] = this.others(field);
    const connection = connectionOf(field, other);
    if (connection) return { kind: "connection", connection };
    if (!other) return { kind: "link", key: keyOf(field), forward: true };
    if (other.dataType === "entity") return { kind: "column", type: other.entityType, field: other.name };
    // One side may have many partners (Note.note_links): the links are stored under that one.
    const central = more.length > 0 || this.others(other).length === 1;
    const forward = more.length > 0 || (central && keyOf(field) <= keyOf(other));
    return { kind: "link", key: forward ? keyOf(field) : keyOf(other), forward };
  }
}

function connectionOf(field: Field, other: Field | undefined): Connection | null {
  const forward = CONNECTIONS[keyOf(field)];
  if (forward) return forward;
  const back = other && CONNECTIONS[keyOf(other)];
  return back ? { type: back.type, own: back.other, other: back.own } : null;
}

function keyOf(field: Field): string {
  return `${field.entityType}.${field.name}`;
}
