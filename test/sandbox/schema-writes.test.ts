import { describe, expect, test } from "vitest";
import { change, make, read } from "./field-calls.ts";
import { type Fields, link, refusal, Studio } from "./studio.ts";

describe("a new field", () => {
  test("is named after what people call it, and no name is given twice", () => {
    const studio = new Studio();
    const monkeys = (name: string) => make(studio, "Version", "number", { name });
    expect(monkeys("Monkey Count")).toBe("sg_monkey_count");
    expect(monkeys("monkey count")).toBe("sg_monkey_count_1");
    studio.call("schema_field_delete", { type: "Version", field_name: "sg_monkey_count_1" });
    expect(monkeys("Monkey  Count!")).toBe("sg_monkey_count_2");
    expect(monkeys("猿")).toBe("sg_field");
    expect(monkeys("Uploaded Movie")).toBe("sg_uploaded_movie_1");
  });

  test("is in the schema as it was asked for", () => {
    const studio = new Studio();
    const name = make(studio, "Asset", "list", {
      name: "Kind",
      description: "of asset",
      valid_values: ["a", "b"],
    });
    expect(read(studio, "Asset", name)).toMatchObject({
      name: { value: "Kind", editable: true },
      description: { value: "of asset", editable: true },
      data_type: { value: "list", editable: false },
      visible: { value: true, editable: true },
      properties: { valid_values: { value: ["a", "b"], editable: true } },
    });
    expect(studio.call("schema_read")).toHaveProperty(`Asset.${name}.data_type.value`, "list");
  });

  test.each<[string, Fields, unknown, unknown]>([
    ["number", {}, 0, 0],
    ["text", {}, " hello ", "hello"],
    ["list", { valid_values: ["a"] }, "a", "a"],
    ["status_list", {}, "ip", "ip"],
    ["checkbox", { default_value: false }, true, true],
    ["date", {}, "2026-05-13", "2026-05-13"],
    ["float", {}, 1.5, 1.5],
    [
      "entity",
      { valid_types: ["HumanUser"] },
      { type: "HumanUser", id: 1 },
      { type: "HumanUser", id: 1, name: "Jane Doe" },
    ],
    [
      "multi_entity",
      { valid_types: ["HumanUser"] },
      [{ type: "HumanUser", id: 1 }],
      [{ type: "HumanUser", id: 1, name: "Jane Doe" }],
    ],
    [
      "url",
      {},
      { url: "http://example.com/" },
      expect.objectContaining({ url: "http://example.com/", link_type: "web" }),
    ],
  ])("of type %s is written, read, filtered, sorted and told", (dataType, given, written, readBack) => {
    const studio = new Studio();
    const old = studio.make("Asset");
    const name = make(studio, "Asset", dataType, { name: "Extra", ...given });
    const asset = studio.make("Asset", { [name]: written });
    expect(studio.get(asset, name)[name]).toEqual(readBack);
    const before = studio.lastEvent;
    studio.update(old, { [name]: written });
    expect(studio.get(old, name)[name]).toEqual(readBack);
    expect(studio.events(before)).toContainEqual(
      expect.objectContaining({ event_type: "Shotgun_Asset_Change", attribute_name: name }),
    );
    if (dataType === "url") return;
    const value = Array.isArray(written) ? written[0] : readBack;
    const sorts = [{ field_name: name, direction: "desc" }];
    expect(studio.ids("Asset", [[name, "is", value]], { sorts })).toEqual([old.id, asset.id]);
  });

  test("zero is a value, and rows from before have none", () => {
    const studio = new Studio();
    const before = studio.make("Asset");
    const name = make(studio, "Asset", "number", { name: "api tests number field" });
    const zero = studio.make("Asset", { [name]: 0 });
    expect(studio.ids("Asset", [[name, "is", null]])).toEqual([before.id]);
    expect(studio.ids("Asset", [[name, "is", 0]])).toEqual([zero.id]);
    expect(studio.ids("Asset", [[name, "is_not", null]])).toEqual([zero.id]);
  });

  test("a default is for rows made from now on; a checkbox is never empty", () => {
    const studio = new Studio();
    const old = studio.make("Asset");
    const text = make(studio, "Asset", "text", { name: "T", default_value: "x" });
    const box = make(studio, "Asset", "checkbox", { name: "B", default_value: true });
    expect(studio.get(old, text, box)).toMatchObject({ [text]: null, [box]: true });
    expect(studio.get(studio.make("Asset"), text, box)).toMatchObject({ [text]: "x", [box]: true });
  });

  test.each<[string, string, Fields, RegExp]>([
    ["color", "a color", { name: "x" }, /^103 API schema_field_create\(\) invalid 'data_type' "color"/],
    ["nope", "an unknown type", { name: "x" }, /invalid 'data_type' "nope"/],
    ["text", "no name", {}, /missing property 'name'/],
    ["text", "an empty name", { name: " " }, /'name' expected a name/],
    ["text", "an unknown property", { name: "x", nope: 1 }, /unknown property "nope" of a 'text' field/],
    ["entity", "no valid types", { name: "x" }, /needs the property 'valid_types'/],
    ["multi_entity", "unknown valid types", { name: "x", valid_types: ["Nope"] }, /an array of entity types/],
    ["checkbox", "no default", { name: "x" }, /needs the property 'default_value'/],
    ["list", "values that are no texts", { name: "x", valid_values: [1] }, /an array of strings/],
    [
      "status_list",
      "a fixed property",
      { name: "x", hidden_values: ["ip"] },
      /'hidden_values' is not editable/,
    ],
  ])("of type %s with %s is refused", (dataType, _what, given, reason) => {
    expect(refusal(() => make(new Studio(), "Asset", dataType, given))).toMatch(reason);
  });
});

describe("a changed field", () => {
  test("has its new properties, and refuses what it does not have", () => {
    const studio = new Studio();
    const name = make(studio, "Asset", "list", { name: "Kind", valid_values: ["a"] });
    expect(change(studio, "Asset", name, { name: "Sort", valid_values: ["a", "b"], description: "d" })).toBe(
      true,
    );
    expect(read(studio, "Asset", name)).toMatchObject({
      name: { value: "Sort" },
      description: { value: "d" },
    });
    studio.make("Asset", { [name]: "b" });
    expect(change(studio, "Asset", name, {})).toBe(true);
    expect(refusal(() => change(studio, "Asset", name, { nope: 1 }))).toMatch(
      /^103 .*unknown property "nope"/,
    );
    expect(refusal(() => change(studio, "Asset", "sg_nope", {}))).toBe(
      "103 API schema_field_update() Asset.sg_nope doesn't exist.",
    );
  });

  test("of the stock takes changes too, on this site only", () => {
    const studio = new Studio();
    const values = read(studio, "Shot", "sg_shot_type").properties.valid_values!.value as string[];
    change(studio, "Shot", "sg_shot_type", { valid_values: [...values, "Mine"] });
    studio.make("Shot", { sg_shot_type: "Mine" });
    const other = new Studio();
    expect(refusal(() => other.make("Shot", { sg_shot_type: "Mine" }))).toMatch(/not a valid list value/);
  });

  test("is hidden in one project and shown in another", () => {
    const studio = new Studio();
    const name = make(studio, "Asset", "text", { name: "Project Visibility Test" });
    const [here, there] = [link(studio.project), link(studio.create("Project", { name: "Other" }))];
    const visible = (project?: Fields | object) => read(studio, "Asset", name, { project }).visible;
    change(studio, "Asset", name, { visible: false }, { project: here });
    expect(visible(here)).toEqual({ value: false, editable: true });
    expect(visible(there)).toEqual({ value: true, editable: true });
    expect(visible({ type: "Project", id: 0 })).toEqual({ value: true, editable: true });
    expect(visible()).toEqual({ value: true, editable: true });
    change(studio, "Asset", name, { visible: true }, { project: here });
    expect(visible(here)).toEqual({ value: true, editable: true });
    change(studio, "Asset", name, { visible: false });
    expect(visible(there)).toEqual({ value: false, editable: true });
    expect(read(studio, "Asset", "code").visible).toEqual({ value: true, editable: false });
    expect(refusal(() => change(studio, "Asset", "code", { visible: false }))).toMatch(/is not editable/);
  });

  test("projects are taken everywhere in the schema, also id 0", () => {
    const studio = new Studio();
    const project = { type: "Project", id: 0 };
    expect(studio.call("schema_read", { project })).toEqual(studio.call("schema_read"));
    expect(studio.call("schema_entity_read", { project })).toEqual(studio.call("schema_entity_read"));
    expect(refusal(() => studio.call("schema_read", { project: 70 }))).toMatch(/^103 .*invalid 'project'/);
  });
});

describe("a deleted field", () => {
  test("is gone from the schema, filters, writes and records", () => {
    const studio = new Studio();
    const name = make(studio, "Asset", "text", { name: "Temp" });
    const asset = studio.make("Asset", { [name]: "x" });
    expect(studio.call("schema_field_delete", { type: "Asset", field_name: name })).toBe(true);
    expect(refusal(() => read(studio, "Asset", name))).toMatch(/Asset.sg_temp doesn't exist/);
    expect(refusal(() => studio.find("Asset", [[name, "is", "x"]]))).toMatch(/Asset.sg_temp doesn't exist/);
    expect(refusal(() => studio.update(asset, { [name]: "y" }))).toMatch(/Asset.sg_temp doesn't exist/);
    expect(studio.get(asset, name)).toEqual(link(asset));
    expect(refusal(() => studio.call("schema_field_delete", { type: "Asset", field_name: name }))).toMatch(
      /doesn't exist/,
    );
  });

  test("a standard field stays", () => {
    expect(
      refusal(() => new Studio().call("schema_field_delete", { type: "Asset", field_name: "code" })),
    ).toMatch(/^104 .*Asset.code is a standard field/);
  });
});
