/** What a person sees when a command fails, and the exit status that goes with it. */
import { asError, CallsheetError } from "../errors.ts";

export const EXIT_FAILED = 1;
/** The command line is not understood. */
export const EXIT_USAGE = 2;
/** The configuration is wrong; EX_CONFIG of sysexits. */
export const EXIT_CONFIG = 78;

export function exitStatusOf(error: unknown): number {
  if (!(error instanceof CallsheetError)) return EXIT_FAILED;
  if (error.code === "USAGE") return EXIT_USAGE;
  return error.code.startsWith("CONFIG_") ? EXIT_CONFIG : EXIT_FAILED;
}

/** Whether a command line asks for JSON: then what goes wrong is told in JSON too. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).includes("--json");
}

/**
 * Sentence, hint, code; the stack too when CALLSHEET_DEBUG is set or when the error is a bug of Callsheet. As JSON it is one line, in
 * the shape of the API: `{ "error": { "code", "message", "hint" } }`.
 */
export function printFailure(
  thrown: unknown,
  stderr: { write(text: string): unknown },
  { json = false } = {},
): void {
  const error = asError(thrown);
  const known = error instanceof CallsheetError;
  const code = known ? error.code : "INTERNAL";
  const hint = known ? error.hint : undefined;
  if (json)
    return void stderr.write(`${JSON.stringify({ error: { code, message: error.message, hint } })}\n`);
  const lines = [`error: ${error.message}`];
  if (hint) lines.push(`hint: ${hint}`);
  lines.push(`code: ${code}`);
  if (process.env.CALLSHEET_DEBUG || !known) lines.push(error.stack ?? "");
  if (process.env.CALLSHEET_DEBUG && error.cause) lines.push(`cause: ${asError(error.cause).stack}`);
  stderr.write(`${lines.join("\n")}\n`);
}
