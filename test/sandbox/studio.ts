/** A site for tests, and short ways to call it. */
import { Site, SiteFault, type SiteOptions } from "../../src/sandbox/site.ts";

export type Fields = Record<string, unknown>;
export type Condition = [path: string, relation: string, ...values: unknown[]];
export type Filters = (Condition | { any: Filters } | { all: Filters })[];

export interface Link {
  type: string;
  id: number;
  name?: string | null;
}

export type Row = Fields & Link;

export const SCRIPT = { script_name: "tester", script_key: "key of the tester" };
export const NOW = "2026-05-13T10:20:30Z"; // a Wednesday

export class Studio {
  readonly site: Site;
  readonly project: Link;
  auth: Fields = SCRIPT;

  constructor(options: SiteOptions = {}) {
    this.site = Site.open({
      scripts: [{ name: SCRIPT.script_name, key: SCRIPT.script_key }],
      users: [{ login: "jane", password: "secret of jane", name: "Jane Doe" }],
      now: () => new Date(NOW),
      ...options,
    });
    this.project = this.create("Project", { name: "Marrow Lane" });
  }

  call(method: string, payload?: unknown): unknown {
    return this.site.call(method, payload === undefined ? [this.auth] : [this.auth, payload]);
  }

  /** Creates a row and returns it as a link. */
  create(type: string, fields: Fields, return_fields = ["id"]): Row {
    return this.call("create", { type, fields: fieldList(fields), return_fields }) as Row;
  }

  /** Creates a row in the project. */
  make(type: string, fields: Fields = {}, return_fields = ["id"]): Row {
    return this.create(type, { project: this.project, ...fields }, return_fields);
  }

  update(row: Link, fields: Fields, mode?: string): Row {
    const list = fieldList(fields).map((field) => ({
      ...field,
      ...(mode && { multi_entity_update_mode: mode }),
    }));
    return this.call("update", { type: row.type, id: row.id, fields: list }) as Row;
  }

  delete(row: Link): unknown {
    return this.call("delete", { type: row.type, id: row.id });
  }

  revive(row: Link): unknown {
    return this.call("revive", { type: row.type, id: row.id });
  }

  /** The rows found, all on one page. */
  find(type: string, filters: Filters = [], return_fields: string[] = [], more: Fields = {}): Row[] {
    const payload = {
      type,
      return_fields,
      filters: group("and", filters),
      paging: { entities_per_page: 5000, current_page: 1 },
      ...more,
    };
    return (this.call("read", payload) as { entities: Row[] }).entities;
  }

  ids(type: string, filters: Filters, more: Fields = {}): number[] {
    return this.find(type, filters, [], more).map(({ id }) => id);
  }

  /** One row as it reads now. */
  get(row: Link, ...fields: string[]): Row {
    return this.find(row.type, [["id", "is", row.id]], fields)[0]!;
  }

  /** The events with ids above `after`, without the columns that are the same in all of them. */
  events(after = 0, fields = ["event_type", "attribute_name", "meta", "entity"]): Row[] {
    return this.find("EventLogEntry", [["id", "greater_than", after]], fields);
  }

  get lastEvent(): number {
    return this.site.events.newestId;
  }
}

export function fieldList(fields: Fields): { field_name: string; value: unknown }[] {
  return Object.entries(fields).map(([field_name, value]) => ({ field_name, value }));
}

export function group(operator: "and" | "or", filters: Filters): object {
  return {
    logical_operator: operator,
    conditions: filters.map((filter) => {
      if (Array.isArray(filter)) return condition(filter);
      return "any" in filter ? group("or", filter.any) : group("and", filter.all);
    }),
  };
}

/** A single list of values is taken for the values, as the Python client does. */
function condition([path, relation, ...values]: Condition): object {
  return { path, relation, values: values.length === 1 && Array.isArray(values[0]) ? values[0] : values };
}

export function link({ type, id }: Link): Link {
  return { type, id };
}

/** `103 API create() …` */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SiteFault) return `${error.code} ${error.message}`;
    throw error;
  }
  return "no refusal";
}
