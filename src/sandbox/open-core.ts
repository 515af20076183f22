import type { Core } from "./core.ts";
import { EventLog } from "./events/log.ts";
import { schemaFile as freshSite } from "./schema/file.ts";
import { Schema } from "./schema/schema.ts";
import { Sides } from "./schema/sides.ts";
import { SiteFields } from "./schema/site-fields.ts";
import { defaultSettings } from "./settings.ts";
import { Database } from "./store/database.ts";
import { Links } from "./store/links.ts";
import { Names } from "./store/names.ts";
import { Rows } from "./store/rows.ts";
import { Sequences } from "./store/sequences.ts";
import { createTables } from "./store/tables.ts";

/**
 * Puts the parts of a site together over its database.
 * @param storage a SQLite file, or ":memory:"
 * @param file the schema that the site begins with; default: that of a fresh site
 */
export function openCore(
  storage: string,
  now: () => Date,
  settings = defaultSettings,
  file = freshSite,
): Core {
  const db = new Database(storage);
  const schema = new Schema(file);
  const sides = new Sides(schema);
  createTables(db, schema, sides);
  const names = new Names(db);
  const sequences = new Sequences(db);
  return {
    file,
    schema,
    sides,
    fields: new SiteFields(db, schema, file),
    db,
    names,
    rows: new Rows(db, schema, names),
    links: new Links(db, sides),
    sequences,
    log: new EventLog(db, schema, sequences),
    settings,
    now,
  };
}
