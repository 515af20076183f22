/** A project in a folder of its own, compiled as a studio would: `callsheet` is this repository's source. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export const ROOT = join(import.meta.dirname, "..", "..");

export interface Compiled {
  /** By file, without its folder: line and message, in order. Further lines of a message follow after a line end. */
  problems: { file: string; line: number; message: string }[];
  instantiations: number;
}

/** @param files name → text; compiled together, under the settings of this repository */
export function compile(files: Record<string, string>): Compiled {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "callsheet-types-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings(Object.keys(files))));
  return read(runCompiler(folder));
}

function settings(files: string[]) {
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8"));
  const paths = Object.entries<string[]>(compilerOptions.paths).map(([door, [path]]) => [
    door,
    [join(ROOT, path!)],
  ]);
  const typeRoots = [join(ROOT, "node_modules/@types")];
  return { compilerOptions: { ...compilerOptions, paths: Object.fromEntries(paths), typeRoots }, files };
}

function runCompiler(folder: string): string {
  const args = ["-p", folder, "--pretty", "false", "--extendedDiagnostics", "--noErrorTruncation", "false"];
  try {
    return execFileSync(join(ROOT, "node_modules/.bin/tsc"), args, { cwd: folder, encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

function read(output: string): Compiled {
  const problems: Compiled["problems"] = [];
  for (const line of output.split("\n")) {
    const found = /^(\S+?)\((\d+),\d+\): error \w+: (.*)$/.exec(line);
    if (found) problems.push({ file: found[1]!, line: Number(found[2]), message: found[3]! });
    else if (line.startsWith("  ") && problems.length > 0) problems.at(-1)!.message += `\n${line}`;
  }
  const instantiations = Number(/^Instantiations: +(\d+)$/m.exec(output)?.[1]);
  if (Number.isNaN(instantiations)) throw new Error(`The compiler counted nothing:\n${output}`);
  return { problems, instantiations };
}
