import { expect, test } from "vitest";
import { type Fields, link, type Row, refusal, Studio } from "./studio.ts";

interface Node extends Fields {
  label: string;
  path: string;
  has_children: boolean;
  children: Node[];
}

function browsed() {
  const studio = new Studio();
  const shots = ["sh020", "sh010"].map((code) => studio.make("Shot", { code })) as [Row, Row];
  const asset = studio.make("Asset", { code: "Bunny" });
  const top = `/Project/${studio.project.id}`;
  const expand = (path: string, more: Fields = {}) =>
    studio.call("nav_expand", { path, seed_entity_field: null, entity_fields: null, ...more }) as Node;
  const search = (criteria: Fields, root_path = "/", seed_entity_field: string | null = null) =>
    studio.call("nav_search", { root_path, seed_entity_field, search_criteria: criteria }) as Row[];
  return { studio, shots, asset, top, expand, search };
}

const labels = ({ children }: Node) => children.map(({ label }) => label);

test("site, projects, entity types, entities", () => {
  const { studio, shots, top, expand } = browsed();
  expect(labels(expand("/"))).toEqual(["Demo: Animation", "Marrow Lane", "Template Project"]);
  expect(expand("/").children.map(({ has_children }) => has_children)).toEqual([false, true, false]);
  expect(expand(top)).toMatchObject({
    label: "Marrow Lane",
    path: top,
    parent_path: "/",
    ref: { kind: "project", value: { type: "Project", id: studio.project.id } },
    has_children: true,
  });
  expect(labels(expand(top))).toEqual(["Shots", "Assets"]);
  const list = expand(`${top}/Shot`, { entity_fields: { Shot: ["sg_status_list"] } });
  expect(labels(list)).toEqual(["sh010", "sh020"]);
  expect(list.children[0]).toEqual({
    label: "sh010",
    path: `${top}/Shot/id/${shots[1].id}`,
    parent_path: `${top}/Shot`,
    ref: { kind: "entity", value: { type: "Shot", id: shots[1].id, sg_status_list: "wtg" } },
    has_children: false,
    target_entities: {
      type: "Shot",
      additional_filters: [
        { path: "project", relation: "is", values: [link(studio.project)] },
        { path: "id", relation: "is", values: [shots[1].id] },
      ],
    },
  });
  expect(expand(list.children[0]!.path).children).toEqual([]);
});

test("a seed shows only what its field links to, and leads to its own rows", () => {
  const { studio, shots, top, expand } = browsed();
  studio.make("Playlist", { code: "Dailies" });
  const seed = { seed_entity_field: "PublishedFile.entity" };
  expect(labels(expand(top))).toContain("Playlists");
  expect(labels(expand(top, seed))).toEqual(["Shots", "Assets"]);
  const { target_entities } = expand(`${top}/Shot/id/${shots[0].id}`, seed);
  expect(target_entities).toEqual({
    type: "PublishedFile",
    additional_filters: [
      { path: "project", relation: "is", values: [link(studio.project)] },
      { path: "entity", relation: "is", values: [link(shots[0])] },
    ],
  });
  const { additional_filters: conditions } = target_entities as Fields;
  const filters = { logical_operator: "and", conditions };
  expect(studio.find("PublishedFile", [], [], { filters })).toEqual([]);
});

test("search by text and by entity, with the way down from the root", () => {
  const { studio, shots, asset, top, search } = browsed();
  expect(search({ search_string: "SH0" }).map(({ label }) => label)).toEqual(["sh020", "sh010"]);
  const hit = {
    label: "Bunny",
    incremental_path: [top, `${top}/Asset`, `${top}/Asset/id/${asset.id}`],
    path_label: "Assets > Bunny",
    project_id: studio.project.id,
    ref: link(asset),
  };
  expect(search({ search_string: "bun" }, top)).toEqual([hit]);
  expect(search({ entity: link(asset) }, top)).toEqual([hit]);
  expect(search({ entity: link(asset) })).toMatchObject([{ path_label: "Marrow Lane > Assets > Bunny" }]);
  expect(search({ entity: link(asset) }, `${top}/Shot`)).toEqual([]);
  const other = studio.create("Project", { name: "Other" });
  expect(search({ search_string: "bun" }, `/Project/${other.id}`)).toEqual([]);
  studio.delete(shots[0]);
  expect(search({ search_string: "sh0" })).toHaveLength(1);
});

test("refuses paths that lead nowhere", () => {
  const { top, expand, search } = browsed();
  for (const path of ["Project", "/Shot/3", `${top}/Nope`, `${top}/Page`, "/Project/x"])
    expect(
      refusal(() => expand(path)),
      path,
    ).toContain("103 API nav_expand() invalid/missing path");
  expect(refusal(() => expand("/Project/999"))).toContain("CRUD ERROR #3");
  expect(refusal(() => expand("/", { seed_entity_field: "Shot.code" }))).toContain("'seed_entity_field'");
  expect(refusal(() => search({}))).toContain("'search_criteria'");
});
