/** Filters of any shape and depth, translated and read back. */
import type { Filter, FilterOperator, WireCondition, WireGroup } from "callsheet/client";
import fc from "fast-check";
import { expect, test } from "vitest";
import { wireFilters } from "../../src/client/filters.ts";

/** A filter tree in neither notation. */
type Tree = { and: boolean; parts: Tree[] } | { path: string; relation: string; values: unknown[] };

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const leaf = fc.record({
  path: fc.constantFrom("id", "code", "sg_sequence.Sequence.code", "$FROM$Task.entity.id"),
  relation: fc.constantFrom("contains", "between", "greater_than", "in_last"),
  values: fc.array(scalar, { maxLength: 3 }),
});
const { group } = fc.letrec<{ group: Tree; part: Tree }>((tie) => ({
  group: fc.record({ and: fc.boolean(), parts: fc.array(tie("part"), { maxLength: 4 }) }),
  part: fc.oneof({ depthSize: "medium" }, leaf as fc.Arbitrary<Tree>, tie("group")),
}));

const WORDS: Record<"true" | "false", FilterOperator[]> = { true: ["all", "and"], false: ["any", "or"] };

/** The tree as a person would write it; `style` picks among the ways to say the same. */
function write(tree: Tree, style: () => boolean): Filter {
  if ("path" in tree) {
    const listed = style() || (tree.values.length === 1 && Array.isArray(tree.values[0]));
    return listed ? [tree.path, tree.relation, tree.values] : [tree.path, tree.relation, ...tree.values];
  }
  const filters = tree.parts.map((part) => write(part, style));
  const word = WORDS[`${tree.and}`][style() ? 0 : 1]!;
  return style() ? { filterOperator: word, filters } : { filter_operator: word, filters };
}

function read(wire: WireCondition | WireGroup): Tree {
  if ("path" in wire) return { ...wire, values: [...wire.values] };
  return { and: wire.logical_operator === "and", parts: wire.conditions.map(read) };
}

test("nesting, operators and values survive translation, however they are written", () => {
  const coins = fc.infiniteStream(fc.boolean());
  fc.assert(
    fc.property(group, coins, (tree, stream) => {
      const style = () => stream.next().value as boolean;
      expect(read(wireFilters([write(tree, style)], undefined, true))).toEqual({ and: true, parts: [tree] });
    }),
  );
});

test("what is in the site's own form already is not changed, at any depth", () => {
  fc.assert(
    fc.property(group, (tree) => {
      const wire = wireFilters([write(tree, () => true)], "any", true);
      expect(wireFilters(wire, undefined, true)).toEqual(wire);
      expect(wireFilters([wire], "all", true)).toEqual({ logical_operator: "and", conditions: [wire] });
    }),
  );
});

test("entities in values are cut down to what is sent, always in the same order", () => {
  const shot = { code: "sh010", id: 862, name: "sh010", type: "Shot", url: "u", sg_status_list: "ip" };
  const [condition] = wireFilters([["entity", "in", [shot, null]]], "all", true)
    .conditions as WireCondition[];
  expect(JSON.stringify(condition?.values)).toBe('[{"type":"Shot","id":862,"url":"u","name":"sh010"},null]');
  const [whole] = wireFilters([["entity", "in", [shot]]], "all", false).conditions as WireCondition[];
  expect(whole?.values).toEqual([shot]);
});

test("a whole record can be given as a filter value, dates and all", () => {
  const record = { type: "Shot", id: 1, created_at: new Date(0), meta: { n: 1n } };
  const [condition] = wireFilters([["entity", "is", record]], "all", true).conditions as WireCondition[];
  expect(condition?.values).toEqual([{ type: "Shot", id: 1 }]);
});
