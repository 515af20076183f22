/** The source files and what each imports when it runs; types are gone by then, as they are for Node. */
import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { init, parse } from "es-module-lexer";

await init();

export const ROOT = join(import.meta.dirname, "..", "..");

export interface Source {
  /** `src/daemon/start.ts` */
  path: string;
  text: string;
  /** Files of ours, as paths from the root, and packages by name (`node:fs`, `zod`). */
  imports: string[];
}

export function sources(pattern = "src/**/*.{ts,js,mjs}"): Source[] {
  return globSync(pattern, { cwd: ROOT, exclude: ["**/*.d.ts"] })
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      return { path, text, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): string[] {
  const [imports] = parse(path.endsWith(".ts") ? stripTypeScriptTypes(text) : text);
  const named = imports.flatMap((found) =>
    "specifier" in found && typeof found.specifier === "string" ? [found.specifier] : [],
  );
  return named.map((name) => (name.startsWith(".") ? join(dirname(path), name) : name));
}

/** Everything that is loaded when one of the files is, itself included, with the way that leads there. */
export function reachable(from: readonly string[], all: readonly Source[]): Map<string, string[]> {
  const byPath = new Map(all.map((source) => [source.path, source]));
  const ways = new Map(from.map((path) => [path, [path]]));
  for (const [path, way] of ways) {
    for (const next of byPath.get(path)?.imports ?? []) {
      if (!ways.has(next)) ways.set(next, [...way, next]);
    }
  }
  return ways;
}

/** One import cycle, as the files on it, or null. */
export function cycleIn(all: readonly Source[]): string[] | null {
  const byPath = new Map(all.map((source) => [source.path, source]));
  const done = new Set<string>();
  const visit = (path: string, way: string[]): string[] | null => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const next of byPath.get(path)?.imports ?? []) {
      const cycle = visit(next, [...way, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const { path } of all) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}
