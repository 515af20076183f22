import type { EntityType, Schema } from "../schema/schema.ts";
import type { Sides } from "../schema/sides.ts";
import { columnsOf, columnType, isLinkList, quote } from "./columns.ts";
import type { Database } from "./database.ts";

/**
 * `site_name` holds the display name of every row that can be linked to, so that a link of any type reads and
 * filters in the same way; `live` is 0 for retired rows. `site_link` holds the links of multi-entity fields.
 */
const SITE_TABLES = `
  CREATE TABLE IF NOT EXISTS site_name (
    type TEXT NOT NULL, id INTEGER NOT NULL, name TEXT, live INTEGER NOT NULL,
    PRIMARY KEY (type, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_link (
    key TEXT NOT NULL, from_type TEXT NOT NULL, from_id INTEGER NOT NULL,
    to_type TEXT NOT NULL, to_id INTEGER NOT NULL,
    PRIMARY KEY (key, from_type, from_id, to_type, to_id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS site_link_back ON site_link (key, to_type, to_id);
  CREATE TABLE IF NOT EXISTS site_secret (
    type TEXT NOT NULL, id INTEGER NOT NULL, salt TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (type, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_code (
    person INTEGER NOT NULL, hash TEXT NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (person, hash)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_failure (person INTEGER PRIMARY KEY, count INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS site_session (
    hash TEXT PRIMARY KEY, type TEXT NOT NULL, id INTEGER NOT NULL, script INTEGER, last_used INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_rule (
    rule_set INTEGER NOT NULL, verb TEXT NOT NULL, target TEXT NOT NULL, UNIQUE (rule_set, verb, target));
  CREATE TABLE IF NOT EXISTS "DisplayColumn" (
    id INTEGER PRIMARY KEY, entity_type TEXT NOT NULL, field_name TEXT NOT NULL, raw TEXT NOT NULL,
    live INTEGER NOT NULL, UNIQUE (entity_type, field_name));
  CREATE TABLE IF NOT EXISTS site_visibility (
    type TEXT NOT NULL, field TEXT NOT NULL, project INTEGER NOT NULL, visible INTEGER NOT NULL,
    PRIMARY KEY (type, field, project)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_subscription (person INTEGER PRIMARY KEY, subscription TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS site_access (
    project INTEGER NOT NULL, viewer TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (project, viewer)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_file (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, content_type TEXT,
    size INTEGER NOT NULL, place TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS site_thumbnail (
    type TEXT NOT NULL, id INTEGER NOT NULL, field TEXT NOT NULL, file INTEGER NOT NULL, caller TEXT NOT NULL,
    due INTEGER NOT NULL, PRIMARY KEY (type, id, field)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_upload (
    key TEXT PRIMARY KEY, upload_id TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, content_type TEXT,
    size INTEGER) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_sequence (type TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_follow (
    user_id INTEGER NOT NULL, type TEXT NOT NULL, id INTEGER NOT NULL,
    PRIMARY KEY (user_id, type, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS site_update (
    id INTEGER PRIMARY KEY, event_id INTEGER NOT NULL, kind TEXT NOT NULL,
    type TEXT NOT NULL, entity_id INTEGER NOT NULL, project_id INTEGER);
  CREATE INDEX IF NOT EXISTS site_update_about ON site_update (type, entity_id);
  CREATE TABLE IF NOT EXISTS site_workday (
    owner TEXT NOT NULL, owner_id INTEGER NOT NULL, date TEXT NOT NULL,
    working INTEGER NOT NULL, description TEXT, PRIMARY KEY (owner, owner_id, date)) WITHOUT ROWID;`;

/** What happened to one entity is the question that event logs are asked most. */
const EVENTS_OF_AN_ENTITY = indexSql("EventLogEntry", "entity");

/** Creates what is missing: one table for each entity type, and the site's own. */
export function createTables(db: Database, schema: Schema, sides: Sides): void {
  db.exec(SITE_TABLES);
  for (const type of schema.types) {
    db.exec(tableSql(type));
    addColumns(db, type);
  }
  for (const type of schema.types)
    for (const field of type.fields.values()) {
      if (!isLinkList(field)) continue;
      const store = sides.store(field);
      if (store.kind === "column") db.exec(indexSql(store.type, store.field));
      if (store.kind === "connection") db.exec(indexSql(store.connection.type, store.connection.own));
    }
  db.exec(EVENTS_OF_AN_ENTITY);
}

/** Runs `work`, which writes so many events that their index is made faster afterwards than row by row. */
export function indexEventsAfter(db: Database, work: () => void): void {
  db.exec(`DROP INDEX ${quote("EventLogEntry.entity")}`);
  work();
  db.exec(EVENTS_OF_AN_ENTITY);
}

/** A site that was kept may know fewer fields than the schema it is opened with. */
function addColumns(db: Database, type: EntityType): void {
  const known = new Set(db.all(`PRAGMA table_info(${quote(type.name)})`).map(([, name]) => name));
  for (const [name, column] of columnSql(type))
    if (!known.has(name)) db.exec(`ALTER TABLE ${quote(type.name)} ADD COLUMN ${column}`);
}

/** Name and definition of each column that holds values. */
function columnSql(type: EntityType): [name: string, sql: string][] {
  return [...type.fields.values()].flatMap((field) =>
    columnsOf(field).map((name): [string, string] => [name, `${quote(name)} ${columnType(field, name)}`]),
  );
}

function tableSql(type: EntityType): string {
  const columns = columnSql(type).map(([, sql]) => sql);
  return `CREATE TABLE IF NOT EXISTS ${quote(type.name)} (
    id INTEGER PRIMARY KEY, ${columns.join(", ")}${columns.length ? "," : ""}
    "row.live" INTEGER NOT NULL DEFAULT 1, "row.retired_at" TEXT, "row.retired_with" TEXT)`;
}

function indexSql(type: string, field: string): string {
  const name = quote(`${type}.${field}`);
  return `CREATE INDEX IF NOT EXISTS ${name} ON ${quote(type)} (${quote(`${field}.id`)}, ${quote(`${field}.type`)})`;
}
