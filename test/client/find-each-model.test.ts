/** `findEach` against a site whose records come and go between pages: what was there all along is given once, in order. */
import { Shotgun, type Transport } from "callsheet/client";
import fc from "fast-check";
import { expect, test } from "vitest";

interface Asked {
  method_name: string;
  params: [
    unknown,
    {
      filters: { conditions: { relation: string; values: [number] }[] };
      sorts: { direction: string }[];
      paging: { entities_per_page: number };
    },
  ];
}

/** A site of nothing but ids; `change` is what happens to them before each page. */
function siteOf(ids: Set<number>, size: number, change: () => void): Transport {
  const answer = ({ method_name: method, params: [, query] }: Asked): unknown => {
    if (method === "info") return { version: [8, 80, 0], api_max_entities_per_page: size };
    change();
    const [beyond] = query.filters.conditions;
    const down = query.sorts[0]!.direction === "desc";
    const matches = (id: number) => !beyond || (down ? id < beyond.values[0] : id > beyond.values[0]);
    const found = [...ids].filter(matches).sort((a, b) => (down ? b - a : a - b));
    const page = found.slice(0, query.paging.entities_per_page);
    const entities = page.map((id) => ({ type: "Shot", id }));
    return { results: { entities, paging_info: { has_next_page: found.length > page.length } } };
  };
  return {
    send: async ({ body }) => ({
      status: 200,
      statusText: "OK",
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify(answer(JSON.parse(String(body))))),
    }),
    close: async () => {},
  };
}

const id = fc.integer({ min: 1, max: 60 });

test("whatever comes and goes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(id, { maxLength: 40 }),
      fc.array(fc.record({ gone: fc.array(id, { maxLength: 8 }), made: fc.array(id, { maxLength: 8 }) })),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 0, max: 50 }),
      fc.constantFrom("asc" as const, "desc" as const),
      async (start, changes, size, limit, direction) => {
        const ids = new Set(start);
        const throughout = new Set(start);
        const later = changes.values();
        const change = () => {
          const { gone = [], made = [] } = later.next().value ?? {};
          for (const one of gone) for (const set of [ids, throughout]) set.delete(one);
          for (const one of made) ids.add(one);
        };
        const sg = new Shotgun("http://site.example", {
          scriptName: "s",
          scriptKey: "a-key",
          transport: siteOf(ids, size, change),
        });
        const seen: number[] = [];
        for await (const shot of sg.findEach("Shot", [], [], {
          limit,
          order: [{ field_name: "id", direction }],
        }))
          seen.push(shot.id);

        const sorted = [...new Set(seen)].sort((a, b) => (direction === "asc" ? a - b : b - a));
        expect(seen).toEqual(sorted);
        if (limit > 0) expect(seen.length).toBeLessThanOrEqual(limit);
        if (limit === 0 || seen.length < limit) expect(seen).toEqual(expect.arrayContaining([...throughout]));
      },
    ),
  );
});
