/** Runs or parses one configuration file and returns what it holds, not yet checked. */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { basename, extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { WrittenKeys } from "./config-problems.ts";
import { asError, CallsheetError } from "./errors.ts";
import { readConfSource } from "./old-daemon/conf-source.ts";
import { resolveCallsheetImports } from "./plugins/imports.ts";

const FORMATS: Record<string, string> = {
  ".ts": "module-typescript",
  ".mts": "module-typescript",
  ".js": "module",
  ".mjs": "module",
};

/** Something in the file that is worth telling at each start. */
export interface Remark {
  /** As it is called in the file. */
  key: string;
  says: string;
}

export interface ConfigSource {
  input: unknown;
  /** Keys that are called otherwise in the file. */
  written: WrittenKeys;
  remarks: readonly Remark[];
}

/**
 * @param env where a configuration of the Python daemon looks `%(NAME)s` up
 * @throws {CallsheetError} CONFIG_UNREADABLE: it cannot be read, parsed or run, or exports nothing by default; and for a
 * configuration of the Python daemon CONFIG_INVALID, CONFIG_SECRET_MISSING
 */
export async function readConfigSource(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ConfigSource> {
  if (extname(file) === ".conf") return readConfSource(readText(file), file, env);
  return { input: await readOwnFormat(file), written: new Map(), remarks: [] };
}

async function readOwnFormat(file: string): Promise<unknown> {
  const ending = extname(file);
  const source = readText(file);
  if (ending === ".json") return parseJson(source, file);
  if (!Object.hasOwn(FORMATS, ending)) {
    throw unreadable(`${file} cannot be a configuration: its name ends in ${JSON.stringify(ending)}.`, {
      hint: "Configurations end in .ts, .mts, .js, .mjs or .json; those of the Python daemon in .conf.",
    });
  }
  const module = await runModule(file, source);
  if ("default" in module) return module.default;
  throw unreadable(`${file} has no default export.`, { hint: "Write: export default defineConfig({ … });" });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw unreadable(`${file} cannot be read: ${asError(error).message}.`, { cause: error });
  }
}

let runs = 0;

async function runModule(file: string, source: string): Promise<Record<string, unknown>> {
  resolveCallsheetImports();
  runs += 1;
  // The query makes a second reading in one process see the file as it is then.
  const url = `${pathToFileURL(file).href}?read=${runs}`;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      // A stated format spares the file a package.json with "type": "module" above it.
      specifier === url
        ? { url, format: FORMATS[extname(file)]!, shortCircuit: true }
        : next(specifier, context),
  });
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    throw describeFailure(file, source, error);
  } finally {
    hooks.deregister();
  }
}

function describeFailure(file: string, source: string, thrown: unknown): CallsheetError {
  const error = asError(thrown);
  if (error instanceof CallsheetError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const what = error.message.split("\n")[0]!;
  const cause = { cause: error };
  if (code === "ERR_MODULE_NOT_FOUND") {
    const [missing, importer = file] = what.split(" imported from ");
    const hint = "Check the spelling, or install it: npm install.";
    return unreadable(`${withoutQuery(importer)}: ${missing}.`, { ...cause, hint });
  }
  const place = placeOf(file, source, error);
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    const hint = "Use only TypeScript that Node.js can run by leaving the types out.";
    return unreadable(`${place}: ${what}.`, { ...cause, hint });
  }
  if (what.startsWith("The requested module")) return unreadable(`${place}: ${what}.`, cause);
  if (error instanceof SyntaxError) return unreadable(`${place}: syntax error: ${what}.`, cause);
  return unreadable(`${place} failed while it ran: ${what}.`, cause);
}

/** `file:line` of an error, in the file or in one that it imports; the file alone when nothing tells. */
function placeOf(file: string, source: string, error: Error): string {
  const stack = error.stack ?? "";
  const arrow = /^(\S.*):(\d+)\n/.exec(stack);
  if (arrow && error instanceof SyntaxError) return `${withoutQuery(arrow[1]!)}:${arrow[2]}`;
  if (error instanceof SyntaxError) return syntaxPlace(file, source);
  const frame = /(file:\/\/[^\s)]+?):(\d+):\d+\)?$/m.exec(stack);
  return frame ? `${withoutQuery(frame[1]!)}:${frame[2]}` : file;
}

function withoutQuery(place: string): string {
  const path = place.replace(/\?read=\d+$/, "");
  return path.startsWith("file://") ? fileURLToPath(path) : path;
}

/** The engine keeps the line of a module's syntax error to itself; the type stripper, which reads JavaScript too, tells it. */
function syntaxPlace(file: string, source: string): string {
  try {
    stripTypeScriptTypes(source, { sourceUrl: file });
    return file;
  } catch (error) {
    const line = /:(\d+)\n/.exec(asError(error).stack ?? "")?.[1];
    return line ? `${file}:${line}` : file;
  }
}

function parseJson(source: string, file: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    // The engine's message quotes the text around the mistake, which may be a secret: only its line is told.
    throw unreadable(`${file}:${jsonErrorLine(source)}: this is not valid JSON.`, {
      hint: `JSON has no comments, no trailing commas, and double quotes only; ${basename(file, ".json")}.ts may have them.`,
    });
  }
}

/** The first line whose end the parser does not reach. */
function jsonErrorLine(source: string): number {
  const lines = source.split("\n");
  for (let count = 1; count < lines.length; count += 1) {
    const text = lines.slice(0, count).join("\n");
    if (!endsTooEarly(text)) return count;
  }
  return lines.length;
}

function endsTooEarly(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = asError(error);
    const position = /at position (\d+)/.exec(message)?.[1];
    return /Unexpected end/.test(message) || Number(position) >= text.length;
  }
}

function unreadable(message: string, options: { hint?: string; cause?: unknown } = {}): CallsheetError {
  return new CallsheetError("CONFIG_UNREADABLE", message, options);
}
