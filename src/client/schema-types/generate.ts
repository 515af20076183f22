/** Turns a site's schema into the text of a declaration file. */
import type { FieldSchema, FieldsSchema } from "../schema.ts";
import { quoted, union } from "./text.ts";

/** Fields that the schema calls read-only, and that `create` may set all the same (protocol notes 5.1). */
const CREATE_ONLY = new Set(["created_at", "created_by", "updated_at", "updated_by", "Attachment.this_file"]);
/** Its rows are made and never changed, so the schema calls all of its fields read-only. */
const EVENTS = "EventLogEntry";

const HEAD = `// The types of a Flow Production Tracking site, written by \`callsheet types\`. Do not edit: write it again instead.
// Part of a project, it lets the compiler check every entity type, field, relation and value in calls of \`sg\`.
import type { CreateOnlyField, Field, ReadOnlyField } from "callsheet/client";

declare module "callsheet/client" {
  interface SiteEntities {
`;

/**
 * The text of a `.d.ts` file that adds the entity types to `SiteEntities` of `callsheet/client`. The same schema, in
 * whatever order, gives the same text.
 * @param schema what `schemaRead` returned
 */
export function siteTypes(schema: Record<string, FieldsSchema>): string {
  const types = Object.keys(schema).sort();
  const known = new Set(types);
  const entities = types.map((type) => entityTypes(type, schema[type]!, known));
  return `${HEAD}${entities.join("")}  }\n}\n`;
}

function entityTypes(type: string, fields: FieldsSchema, known: ReadonlySet<string>): string {
  const lines = Object.keys(fields)
    .sort()
    .map((name) => {
      const field = fields[name]!;
      return `${hover(name, field)}      ${quoted.key(name)}: ${fieldType(type, name, field, known)};\n`;
    });
  // Every record has an id, whether the schema lists it or not.
  if (!Object.hasOwn(fields, "id")) lines.unshift('      id: ReadOnlyField<"number">;\n');
  return `    ${quoted.key(type)}: {\n${lines.join("")}    };\n`;
}

/** The display name, for editors, where it says more than the name does. */
function hover(name: string, field: FieldSchema): string {
  const label = quoted.comment(String(field.name?.value ?? ""));
  return label === "" || plain(label) === plain(name) ? "" : `      /** ${label} */\n`;
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/^sg_/, "")
    .replace(/[^a-z0-9]/g, "");
}

function fieldType(type: string, name: string, field: FieldSchema, known: ReadonlySet<string>): string {
  const dataType = String(field.data_type?.value);
  const of = choices(field, known);
  const written = writtenWhen(type, name, field);
  return `${written}<${[quoted.text(dataType), ...(of === null ? [] : [of])].join(", ")}>`;
}

function writtenWhen(type: string, name: string, field: FieldSchema): string {
  if (name !== "id" && field.editable?.value !== false) return "Field";
  const isCreateOnly = CREATE_ONLY.has(name) || CREATE_ONLY.has(`${type}.${name}`) || type === EVENTS;
  return isCreateOnly && name !== "id" ? "CreateOnlyField" : "ReadOnlyField";
}

/** What a list or link may hold, as a union; null where the schema leaves it open. */
function choices({ properties }: FieldSchema, known: ReadonlySet<string>): string | null {
  const values = texts(properties?.valid_values?.value);
  if (values.length > 0) return union(values);
  // Types that the script may not see have no fields here, so a path through them leads nowhere.
  const types = texts(properties?.valid_types?.value).filter((type) => known.has(type));
  return types.length > 0 ? union(types) : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
