/** The text that `callsheet types` writes. */
import type { FieldSchema, FieldsSchema } from "callsheet/client";
import { expect, test } from "vitest";
import { siteTypes } from "../../src/client/schema-types/generate.ts";
import { compile } from "./compile.ts";

function field(
  dataType: string,
  more: Record<string, unknown> = {},
  editable = true,
  name = "",
): FieldSchema {
  const properties = Object.entries(more).map(([key, value]) => [key, { value, editable: true }]);
  return {
    name: { value: name, editable: true },
    data_type: { value: dataType, editable: false },
    editable: { value: editable, editable: false },
    properties: Object.fromEntries(properties),
  } as unknown as FieldSchema;
}

/** The lines between the braces of the one entity type. */
function lines(fields: FieldsSchema, others: Record<string, FieldsSchema> = {}): string[] {
  const text = siteTypes({ A: { id: field("number", {}, false), ...fields }, ...others });
  const body = /\n {4}A: \{\n([\s\S]*?) {4}\};/.exec(text)?.[1] ?? "";
  return body
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("id:"));
}

test("lists, statuses and links hold what the schema says, anything where it does not say", () => {
  expect(
    lines(
      {
        a: field("list", { valid_values: ["b", 'q"uote', "b", "a"] }),
        b: field("list", { valid_values: [] }),
        c: field("entity", { valid_types: ["B", "Hidden", "A"] }),
        d: field("multi_entity", { valid_types: ["Hidden"] }),
        e: field("brand_new"),
      },
      { B: {} },
    ),
  ).toEqual([
    'a: Field<"list", "a" | "b" | "q\\"uote">;',
    'b: Field<"list">;',
    'c: Field<"entity", "A" | "B">;',
    'd: Field<"multi_entity">;',
    'e: Field<"brand_new">;',
  ]);
});

test("what can be written, and when", () => {
  expect(
    lines({
      code: field("text"),
      computed: field("text", {}, false),
      created_at: field("date_time", {}, false),
    }),
  ).toEqual([
    'code: Field<"text">;',
    'computed: ReadOnlyField<"text">;',
    'created_at: CreateOnlyField<"date_time">;',
  ]);
  expect(siteTypes({ EventLogEntry: { event_type: field("text", {}, false) } })).toContain(
    'event_type: CreateOnlyField<"text">',
  );
});

test("display names stand above fields, where they say more", () => {
  expect(
    lines({
      sg_x: field("text", {}, true, "Client\n */ notes"),
      sg_cut_in: field("number", {}, true, "Cut In"),
    }),
  ).toEqual(['sg_cut_in: Field<"number">;', "/** Client *\\/ notes */", 'sg_x: Field<"text">;']);
});

test("the order in which the site answers makes no difference", () => {
  const a = { x: field("text"), y: field("list", { valid_values: ["1", "2"] }) };
  const b = { y: field("list", { valid_values: ["2", "1"] }), x: field("text") };
  expect(siteTypes({ A: a, B: {} })).toBe(siteTypes({ B: {}, A: b }));
});

test("names and values of any kind give a file that compiles", () => {
  const odd = [
    "with-dash",
    "1st",
    "ümlaut",
    "class",
    'quo"te',
    "new\nline",
    "back\\slash",
    "\u2028",
    "`$" + "{x}`",
  ];
  const fields = Object.fromEntries(
    odd.map((name) => [name, field("list", { valid_values: odd }, true, `${name}*/`)]),
  );
  const site = siteTypes({
    Shot: fields,
    "Odd Entity": { ref: field("entity", { valid_types: ["Odd Entity"] }) },
  });
  const use = `import type { Shotgun } from "callsheet/client";
declare const sg: Shotgun;
const [shot] = await sg.find("Shot", [["1st", "is", "class"]], ["with-dash"]);
export const value: "with-dash" | "1st" | ${JSON.stringify(odd.slice(2)).slice(1, -1).replaceAll(",", "|")} | null = shot!["with-dash"];
await sg.find("Odd Entity", [["ref.Odd Entity.id", "is", 1]], ["id"]);
`;
  expect(compile({ "site.d.ts": site, "use.ts": use }).problems).toEqual([]);
});
