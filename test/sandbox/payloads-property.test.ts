/** Payloads that no client sends: each is a result or a fault, never a crash. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { SCRIPT, Studio } from "./studio.ts";

const METHODS = [
  "get_session_token",
  "preferences_read",
  "export_page",
  "user_subscriptions_read",
  "user_subscriptions_create",
  "update_project_last_accessed_by_current_user",
  "schema_field_create",
  "schema_field_update",
  "schema_field_delete",
  "schema_field_read",
  "schema_read",
  "schema_entity_read",
  "read",
  "summarize",
  "create",
  "update",
  "delete",
  "revive",
  "batch",
];

const key = fc.constantFrom(
  "type",
  "field_name",
  "data_type",
  "properties",
  "project",
  "prefs",
  "users",
  "format",
  "page_id",
  "project_id",
  "user_id",
  "toString",
  "id",
  "fields",
  "filters",
  "sorts",
  "paging",
  "return_fields",
  "additional_filter_presets",
  "summaries",
  "grouping",
  "request_type",
);
const atom = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    1,
    -1,
    1.5,
    "",
    "Asset",
    "code",
    "sg_new",
    "text",
    "checkbox",
    "entity",
    "__proto__",
    "constructor",
    2 ** 53,
  ),
  fc.string({ unit: "grapheme", maxLength: 5 }),
);
const property = fc.record({
  property_name: fc.constantFrom<unknown>(
    "name",
    "valid_types",
    "valid_values",
    "default_value",
    "visible",
    "description",
    "nope",
    1,
  ),
  value: fc.oneof(atom, fc.constant(["Asset"]), fc.array(atom, { maxLength: 2 })),
});
const value = fc.oneof(
  atom,
  fc.array(fc.oneof(atom, property), { maxLength: 3 }),
  fc.dictionary(key, atom, { maxKeys: 2 }),
  fc.record({ type: atom, id: atom }),
);
const payload = fc.oneof(
  { weight: 9, arbitrary: fc.dictionary(key, value) },
  { weight: 1, arbitrary: value },
);

test("any payload is answered with a result or a fault", () => {
  const { site } = new Studio();
  fc.assert(
    fc.property(fc.constantFrom(...METHODS), payload, (method, given) => {
      const reply = JSON.parse(site.callJson(method, [SCRIPT, overTheWire(given)])) as Record<
        string,
        unknown
      >;
      if ("results" in reply) return;
      expect(reply).toEqual({ exception: true, message: expect.any(String), error_code: expect.any(Number) });
      expect([102, 103, 104]).toContain(reply.error_code);
    }),
    { numRuns: 1500 },
  );
  expect(site.call("schema_entity_read", [SCRIPT])).toHaveProperty("Asset");
});

test("any credentials are let in or refused", () => {
  const { site } = new Studio();
  const name = fc.constantFrom(
    "script_name",
    "script_key",
    "user_login",
    "user_password",
    "auth_token",
    "session_token",
    "reject_if_expired",
    "sudo_as_login",
    "session_uuid",
  );
  const secret = fc.oneof(
    atom,
    fc.constantFrom<unknown>("tester", "key of the tester", "jane", "JANE", {}, []),
  );
  fc.assert(
    fc.property(fc.oneof(fc.dictionary(name, secret), value), (auth) => {
      const reply = JSON.parse(site.callJson("preferences_read", [overTheWire(auth)])) as Record<
        string,
        unknown
      >;
      if (!("results" in reply)) expect(reply.error_code).toBe(102);
    }),
    { numRuns: 1000 },
  );
});

test("every field of every type can be read and sorted by, images and files included", () => {
  const studio = new Studio();
  const types = Object.keys(studio.call("schema_entity_read") as object);
  expect(types.length).toBeGreaterThan(80);
  for (const type of types) {
    const fields = Object.keys(studio.call("schema_field_read", { type }) as object);
    const sorts = fields.map((field_name) => ({ field_name, direction: "asc" }));
    studio.find(type, [], fields, { sorts });
  }
});

function overTheWire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
