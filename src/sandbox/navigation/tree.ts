/** The tree that `nav_expand` and `nav_search` walk: site, projects, entity types, entities. The shapes follow old samples. */
import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import type { EntityType } from "../schema/schema.ts";
import { fieldsOf } from "../social/people.ts";
import { quote, type Ref } from "../store/columns.ts";
import { missingRow } from "../write/crud.ts";

/** Types that people browse, in the order in which a project shows them. */
const BROWSED = [
  "Episode",
  "Sequence",
  "Shot",
  "Asset",
  "Level",
  "Task",
  "Version",
  "PublishedFile",
  "Playlist",
];

export interface Place {
  project: number | null;
  type: EntityType | null;
  entity: number | null;
}

export interface Node {
  label: string;
  path: string;
  parent_path: string | null;
  ref: { kind: "root" | "project" | "entity_type" | "entity"; value: unknown };
  has_children: boolean;
  /** What the node stands for, as a query. */
  target_entities: { type: string; additional_filters: object[] } | null;
}

export interface Browsing {
  /** The type that is looked for in the end, and its field that links to what the tree shows. */
  seed: { type: EntityType; field: string; types: readonly string[] } | null;
  /** Further fields of entities, by type. */
  fields: Record<string, string[]>;
}

/** `/`, `/Project/65`, `/Project/65/Shot`, `/Project/65/Shot/id/862` */
export function placeIn(call: Call, path: unknown): Place {
  const match =
    typeof path === "string" && /^\/(?:Project\/(\d+)(?:\/(\w+)(?:\/id\/(\d+))?)?)?\/?$/.exec(path);
  const [, project = null, typeName = null, entity = null] = match || [];
  const type = typeName === null ? null : call.core.schema.find(typeName);
  if (!match || type === undefined || (type && !BROWSED.includes(type.name)))
    throw malformed(`API ${call.method}() invalid/missing path: ${JSON.stringify(path ?? null)}`);
  const place = { project: numberOr(project), type, entity: numberOr(entity) };
  if (place.project !== null) mustBeLive(call, "Project", place.project);
  if (place.type && place.entity !== null) mustBeLive(call, place.type.name, place.entity);
  return place;
}

export function pathOf({ project, type, entity }: Place): string {
  if (project === null) return "/";
  if (!type) return `/Project/${project}`;
  return `/Project/${project}/${type.name}${entity === null ? "" : `/id/${entity}`}`;
}

/** Null for the root, which stands under nothing. */
export function parentOf(place: Place): Place | null {
  if (place.entity !== null) return { ...place, entity: null };
  if (place.type) return { ...place, type: null };
  return place.project === null ? null : { ...place, project: null };
}

export function nodeOf(call: Call, place: Place, browsing: Browsing): Node {
  const parent = parentOf(place);
  return {
    label: labelOf(call, place),
    path: pathOf(place),
    parent_path: parent && pathOf(parent),
    ref: refOf(call, place, browsing),
    has_children: childrenOf(call, place, browsing, 1).length > 0,
    target_entities: targetOf(place, browsing),
  };
}

/** @param most how many of them at most */
export function childrenOf(call: Call, place: Place, browsing: Browsing, most = 5000): Place[] {
  if (place.entity !== null) return [];
  if (place.project === null) return projects(call, most).map((project) => ({ ...place, project }));
  if (place.type) return rows(call, place.type, place.project, most).map((entity) => ({ ...place, entity }));
  const types = typesOf(call, browsing).filter((type) => rows(call, type, place.project!, 1).length > 0);
  return types.slice(0, most).map((type) => ({ ...place, type }));
}

/** Those that the seed's field may link to; without a seed, all that are browsed. */
export function typesOf({ core }: Call, { seed }: Browsing): EntityType[] {
  return BROWSED.filter((name) => !seed || seed.types.includes(name)).map((name) => core.schema.type(name));
}

export function labelOf({ core }: Call, { project, type, entity }: Place): string {
  if (type && entity !== null) return core.names.nameOf(type.name, entity) ?? `${type.label} ${entity}`;
  if (type) return `${type.label}s`;
  return project === null ? "Site" : (core.names.nameOf("Project", project) ?? `Project ${project}`);
}

function refOf(call: Call, { project, type, entity }: Place, { fields }: Browsing): Node["ref"] {
  if (project === null) return { kind: "root", value: null };
  if (type && entity === null) return { kind: "entity_type", value: type.name };
  const ref: Ref = type ? { type: type.name, id: entity! } : { type: "Project", id: project };
  const value = { ...fieldsOf(call, ref, fields[ref.type] ?? []), ...ref };
  return { kind: type ? "entity" : "project", value };
}

function targetOf({ project, type, entity }: Place, { seed }: Browsing): Node["target_entities"] {
  const target = seed?.type.name ?? type?.name;
  if (project === null || target === undefined) return null;
  const filters = [condition("project", "is", { type: "Project", id: project })];
  if (type && seed && entity === null) filters.push(condition(seed.field, "type_is", type.name));
  if (type && seed && entity !== null)
    filters.push(condition(seed.field, "is", { type: type.name, id: entity }));
  if (type && !seed && entity !== null) filters.push(condition("id", "is", entity));
  return { type: target, additional_filters: filters };
}

function condition(path: string, relation: string, value: unknown): object {
  return { path, relation, values: [value] };
}

function projects({ core }: Call, most: number): number[] {
  const found = core.db.all(
    `SELECT id FROM "Project" WHERE "row.live" = 1 AND NOT coalesce(archived, 0) ORDER BY name COLLATE NOCASE, id LIMIT ?`,
    [most],
  );
  return found.map(([id]) => id as number);
}

function rows({ core }: Call, { name, identifier }: EntityType, project: number, most: number): number[] {
  const order = identifier ? `${quote(identifier)} COLLATE NOCASE, id` : "id";
  const found = core.db.all(
    `SELECT id FROM ${quote(name)} WHERE "row.live" = 1 AND "project.id" = ? ORDER BY ${order} LIMIT ?`,
    [project, most],
  );
  return found.map(([id]) => id as number);
}

function mustBeLive(call: Call, type: string, id: number): void {
  if (!call.core.names.live(type, id)) throw missingRow(call, type, id);
}

function numberOr(text: string | null): number | null {
  return text === null ? null : Number(text);
}
