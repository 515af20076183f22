/** What the documentation shows must work: TypeScript compiles, JSON is valid, commands and scripts exist. */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { program } from "../../src/cli/main.ts";
import { parseConfig } from "../../src/config-file.ts";
import { ROOT } from "./sources.ts";

interface Block {
  /** `docs/plugins.md:34` */
  place: string;
  language: string;
  text: string;
}

const pages = [
  "README.md",
  "CHANGELOG.md",
  ...globSync("docs/**/*.md", { cwd: ROOT }),
  "templates/studio/README.md",
];
const blocks: Block[] = pages.flatMap((page) => {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    place: `${page}:${text.slice(0, match.index).split("\n").length}`,
    language: match[1]!,
    text: match[2]!,
  }));
});

function inLanguage(language: string): Block[] {
  return blocks.filter((block) => block.language === language);
}

test("every block is in a language that is checked, or in none", () => {
  expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(["ts", "sh", "json", "py", ""]));
});

test("every TypeScript block compiles", () => {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-docs-"));
  try {
    const names = new Map(inLanguage("ts").map((block, index) => [`block-${index}.mts`, block]));
    for (const [name, { text }] of names) writeFileSync(join(folder, name), `${text}\nexport {};\n`);
    // a block may import what the tests have
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(compilerSettings()));
    expect(names.size).toBeGreaterThan(3);
    expect(
      compile(folder).map((line) => line.replace(/^block-\d+\.mts/, (name) => names.get(name)!.place)),
    ).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

function compilerSettings() {
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8"));
  const absolute = ([door, [path]]: [string, string[]]) => [door, [join(ROOT, path!)]];
  return {
    compilerOptions: {
      ...compilerOptions,
      paths: Object.fromEntries(Object.entries<string[]>(compilerOptions.paths).map(absolute)),
      typeRoots: [join(ROOT, "node_modules/@types")],
    },
    include: ["*.mts"],
  };
}

/** The compiler's complaints about files of this folder. */
function compile(folder: string): string[] {
  try {
    execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder, "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
    });
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.split("\n").filter((line) => line.startsWith("block-"));
  }
}

test.each(inLanguage("json"))("$place is JSON, and a configuration if it looks like one", ({ text }) => {
  const value = JSON.parse(text) as object;
  if ("site" in value) parseConfig(value, "/s/callsheet.config.json", { FPT_SCRIPT_KEY: "k" });
});

const commandLines = inLanguage("sh").flatMap(({ place, text }) =>
  text
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => ({ place, line: line.replace(/(^|\s)#.*/, "").trim() })),
);

test.each(inLanguage("sh"))("$place is a shell script that parses", ({ text }) => {
  execFileSync("bash", ["-n"], { input: text });
});

const calls = commandLines.flatMap(({ place, line }) => {
  const found = /(?:^|\s)callsheet\s+([a-z]+(?:-[a-z]+)*)(.*)/.exec(line.replace(/[|>].*/, ""));
  return found ? [{ place, command: found[1]!, rest: found[2]!.trim() }] : [];
});

test("there are commands to check", () => {
  expect(calls.length).toBeGreaterThan(3);
});

test.each(calls)("$place: callsheet $command $rest", ({ command, rest }) => {
  const known = program().commands.find((candidate) => candidate.name() === command);
  expect(known).toBeDefined();
  const flags = [known!, ...known!.commands].flatMap(({ options }) =>
    options.flatMap(({ short, long }) => [short, long]),
  );
  for (const [flag] of rest.matchAll(/(?<=^|\s)--?[a-z][a-z-]*/g)) expect(flags).toContain(flag);
});

const scripts = commandLines.flatMap(({ place, line }) =>
  [...line.matchAll(/\bnpm (?:run ([\w:]+)|(test|start)\b)/g)].map((found) => ({
    place,
    script: found[1] ?? found[2]!,
  })),
);

test.each(scripts)("$place: npm run $script", ({ place, script }) => {
  const manifest = place.startsWith("templates/") ? "templates/studio/package.json" : "package.json";
  const { scripts } = JSON.parse(readFileSync(join(ROOT, manifest), "utf8"));
  expect(scripts).toHaveProperty(script);
});

test("links between pages lead somewhere", () => {
  const lost = pages.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((found) => found[1]!);
    return links
      .filter((link) => globSync(join(page, "..", link), { cwd: ROOT }).length === 0)
      .map((link) => `${page} → ${link}`);
  });
  expect(lost).toEqual([]);
});
