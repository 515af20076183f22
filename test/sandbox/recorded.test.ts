/** Every recorded request of the Python client, sent to a site that has the rows which the requests name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { METHODS } from "../../src/sandbox/methods.ts";
import { type Fields, fieldList, SCRIPT, Studio } from "./studio.ts";

const FILE = join(import.meta.dirname, "../protocol/requests.jsonl");

interface Recorded {
  name: string;
  request: { body: { method_name?: string; params?: unknown[] } } | null;
}

const recorded = readFileSync(FILE, "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Recorded)
  .map(({ name, request }) => ({
    name,
    method: request?.body?.method_name ?? "",
    params: request?.body?.params ?? [],
  }))
  .filter(({ method }) => method === "info" || METHODS.has(method));

/** What a site refuses; all others it answers. */
const REFUSED: Record<string, RegExp> = {
  find_presets_not_a_list: /expected an array of presets: 3/,
  filter_contains_no_value: /'contains' 'relation' expects a 1-element array/,
  filter_not_between: /frame_count's 'number' data type doesn't support 'not_between'/,
  filter_in_empty_list_on_id: /'in' 'relation' expects at least a 1-element array/,
  filter_entity_is_without_id_untouched: /missing entity hash string 'type'/,
  filter_entity_contains_not_stripped: /'entity' data type doesn't support 'contains'/,
  filter_name_starts_with: /doesn't support 'name_starts_with'/,
  filter_name_ends_with: /doesn't support 'name_ends_with'/,
  filter_value_dict_on_serializable: /cannot be used in a filter/,
  create_no_data: /missing 'project' attribute/,
  update_several_fields_keep_order: /Shot.z doesn't exist/,
  update_nested_dict_not_stripped: /Asset.meta doesn't exist/,
  update_dict_without_id_untouched: /Version.link doesn't exist/,
  update_kept_keys: /Asset.x doesn't exist/,
  batch_image_is_sent_as_text: /Shot.image expected \[NilClass\]/,
  delete_missing: /id=1000000 does not exist/,
  export_page: /^Export for Page id=12345 not available$/,
  export_page_layout: /^Export for Page id=12345 not available$/,
  note_thread_read: /id=6013 does not exist/,
  note_thread_read_fields: /id=6013 does not exist/,
  note_thread_read_iso_dates: /id=6013 does not exist/,
};

const studio = new Studio();
fill("Project", 70, (name) => ({ name }));
fill("Shot", 3624);
fill("Asset", 55);
fill("Version", 9);
fill("Task", 556);
fill("HumanUser", 42, (name) => ({ name, login: name }));
studio.create("LocalStorage", { code: "primary", linux_path: "/mnt/p" });
for (const name of ["test number", "x", "temp field"])
  studio.call("schema_field_create", {
    type: "Asset",
    data_type: "text",
    properties: [{ property_name: "name", value: name }],
  });

beforeEach(() => {
  for (const { id } of studio.find("Shot", [], [], { return_only: "retired" }))
    studio.call("revive", { type: "Shot", id });
});

test.each(recorded)("$name", ({ name, method, params }) => {
  const sent = params.length === 0 ? [] : [SCRIPT, ...params.slice(1)];
  const reply = JSON.parse(studio.site.callJson(method, sent)) as Fields;
  const refusal = REFUSED[name];
  if (refusal)
    expect(reply).toEqual({
      exception: true,
      message: expect.stringMatching(refusal),
      error_code: expect.any(Number),
    });
  else if (method === "info") expect(reply).toHaveProperty("version");
  else expect(Object.keys(reply), String(reply.message)).toEqual(["results"]);
});

test("there are recorded requests, and those that are refused are among them", () => {
  const names = recorded.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(150);
  expect(names).toEqual(expect.arrayContaining(Object.keys(REFUSED)));
});

/** Creates rows until there is one with this id. */
function fill(
  type: string,
  last: number,
  fields: (name: string) => Fields = () => ({ project: studio.project }),
): void {
  const first = studio.ids(type, []).at(-1) ?? 0;
  const requests = Array.from({ length: last - first }, (_, at) => ({
    request_type: "create",
    type,
    fields: fieldList(fields(`${type} ${first + at + 1}`)),
  }));
  studio.call("batch", requests);
}
