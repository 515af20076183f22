/** TypeScript to JavaScript by removing the types, once for each content, in the daemon and never in a plugin thread. */
import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";
import { CallsheetError } from "../errors.ts";

/** How many results are kept; the oldest goes first. */
const MOST_KEPT = 300;
const kept = new Map<string, string>();

/** SHA-256 in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * The JavaScript of a TypeScript file; lines and columns stay where they are.
 * @throws CallsheetError PLUGIN_SYNTAX, naming the place and what to write instead
 */
export function stripTypes(path: string, source: string, hash = sha256(source)): string {
  const known = kept.get(hash);
  if (known !== undefined) return known;
  const javascript = strip(path, source);
  if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(hash, javascript);
  return javascript;
}

function strip(path: string, source: string): string {
  const emitWarning = process.emitWarning;
  // Node warns once that this function is experimental, which is no news for a user of Callsheet.
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes("stripTypeScriptTypes")) emitWarning.call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return stripTypeScriptTypes(source, { mode: "strip" });
  } catch (error) {
    throw syntaxError(path, error as Error);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** What strip-only mode cannot do, in Node's words, and what to write instead. */
const CONSTRUCTS: [said: RegExp, construct: string, instead: string][] = [
  [/\benum\b/, "an enum", "Write `const Name = { … } as const` instead."],
  [/`module` keyword/, "the `module` keyword", "Move its content to a file of its own and import that."],
  [/namespace/, "a namespace with code in it", "Move its content to a file of its own and import that."],
  [
    /parameter property/,
    "a parameter property",
    "Declare the field in the class and assign it in the constructor.",
  ],
  [/import equals/, "`import … =`", 'Write `import name from "module"` instead.'],
  [/export assignment/, "`export =`", "Write `export default` or a named export instead."],
  [/angle-bracket/, "a type assertion with angle brackets", "Write `value as Type` instead."],
];

function syntaxError(path: string, error: Error): CallsheetError {
  const place = `${path}${placeInStack(error.stack ?? "")}`;
  const unsupported = (error as NodeJS.ErrnoException).code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX";
  const known = unsupported && CONSTRUCTS.find(([said]) => said.test(error.message));
  if (known) {
    const [, construct, instead] = known;
    const message = `${place}: ${construct} cannot be used, since Node.js only removes types and compiles nothing.`;
    return new CallsheetError("PLUGIN_SYNTAX", message, { hint: instead });
  }
  return new CallsheetError("PLUGIN_SYNTAX", `${place}: ${sentence(error.message)}`);
}

/**
 * `:line:column` from the picture of the code at the top of such an error's stack:
 * a line `:3`, some source lines, and a line of carets below the last of them.
 */
export function placeInStack(stack: string): string {
  const lines = stack.split("\n");
  const line = /:(\d+)$/.exec(lines[0] ?? "")?.[1];
  if (!line) return "";
  const carets = lines.find((text) => /^\s*\^+\s*$/.test(text));
  return carets ? `:${line}:${carets.indexOf("^") + 1}` : `:${line}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
