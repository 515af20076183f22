/** A project in a folder of its own, compiled as a studio would: against the declarations that are shipped. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

export const ROOT = join(import.meta.dirname, "..", "..");
const TSC = join(ROOT, "node_modules/.bin/tsc");

export interface Compiled {
  /** By file, without its folder: line and message, in order. Further lines of a message follow after a line end. */
  problems: { file: string; line: number; message: string }[];
  instantiations: number;
}

/** @param files name → text; compiled together, under the settings of this repository */
export function compile(files: Record<string, string>): Compiled {
  const folder = freshFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings(Object.keys(files))));
  return read(runCompiler(folder));
}

function freshFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "callsheet-types-")));
}

function settings(files: string[]) {
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8"));
  const shipped = declarations();
  const paths = Object.entries<string[]>(compilerOptions.paths).map(([door, [path]]) => [
    door,
    [join(shipped, path!.replace(/^\.\/src/, "dist").replace(/ts$/, "d.ts"))],
  ]);
  const typeRoots = [join(ROOT, "node_modules/@types")];
  return { compilerOptions: { ...compilerOptions, paths: Object.fromEntries(paths), typeRoots }, files };
}

let made: string | null = null;
afterAll(() => {
  if (made !== null) rmSync(made, { recursive: true, force: true });
});

/** A folder with `dist`, as far as compilers read it; made once for the tests of a file. Whether it is sound is the type check's business. */
function declarations(): string {
  if (made !== null) return made;
  made = freshFolder();
  const args = [
    "-p",
    "tsconfig.build.json",
    "--emitDeclarationOnly",
    "--noCheck",
    "--outDir",
    join(made, "dist"),
  ];
  execFileSync(TSC, args, { cwd: ROOT });
  writeFileSync(join(made, "package.json"), '{ "type": "module" }');
  symlinkSync(join(ROOT, "node_modules"), join(made, "node_modules"));
  return made;
}

function runCompiler(folder: string): string {
  const args = ["-p", folder, "--pretty", "false", "--extendedDiagnostics", "--noErrorTruncation", "false"];
  try {
    return execFileSync(TSC, args, { cwd: folder, encoding: "utf8" });
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
