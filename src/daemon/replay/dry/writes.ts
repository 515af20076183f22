/** The writes of a client as the site would carry them out: what it would answer, and what would be different. */
import { type CaughtWrite, type FieldChange, isLink, isObject, isSameValue } from "./caught.ts";
import type { Pending } from "./pending.ts";
import { type Errand, nameIn, type Present, presentOf, TELLING } from "./site.ts";

/** What is told of one write, but for when and where it was. */
export type Told = Omit<CaughtWrite, "at" | "callback">;

export interface Outcome {
  /** What the site would answer. */
  results: unknown;
  writes: Told[];
}

interface WireField {
  field_name: string;
  value: unknown;
  multi_entity_update_mode?: string;
}

const NOT_THERE = "It is not on the site, or retired: the site would refuse this.";
const UNREAD = "The site did not tell its present values.";

export async function carryOut(errand: Errand, pending: Pending): Promise<Outcome> {
  const { method, payload } = errand.call;
  if (method !== "batch") return carryOutOne(errand, pending, method, payload, null);
  const results: unknown[] = [];
  const writes: Told[] = [];
  for (const [place, item] of (Array.isArray(payload) ? payload : []).entries()) {
    const kind = isObject(item) ? String(item.request_type) : "";
    const one = await carryOutOne(errand, pending, kind, item, place);
    results.push(one.results);
    writes.push(...one.writes);
  }
  return { results, writes };
}

async function carryOutOne(
  errand: Errand,
  pending: Pending,
  method: string,
  payload: unknown,
  batch: number | null,
): Promise<Outcome> {
  const given = isObject(payload) ? payload : {};
  const base = { method, batch, given: null, note: null };
  const { type, id } = given;
  const named = typeof type === "string" && typeof id === "number";
  if (method === "create" && typeof type === "string") return create(pending, base, type, given);
  if (method === "update" && named) return update(errand, pending, base, { type, id }, fieldsOf(given));
  if ((method === "delete" || method === "revive") && named)
    return retire(errand, pending, base, { type, id }, method === "delete");
  return other(errand, base, method, given);
}

type Base = Pick<Told, "method" | "batch" | "given" | "note">;

function create(pending: Pending, base: Base, type: string, given: Record<string, unknown>): Outcome {
  const values = Object.fromEntries(fieldsOf(given).map(({ field_name, value }) => [field_name, value]));
  const id = pending.create(type, values);
  const asked = Array.isArray(given.return_fields) ? given.return_fields.map(String) : [];
  const returned = Object.fromEntries(asked.map((field) => [field, values[field] ?? null]));
  const fields = Object.entries(values).map(([field, after]) => ({
    field,
    after,
    mode: null,
    changed: true,
  }));
  const entity = { type, id, name: nameIn(values) };
  return { results: { ...returned, type, id }, writes: [{ ...base, entity, fields }] };
}

interface Ref {
  type: string;
  id: number;
}

async function update(
  errand: Errand,
  pending: Pending,
  base: Base,
  { type, id }: Ref,
  wanted: readonly WireField[],
): Promise<Outcome> {
  const names = wanted.map(({ field_name }) => field_name);
  const { row, name, note } = await standing(errand, pending, { type, id }, names);
  const fields = wanted.map((field): FieldChange => {
    const { field_name, value, multi_entity_update_mode: given } = field;
    const mode = given === "add" || given === "remove" ? given : null;
    const isKnown = row !== null && Object.hasOwn(row, field_name);
    const before = isKnown ? row[field_name] : undefined;
    const after = mode === null ? value : changedList(before, value, mode);
    pending.set(type, id, field_name, after);
    const changed = !isKnown || !isSameValue(before, after);
    return { field: field_name, ...(isKnown && { before }), after, mode, changed };
  });
  const written = Object.fromEntries(fields.map(({ field, after }) => [field, after]));
  return {
    results: { ...written, type, id },
    writes: [{ ...base, entity: { type, id, name }, fields, note }],
  };
}

async function retire(
  errand: Errand,
  pending: Pending,
  base: Base,
  { type, id }: Ref,
  gone: boolean,
): Promise<Outcome> {
  const { row, name, note } = await standing(errand, pending, { type, id }, TELLING);
  pending.setGone(type, id, gone);
  const isThere = row !== null;
  const fields = Object.entries(gone ? (row ?? {}) : {})
    .filter(([field, value]) => TELLING.includes(field) && value !== null && value !== "")
    .map(([field, before]) => ({ field, before, mode: null, changed: true }));
  const told = gone ? note : isThere ? "It is not retired: nothing would change." : null;
  return {
    // an entity that cannot be read counts as being as it should for this
    results: gone ? isThere || note === UNREAD : !isThere,
    writes: [{ ...base, entity: { type, id, name }, fields, note: told }],
  };
}

/** An entity as it would be found: on the site, with what was written to it before at the same event. */
async function standing(
  errand: Errand,
  pending: Pending,
  { type, id }: Ref,
  fields: readonly string[],
): Promise<Present & { note: string | null }> {
  const known = pending.get(type, id);
  if (known?.gone) return { row: null, name: null, note: NOT_THERE };
  const own = Object.fromEntries(known?.fields ?? []);
  if (known?.isNew) return { row: own, name: nameIn(own), note: null };
  if (id < 0) return { row: null, name: null, note: NOT_THERE };
  const present = await presentOf(errand, type, id, fields);
  if (!present) return { row: null, name: null, note: UNREAD };
  if (!present.row) return { ...present, note: NOT_THERE };
  return { row: { ...present.row, ...own }, name: present.name, note: null };
}

/** As the site changes a list of links. */
function changedList(before: unknown, value: unknown, mode: "add" | "remove"): unknown {
  const had = Array.isArray(before) ? before : [];
  const given = Array.isArray(value) ? value : [value];
  const isIn = (list: readonly unknown[], one: unknown) => list.some((each) => isSameValue(each, one));
  if (mode === "remove") return had.filter((each) => !isIn(given, each));
  return [...had, ...given.filter((each) => !isIn(had, each))];
}

async function other(
  errand: Errand,
  base: Base,
  method: string,
  given: Record<string, unknown>,
): Promise<Outcome> {
  const about = ["entity", "project", "user"].map((name) => given[name]).find(isLink);
  const entity = about
    ? {
        type: about.type,
        id: about.id,
        name: typeof about === "object" && "name" in about ? String(about.name) : null,
      }
    : null;
  const answer = ANSWERS[method];
  const note = answer ? null : "Callsheet does not know this method, and takes it for a write.";
  return {
    results: answer ? answer(given) : true,
    writes: [
      { ...base, entity, fields: [], given: errand.call.method === "batch" ? { ...given } : given, note },
    ],
  };
}

/** What the site answers to the less usual writes. */
const ANSWERS: Record<string, (given: Record<string, unknown>) => unknown> = {
  follow: ({ user, entity }) => ({ followed: true, user, entity }),
  unfollow: ({ user, entity }) => ({ unfollowed: true, user, entity }),
  schema_field_create: (given) => `sg_${displayName(given).toLowerCase().replace(/\W+/g, "_")}`,
  schema_field_update: () => true,
  schema_field_delete: () => true,
  schema_entity_create: () => true,
  work_schedule_update: ({ date, working, description, project, user }) => {
    return { date, working, description, project, user };
  },
  user_subscriptions_create: () => ({ status: "success" }),
  update_project_last_accessed_by_current_user: ({ project_id }) => [{ type: "Project", id: project_id }],
};

function displayName({ properties }: Record<string, unknown>): string {
  const list = Array.isArray(properties) ? properties : [];
  const name = list.find((each) => isObject(each) && each.property_name === "name") as
    | { value?: unknown }
    | undefined;
  return String(name?.value ?? "field");
}

function fieldsOf({ fields }: Record<string, unknown>): WireField[] {
  if (!Array.isArray(fields)) return [];
  return fields.filter((each) => isObject(each) && typeof each.field_name === "string") as WireField[];
}
