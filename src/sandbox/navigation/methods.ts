/** The wire methods `nav_expand` and `nav_search` (protocol notes 3). */
import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import { found } from "../query/relations-value.ts";
import { joined, sql } from "../query/scope.ts";
import type { EntityType } from "../schema/schema.ts";
import { fieldsByTypeIn, linkIn } from "../social/payload.ts";
import { quote, type Ref } from "../store/columns.ts";
import {
  type Browsing,
  childrenOf,
  labelOf,
  type Node,
  nodeOf,
  type Place,
  parentOf,
  pathOf,
  placeIn,
  typesOf,
} from "./tree.ts";

type Payload = Record<string, unknown>;

/** When a search finds more. */
const MOST = 100;

interface Hit {
  label: string;
  /** The paths from the root of the search down to the entity. */
  incremental_path: string[];
  /** `Shots > sh010` */
  path_label: string;
  project_id: number | null;
  ref: Ref;
}

/** The node at a path, with its children. */
export function navExpand(call: Call, payload: Payload): Node & { children: Node[] } {
  const place = placeIn(call, payload.path);
  const browsing = { seed: seedIn(call, payload), fields: fieldsByTypeIn(call, payload) };
  const children = childrenOf(call, place, browsing).map((child) => nodeOf(call, child, browsing));
  return { ...nodeOf(call, place, browsing), children };
}

/** Entities below a path, by a part of their name or one by itself. */
export function navSearch(call: Call, payload: Payload): Hit[] {
  const root = placeIn(call, payload.root_path);
  const browsing: Browsing = { seed: seedIn(call, payload), fields: {} };
  const criteria = (payload.search_criteria ?? {}) as Payload;
  const types = typesOf(call, browsing).filter((type) => !root.type || root.type === type);
  if (criteria.entity !== undefined) return entityHits(call, root, types, linkIn(call, criteria, "entity"));
  const { search_string: text } = criteria;
  if (typeof text !== "string")
    throw malformed(`API ${call.method}() invalid/missing 'search_criteria': search_string or entity`);
  return types.flatMap((type) => textHits(call, root, type, text)).slice(0, MOST);
}

function entityHits(call: Call, root: Place, types: EntityType[], ref: Ref): Hit[] {
  const type = types.find(({ name }) => name === ref.type);
  if (!type || (root.entity !== null && root.entity !== ref.id)) return [];
  const project = projectOf(call, ref);
  if (project === null || (root.project !== null && root.project !== project)) return [];
  return [hit(call, root, { project, type, entity: ref.id })];
}

function textHits(call: Call, root: Place, type: EntityType, text: string): Hit[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!type.identifier || words.length === 0) return [];
  const names = words.map((word) => found(quote(type.identifier!), word));
  const where = joined(
    [sql(`"row.live" = 1 AND "project.id" IS coalesce(?, "project.id")`, root.project), ...names],
    " AND ",
  );
  const rows = call.core.db.all(
    `SELECT id, "project.id" FROM ${quote(type.name)} WHERE ${where.text} AND "project.id" IS NOT NULL ORDER BY id LIMIT ${MOST}`,
    where.params,
  );
  return rows
    .filter(([id]) => root.entity === null || root.entity === id)
    .map(([id, project]) => hit(call, root, { project: project as number, type, entity: id as number }));
}

function hit(call: Call, root: Place, place: Place): Hit {
  const places: Place[] = [];
  for (let at: Place | null = place; at; at = parentOf(at)) {
    places.unshift(at);
    if (pathOf(at) === pathOf(root)) break;
  }
  const shown = places.slice(1).map((at) => labelOf(call, at));
  return {
    label: labelOf(call, place),
    incremental_path: places.map(pathOf),
    path_label: shown.join(" > "),
    project_id: place.project,
    ref: { type: place.type!.name, id: place.entity! },
  };
}

function projectOf({ core }: Call, { type, id }: Ref): number | null {
  return core.db.get(`SELECT "project.id" FROM ${quote(type)} WHERE id = ?`, [id])?.[0] as number | null;
}

/** `PublishedFile.entity` */
function seedIn(call: Call, payload: Payload): Browsing["seed"] {
  const seed = payload.seed_entity_field ?? null;
  if (seed === null) return null;
  const [typeName = "", name = ""] = typeof seed === "string" ? seed.split(".") : [];
  const type = call.core.schema.find(typeName);
  const field = type?.fields.get(name);
  if (!type || field?.dataType !== "entity")
    throw malformed(`API ${call.method}() invalid 'seed_entity_field': ${JSON.stringify(seed)}`);
  return { type, field: name, types: field.validTypes };
}
