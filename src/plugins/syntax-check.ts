/** Finds where in some modules a syntax error is, by asking Node to check them one by one. Slow, and only used when one is known to be there. */
import { execFile } from "node:child_process";
import { placeInStack } from "./strip.ts";

export interface FoundSyntaxError {
  /** With its place: `/path/file.ts:3:5: …`. */
  message: string;
  /** What to write instead, where that is known. */
  hint: string | null;
}

/** What no JavaScript engine knows yet and the types are not: it stays when they are removed. */
const CONSTRUCTS: [there: (before: string, from: string) => boolean, construct: string, instead: string][] = [
  [
    (_, from) => from.startsWith("@"),
    "a decorator",
    "Call the function on the class or method yourself instead.",
  ],
  [
    (before) => /\baccessor\s+$/.test(before),
    "the `accessor` keyword",
    "Write a private field with a getter and a setter instead.",
  ],
];

/** @returns the error of the first module that fails with this message, or null */
export async function findSyntaxError(
  sources: ReadonlyMap<string, string>,
  message: string,
): Promise<FoundSyntaxError | null> {
  for (const [path, source] of sources) {
    const said = await check(source);
    if (!said.includes(`SyntaxError: ${message}`)) continue;
    const place = placeInStack(said.trimStart());
    const [, line = 0, column = 1] = place.split(":").map(Number);
    const text = source.split("\n")[line - 1] ?? "";
    const known = CONSTRUCTS.find(([there]) => there(text.slice(0, column - 1), text.slice(column - 1)));
    if (!known) return { message: `${path}${place}: ${message}.`, hint: null };
    const [, construct, instead] = known;
    return {
      message: `${path}${place}: ${construct} cannot be used, since Node.js only removes types and compiles nothing.`,
      hint: instead,
    };
  }
  return null;
}

function check(source: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--check", "--input-type=module", "-"],
      { timeout: 10_000 },
      (_error, _stdout, stderr) => resolve(stderr),
    );
    child.stdin?.on("error", () => {}).end(source);
  });
}
