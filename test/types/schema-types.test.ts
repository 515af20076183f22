/** What `sg` accepts and gives when the types of a site are part of the project, and what that costs the compiler. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { siteTypes } from "../../src/client/schema-types/generate.ts";
import { compile } from "./compile.ts";
import { freshSchema } from "./schema.ts";

const CASES = join(import.meta.dirname, "cases");
const right = readFileSync(join(CASES, "right.ts"), "utf8");
const wrong = readFileSync(join(CASES, "wrong.ts"), "utf8");

let site: string;
beforeAll(async () => {
  site = siteTypes(await freshSchema());
});

test("what is right compiles, with the types that the schema gives", () => {
  expect(compile({ "site.d.ts": site, "right.ts": right }).problems).toEqual([]);
});

test("what is wrong is a compile error that says what is wrong", () => {
  const { problems } = compile({ "site.d.ts": site, "wrong.ts": wrong });
  const lines = wrong.split("\n");
  const expected = lines.flatMap((line, index) => {
    const words = /^ *\/\/ (.*)$/.exec(line)?.[1];
    return words ? [{ line: index + 2, words }] : [];
  });
  expect(expected.length).toBeGreaterThan(35);
  expect(problems.map(({ line }) => lines[line - 1])).toEqual(expected.map(({ line }) => lines[line - 1]));
  for (const [index, { words }] of expected.entries()) expect(problems[index]!.message).toContain(words);
});

test("without the file nothing of it is refused", () => {
  expect(compile({ "wrong.ts": wrong }).problems).toEqual([]);
});

const PLUGIN = `import type { Callback } from "callsheet";
export const onTask: Callback = async (sg, logger, event) => {
  const fields = ["content", "entity.Shot.code", "sg_status_list"] as const;
  const task = await sg.findOne("Task", [["id", "is", event.entity!.id]], fields);
  if (task?.sg_status_list !== "fin") return;
  const open = await sg.find("Task", [["entity", "is", event.entity], ["sg_status_list", "in", ["ip", "rdy"]]], ["content"]);
  logger.info("%s is done, %d to go", task.content, open.length);
  await sg.update("Task", task.id, { sg_description: "done" });
};
`;

/**
 * What the site's types add, in instantiations of types as the compiler counts them: the same on every machine. A budget
 * is about a quarter above what it takes now; going past it makes every editor with a plugin open slower.
 */
function cost(files: Record<string, string>): number {
  const typed = compile({ "site.d.ts": site, ...files });
  expect(typed.problems).toEqual([]);
  return typed.instantiations - compile(files).instantiations;
}

test("the types of 82 entity types cost nothing while they are not used", () => {
  expect(site.match(/Field</g)!.length).toBeGreaterThan(1300);
  const reads =
    'import type { Callback } from "callsheet";\nexport const onTask: Callback = (sg) => sg.close();\n';
  expect(cost({ "plugin.ts": reads })).toBe(0);
});

test("a plugin costs the compiler little", () => {
  expect(cost({ "plugin.ts": PLUGIN })).toBeLessThan(3_100);
});

test("every further plugin costs less", () => {
  const plugins = Array.from({ length: 20 }, (_, index) => [`plugin-${index}.ts`, PLUGIN]);
  expect(cost(Object.fromEntries(plugins))).toBeLessThan(14_300);
});

test("writing, batches and summaries too", () => {
  expect(cost({ "right.ts": right })).toBeLessThan(14_200);
});
