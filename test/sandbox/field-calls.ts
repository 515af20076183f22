/** The calls that make, change and read fields. */
import type { Fields, Studio } from "./studio.ts";

type Property = { value: unknown; editable: boolean };

export function properties(given: Fields): { property_name: string; value: unknown }[] {
  return Object.entries(given).map(([property_name, value]) => ({ property_name, value }));
}

export function make(studio: Studio, type: string, data_type: string, given: Fields): string {
  return studio.call("schema_field_create", { type, data_type, properties: properties(given) }) as string;
}

export function change(
  studio: Studio,
  type: string,
  field_name: string,
  given: Fields,
  more: Fields = {},
): unknown {
  return studio.call("schema_field_update", { type, field_name, properties: properties(given), ...more });
}

export function read(studio: Studio, type: string, field_name: string, more: Fields = {}) {
  const reply = studio.call("schema_field_read", { type, field_name, ...more }) as Record<
    string,
    Record<string, Property> & { properties: Record<string, Property> }
  >;
  return reply[field_name]!;
}
