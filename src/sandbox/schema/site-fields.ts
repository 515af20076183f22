/**
 * What a site's own people changed in its schema. The rows of `DisplayColumn` are the truth; the schema in memory
 * follows them.
 */
import type { Ref } from "../store/columns.ts";
import { columnsOf, columnType, quote } from "../store/columns.ts";
import type { Database } from "../store/database.ts";
import type { RawField, SchemaFile } from "./file.ts";
import type { Field, Schema } from "./schema.ts";

interface Kept {
  type: string;
  name: string;
  /** Of a field made here: all of it. Of a stock field: what was changed. */
  raw: Partial<RawField>;
  live: boolean;
}

export class SiteFields {
  readonly #db: Database;
  readonly #schema: Schema;
  readonly #file: SchemaFile;
  #changed = false;

  /** Loads what an earlier run changed. */
  constructor(db: Database, schema: Schema, file: SchemaFile) {
    this.#db = db;
    this.#schema = schema;
    this.#file = file;
    this.#load();
  }

  /** True also for the name of a field in the trash. */
  isTaken(type: string, name: string): boolean {
    return this.#schema.field(type, name) !== undefined || this.#idOf(type, name) !== undefined;
  }

  /** Only fields made on this site can be taken away. */
  isOwn({ entityType, name }: Field): boolean {
    return !Object.hasOwn(this.#file.entity_types[entityType]?.fields ?? {}, name);
  }

  /** @param id of the field's DisplayColumn */
  add(id: number, type: string, name: string, raw: RawField): void {
    this.#insert(id, type, name, raw);
    const field = this.#put(type, name, raw);
    for (const column of columnsOf(field))
      this.#db.exec(`ALTER TABLE ${quote(type)} ADD COLUMN ${quote(column)} ${columnType(field, column)}`);
    if (field.dataType === "checkbox")
      this.#db.run(`UPDATE ${quote(type)} SET ${quote(name)} = ?`, [raw.default_value === true ? 1 : 0]);
  }

  /** The DisplayColumn of a field; undefined for a stock field that was never changed. */
  columnOf({ entityType, name }: Field): Ref | undefined {
    const id = this.#idOf(entityType, name);
    return id === undefined ? undefined : { type: "DisplayColumn", id };
  }

  /** @param id drawn for a stock field that has no DisplayColumn yet */
  change(id: number, field: Field, changes: Partial<RawField>): void {
    const { entityType, name } = field;
    if (!this.columnOf(field)) this.#insert(id, entityType, name, {});
    const cells = this.#db.get(`SELECT raw FROM "DisplayColumn" WHERE id = ?`, [id])!;
    const raw = { ...JSON.parse(cells[0] as string), ...changes };
    this.#db.run(`UPDATE "DisplayColumn" SET raw = ? WHERE id = ?`, [JSON.stringify(raw), id]);
    this.#put(entityType, name, { ...field.raw, ...changes });
  }

  /** To the trash: the values stay, the name stays taken. */
  trash(id: number, { entityType, name }: Field): void {
    this.#db.run(`UPDATE "DisplayColumn" SET live = 0 WHERE id = ?`, [id]);
    this.#changed = true;
    this.#schema.drop(entityType, name);
  }

  /** False when the field is hidden in this project, or everywhere. */
  isVisible({ entityType, name, raw }: Field, project: number | null): boolean {
    const cells =
      project === null
        ? undefined
        : this.#db.get("SELECT visible FROM site_visibility WHERE type = ? AND field = ? AND project = ?", [
            entityType,
            name,
            project,
          ]);
    return cells ? cells[0] === 1 : raw.visible !== false;
  }

  setVisible({ entityType, name }: Field, project: number, visible: boolean): void {
    this.#db.run(
      "INSERT OR REPLACE INTO site_visibility (type, field, project, visible) VALUES (?, ?, ?, ?)",
      [entityType, name, project, visible ? 1 : 0],
    );
  }

  /** Call after a rollback: what is in memory may not have happened. */
  forget(): void {
    if (!this.#changed) return;
    for (const type of this.#schema.types)
      for (const field of [...type.fields.values()]) {
        const stock = this.#file.entity_types[type.name]!.fields[field.name];
        if (!stock) this.#schema.drop(type.name, field.name);
        else if (stock !== field.raw) this.#schema.put(type.name, field.name, stock);
      }
    this.#load();
    this.#changed = false;
  }

  #load(): void {
    const rows = this.#db.all(`SELECT entity_type, field_name, raw, live FROM "DisplayColumn" ORDER BY id`);
    const all = rows.map(
      ([type, name, raw, live]): Kept => ({
        type: String(type),
        name: String(name),
        raw: JSON.parse(String(raw)),
        live: live === 1,
      }),
    );
    for (const { type, name, raw } of all.filter(({ live }) => live))
      this.#schema.put(type, name, { ...this.#schema.field(type, name)?.raw, ...raw } as RawField);
  }

  #put(type: string, name: string, raw: RawField): Field {
    this.#changed = true;
    return this.#schema.put(type, name, raw);
  }

  #insert(id: number, type: string, name: string, raw: Partial<RawField>): void {
    this.#db.run(
      `INSERT INTO "DisplayColumn" (id, entity_type, field_name, raw, live) VALUES (?, ?, ?, ?, 1)`,
      [id, type, name, JSON.stringify(raw)],
    );
  }

  #idOf(type: string, name: string): number | undefined {
    const cells = this.#db.get(`SELECT id FROM "DisplayColumn" WHERE entity_type = ? AND field_name = ?`, [
      type,
      name,
    ]);
    return cells && Number(cells[0]);
  }
}
