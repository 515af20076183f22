/** Whatever is done to a site, its event log tells it: played over what was there before, it gives what is there now. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { schemaFile } from "../../src/sandbox/schema/file.ts";
import { SiteFault } from "../../src/sandbox/site.ts";
import { type Fields, type Link, link, type Row, Studio } from "./studio.ts";

const TYPES = ["Sequence", "Shot", "Asset", "Task", "Version", "Note", "Reply", "Playlist", "PublishedFile"];
const MORE_TYPES = ["Cut", "CutItem", "TimeLog", "Group", "HumanUser", "Tag", "TaskTemplate"];
const ALL = [...TYPES, ...MORE_TYPES];
/** Written with no event, or read back as something else. */
const LEFT_OUT = new Set(["project", "created_at", "updated_at", "created_by", "updated_by"]);
const SECRETIVE = new Set(["login", "password_proxy", "permission_rule_set", "cached_display_name"]);

const VALUES: Record<string, unknown[]> = {
  text: ["a", "b", null, " c "],
  number: [0, 1, null],
  percent: [0, 50, null],
  duration: [0, 480, 960, null],
  float: [0.5, 1.25, null],
  checkbox: [true, false],
  date: ["2026-05-13", "2026-06-01", null],
  date_time: ["2026-05-13T00:00:00Z", null],
  color: ["1,2,3", "9,9,9"],
  tag_list: [["x"], ["x", "y"], []],
  url: [{ url: "http://127.0.0.1/b", name: "b" }, null],
};

const LINKS = new Set(["entity", "multi_entity"]);
const LISTS = new Set(["list", "status_list"]);

interface Known {
  name: string;
  dataType: string;
  values: unknown[];
  types: string[];
}

/** The fields that are written and read here, by entity type. */
const FIELDS = new Map(
  ALL.map((type) => [
    type,
    Object.entries(schemaFile.entity_types[type]!.fields)
      .filter(([name, { write }]) => write === "always" && !LEFT_OUT.has(name) && !SECRETIVE.has(name))
      .map(([name, raw]): Known => {
        const values = LISTS.has(raw.data_type) ? (raw.valid_values ?? []) : (VALUES[raw.data_type] ?? []);
        return { name, dataType: raw.data_type, values, types: raw.valid_types ?? [] };
      })
      .filter(({ dataType, values }) => values.length > 0 || LINKS.has(dataType)),
  ]),
);

interface Step {
  what: "create" | "update" | "delete" | "revive";
  /** Which type, or which row. */
  which: number;
  /** Which fields, and which of the possible values. */
  fields: [number, number][];
  mode: "set" | "add" | "remove";
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom("create", "create", "update", "update", "update", "delete", "revive"),
  which: fc.nat(),
  fields: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 }),
  mode: fc.constantFrom("set", "add", "remove"),
});

/** What the event log says of every row, by `Type id`. */
class Replay {
  readonly rows = new Map<string, Fields>();
  readonly retired = new Set<string>();

  play({ attribute_name, meta, entity }: Row): void {
    const { type, old_value, new_value, added, removed, ...told } = meta as Fields;
    const owner = { type: told.entity_type as string, id: told.entity_id as number };
    if (type === "entity_retirement") this.retired.add(keyOf(owner));
    if (type === "entity_revival") this.retired.delete(keyOf(owner));
    if (type !== "attribute_change" || attribute_name === "retirement_date") return;
    const isBack = "actual_attribute_changed" in told;
    // The entity of a back reference to a retired row reads as null.
    if (isBack && !entity) return;
    const of = this.of(isBack ? (entity as Link) : owner);
    const field = attribute_name as string;
    if (added && isList((isBack ? (entity as Link) : owner).type, field))
      of[field] = changed(of[field] as Link[] | undefined, added as Link[], removed as Link[]);
    else if (added) of[field] = (added as Link[]).at(-1) ?? null;
    else {
      const before = this.shown(of[field]);
      expect(plain(old_value), `old ${owner.type}.${field}`).toEqual(before);
      of[field] = new_value;
    }
  }

  of(row: Link): Fields {
    const known = this.rows.get(keyOf(row)) ?? {};
    this.rows.set(keyOf(row), known);
    return known;
  }

  /** As a site shows it: links to retired rows are none. */
  shown(value: unknown): unknown {
    if (Array.isArray(value)) return plain(value.filter((item) => !this.retired.has(keyOf(item))));
    return isLink(value) && this.retired.has(keyOf(value)) ? null : plain(value);
  }
}

function changed(before: Link[] = [], added: Link[], removed: Link[]): Link[] {
  const keys = before.map(keyOf);
  for (const item of removed) expect(keys).toContain(keyOf(item));
  for (const item of added) expect(keys).not.toContain(keyOf(item));
  const gone = new Set(removed.map(keyOf));
  return [...before.filter((item) => !gone.has(keyOf(item))), ...added];
}

function keyOf({ type, id }: Link): string {
  return `${type} ${id}`;
}

function isLink(value: unknown): value is Link {
  return typeof value === "object" && value !== null && "id" in value && !("url" in value);
}

function isList(type: string, field: string): boolean {
  return schemaFile.entity_types[type]?.fields[field]?.data_type === "multi_entity";
}

/** One form for what metas and records write differently; nothing, false and empty are the same. */
function plain(value: unknown): unknown {
  if (value === undefined || value === false || value === "") return null;
  if (Array.isArray(value))
    return value.length === 0 ? null : value.map((item) => (isLink(item) ? keyOf(item) : item)).sort();
  if (isLink(value)) return keyOf(value);
  if (typeof value === "object" && value !== null) return (value as { url: string }).url;
  if (typeof value === "string") return value.replace(/^([\d-]{10}) ([\d:]{8}) UTC$/, "$1T$2Z");
  return value;
}

function fieldsFor(type: string, picks: [number, number][], rows: Link[]): Fields {
  const known = FIELDS.get(type)!;
  return Object.fromEntries(
    picks.map(([which, value]) => {
      const { name, dataType, values, types } = known[which % known.length]!;
      if (!LINKS.has(dataType)) return [name, values[value % values.length]];
      const targets = rows.filter((row) => types.length === 0 || types.includes(row.type)).map(link);
      const chosen = targets.length > 0 ? [targets[value % targets.length]!] : [];
      if (dataType === "entity") return [name, value % 5 === 0 ? null : (chosen[0] ?? null)];
      const second = targets[(value >> 3) % Math.max(1, targets.length)];
      return [name, value % 5 === 0 || !second ? chosen : [...chosen, second]];
    }),
  );
}

function carryOut(studio: Studio, { what, which, fields, mode }: Step, rows: Link[], at: number): void {
  const row = rows[which % Math.max(1, rows.length)];
  if (what === "create" || !row) {
    const type = ALL[which % ALL.length]!;
    const inProject = schemaFile.entity_types[type]!.project_scoped ? { project: studio.project } : {};
    const named = type === "HumanUser" ? { name: `Person ${at}` } : {};
    rows.push(studio.create(type, { ...inProject, ...fieldsFor(type, fields, rows), ...named }));
  } else if (what === "update") studio.update(row, fieldsFor(row.type, fields, rows), mode);
  else if (what === "delete") studio.delete(row);
  else studio.revive(row);
}

test("the event log, played from the start, gives the rows as they are", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
      const studio = new Studio();
      const replay = new Replay();
      const rows: Link[] = [];
      for (const [at, one] of steps.entries()) {
        const before = studio.lastEvent;
        try {
          carryOut(studio, one, rows, at);
        } catch (error) {
          if (!(error instanceof SiteFault)) throw error;
          expect(studio.lastEvent, "a refused write leaves no event").toBe(before);
        }
        for (const event of studio.events(before)) replay.play(event);
      }
      for (const type of ALL) {
        const names = FIELDS.get(type)!.map(({ name }) => name);
        for (const row of studio.find(type, [], names))
          for (const name of names)
            if (replay.rows.has(keyOf(row)))
              expect(plain(row[name]), `${keyOf(row)}.${name}`).toEqual(replay.shown(replay.of(row)[name]));
      }
      studio.site.close();
    }),
    { numRuns: 40 },
  );
});
