import { describe, expect, test } from "vitest";
import { type Fields, group, link, NOW, type Row, Studio } from "./studio.ts";

describe("dotted paths", () => {
  const studio = new Studio();
  const sequence = studio.make("Sequence", { code: "sq1" });
  const [one, two] = [
    studio.make("Shot", { code: "sh010", sg_sequence: sequence }),
    studio.make("Shot", { code: "sh020" }),
  ];
  const asset = studio.make("Asset", { code: "Bunny", shots: [one] });
  const tasks = [one, two, asset, null].map((entity) => studio.make("Task", { entity }));
  const field = "entity.Shot.sg_sequence.Sequence.code";

  test("read over single links to any depth; another type, or no link, is null", () => {
    const rows = studio.find(
      "Task",
      [],
      [field, "entity.Shot.id", "entity.Shot.assets", "project.Project.name"],
    );
    expect(rows.map((row) => [row[field], row["entity.Shot.id"]])).toEqual([
      ["sq1", one.id],
      [null, two.id],
      [null, null],
      [null, null],
    ]);
    expect(rows[0]!["entity.Shot.assets"]).toEqual([{ type: "Asset", id: asset.id, name: "Bunny" }]);
    expect(rows[2]!["entity.Shot.assets"]).toBeNull();
    expect(rows[3]!["project.Project.name"]).toBe("Marrow Lane");
  });

  test("a checkbox, tags and a count of another type, or over no link, are null", () => {
    const paths = ["entity.Asset.code", "entity.Shot.open_notes_count", "entity.Asset.tag_list"];
    const boxes = ["created_by.HumanUser.email_notes", "created_by.ApiUser.generate_event_log_entries"];
    const [ofShot, , ofAsset, ofNothing] = studio.find("Task", [], [...paths, ...boxes]);
    expect(ofShot).toMatchObject({ [paths[1]!]: 0, [paths[2]!]: null, [boxes[0]!]: null, [boxes[1]!]: true });
    expect(ofAsset).toMatchObject({ [paths[1]!]: null, [paths[2]!]: [] });
    expect(ofNothing).toMatchObject({ [paths[1]!]: null, [paths[2]!]: null });
  });

  test("filter over single links, nulls as nulls", () => {
    expect(studio.ids("Task", [[field, "is", "SQ1"]])).toEqual([tasks[0]!.id]);
    expect(studio.ids("Task", [[field, "is", null]])).toHaveLength(3);
    expect(studio.ids("Task", [[field, "is_not", "sq1"]])).toHaveLength(3);
  });

  test("through a list of links: filters match any, reading gives nothing", () => {
    expect(studio.ids("Asset", [["shots.Shot.code", "is", "sh010"]])).toEqual([asset.id]);
    expect(studio.ids("Asset", [["shots.Shot.sg_sequence.Sequence.code", "contains", "q"]])).toEqual([
      asset.id,
    ]);
    expect(studio.ids("Asset", [["shots.Shot.code", "is", "sh020"]])).toEqual([]);
    expect(studio.get(asset, "shots.Shot.code")).toEqual(link(asset));
  });

  test("$FROM$ asks the rows that point here, also through lists", () => {
    expect(studio.ids("Shot", [["$FROM$Task.entity.id", "in", tasks[0]!.id, tasks[1]!.id]])).toEqual([
      one.id,
      two.id,
    ]);
    expect(studio.ids("Shot", [["$FROM$Asset.shots.code", "is", "bunny"]])).toEqual([one.id]);
    expect(studio.ids("Sequence", [["$FROM$Shot.sg_sequence.assets.Asset.code", "is", "Bunny"]])).toEqual([
      sequence.id,
    ]);
    expect(() => studio.ids("Shot", [["$FROM$Nope.entity.id", "is", 1]])).toThrow(/doesn't exist/);
  });

  test("a retired row points nowhere, and nothing points to it", () => {
    studio.delete(tasks[0]!);
    expect(studio.ids("Shot", [["$FROM$Task.entity.id", "is", tasks[0]!.id]])).toEqual([]);
    studio.revive(tasks[0]!);
    studio.delete(two);
    expect(studio.ids("Task", [["entity.Shot.code", "is", "sh020"]])).toEqual([]);
    expect(studio.ids("Task", [["entity", "is", null]])).toEqual([tasks[1]!.id, tasks[3]!.id]);
    studio.revive(two);
  });
});

describe("retired and archived", () => {
  const studio = new Studio();
  const other = studio.create("Project", { name: "Other" });
  const [here, there] = [studio.make("Shot"), studio.make("Shot", { project: other })];
  const gone = studio.make("Shot");
  studio.delete(gone);
  studio.update(other, { archived: true });

  test("retired rows only on request", () => {
    expect(studio.ids("Shot", [])).toEqual([here.id, there.id]);
    expect(studio.ids("Shot", [], { return_only: "retired" })).toEqual([gone.id]);
  });

  test("rows of archived projects stay, unless told otherwise", () => {
    expect(studio.ids("Shot", [], { include_archived_projects: false })).toEqual([here.id]);
    expect(
      studio.find("Project", [["name", "is", "Other"]], [], { include_archived_projects: false }),
    ).toEqual([]);
    const count = { type: "Shot", filters: group("and", []), summaries: [{ field: "id", type: "count" }] };
    expect(studio.call("summarize", count)).toMatchObject({ summaries: { id: 2 } });
    expect(studio.call("summarize", { ...count, include_archived_projects: false })).toMatchObject({
      summaries: { id: 1 },
    });
  });
});

describe("presets", () => {
  const studio = new Studio();
  const [one, two] = ["sh010", "sh020"].map((code) => studio.make("Shot", { code })) as [Row, Row];
  const version = (entity: Row | null, created_at: string, more: Fields = {}) =>
    studio.make("Version", { entity, created_at, ...more }).id;
  const older = version(one, "2026-01-02T00:00:00Z");
  const newest = version(one, "2026-01-03T00:00:00Z", { sg_status_list: "apr" });
  version(one, "2026-01-01T00:00:00Z");
  const single = version(two, "2026-01-01T00:00:00Z");
  version(null, NOW);
  const latest = { preset_name: "LATEST", latest_by: "ENTITIES_CREATED_AT" };
  const find = (type: string, presets: unknown, filters: [string, string, unknown][] = []) =>
    studio.ids(type, filters, { additional_filter_presets: presets });

  test("LATEST is the newest of each link among the rows that the filters let through", () => {
    expect(find("Version", [latest])).toEqual([newest, single]);
    expect(find("Version", [latest], [["sg_status_list", "is", "rev"]])).toEqual([older, single]);
    expect(find("Version", [latest], [["id", "is", older]])).toEqual([older]);
    expect(find("Version", [latest], [["entity.Shot.code", "is", "sh020"]])).toEqual([single]);
    expect(find("Version", [])).toHaveLength(5);
  });

  test("by the task's pipeline step", () => {
    const [layout, comp] = studio.find(
      "Step",
      [
        ["code", "in", "Layout", "Comp"],
        ["entity_type", "is", "Shot"],
      ],
      ["list_order"],
    );
    const make = (step: Row, at: string) => version(two, at, { sg_task: studio.make("Task", { step }) });
    const late = make(comp!, "2025-01-01T00:00:00Z");
    make(layout!, "2026-04-01T00:00:00Z");
    expect(
      find(
        "Version",
        [{ preset_name: "LATEST", latest_by: "BY_PIPELINE_STEP_NUMBER_AND_ENTITIES_CREATED_AT" }],
        [["entity", "is", link(two)]],
      ),
    ).toEqual([late]);
  });

  test("cuts and published files", () => {
    const sequence = studio.make("Sequence");
    const cuts = [1, 3, 2].map(
      (revision_number) => studio.make("Cut", { entity: sequence, revision_number }).id,
    );
    expect(find("Cut", [{ preset_name: "LATEST", latest_by: "REVISION_NUMBER" }])).toEqual([cuts[1]]);
    const files = [2, 9].map(
      (version_number) => studio.make("PublishedFile", { entity: one, name: "a", version_number }).id,
    );
    expect(find("PublishedFile", [{ preset_name: "LATEST", latest_by: "VERSION_NUMBER" }])).toEqual([
      files[1],
    ]);
    studio.make("CutItem", { cut: { type: "Cut", id: cuts[0] }, version: { type: "Version", id: older } });
    expect(find("Version", [{ preset_name: "CUT_SHOT_VERSIONS", cut_id: cuts[0] }])).toEqual([older]);
  });

  test.each<[string, unknown]>([
    ["not a list", 3],
    ["an element that is no object", ["LATEST"]],
    ["no name", [{}]],
    ["an unknown name", [{ preset_name: "BAD" }]],
    ["two LATEST", [latest, latest]],
    ["an unknown order", [{ preset_name: "LATEST", latest_by: "NOPE" }]],
  ])("%s is refused", (_name, presets) => {
    expect(() => find("Version", presets)).toThrow(/additional_filter_presets/);
  });
});

test("open notes follow the notes", () => {
  const studio = new Studio();
  const shot = studio.make("Shot");
  const note = studio.make("Note", { note_links: [shot], subject: "fix it" });
  const read = () => studio.get(shot, "open_notes", "open_notes_count");
  expect(read()).toMatchObject({
    open_notes: [{ type: "Note", id: note.id, name: "fix it" }],
    open_notes_count: 1,
  });
  studio.update(note, { sg_status_list: "clsd" });
  expect(read()).toMatchObject({ open_notes: [], open_notes_count: 0 });
});

test("unknown fields are left out, known ones are there when they are empty", () => {
  const studio = new Studio();
  const shot = studio.make("Shot");
  expect(studio.get(shot, "nope", "description", "assets", "step_0", "tag_list", "sg_versions")).toEqual({
    ...link(shot),
    description: null,
    assets: [],
    step_0: null,
    tag_list: [],
    sg_versions: [],
  });
});

test("an unknown type is refused with those that exist", () => {
  const studio = new Studio();
  expect(() => studio.find("Nope")).toThrow(
    /invalid\/missing string entity 'type': "Nope"\nValid entity types: \[ActionMenuItem, /,
  );
});
