/** What commander says of a command line that it does not understand, in our words. */

const ARGUMENT = /^error: command-argument value '(.*)' is invalid for argument '(.*?)'\. (.*)$/s;
const OPTION = /^error: option '(.*?)' argument '(.*)' is invalid\. (.*)$/s;

const HINT = "Try --help.";

/** In the shape of any other failure. */
export function usageError(text: string): string {
  return `${inOurWords(text).trimEnd()}\nhint: ${HINT}\ncode: USAGE\n`;
}

function inOurWords(text: string): string {
  const [, value, name, why] = ARGUMENT.exec(text) ?? [];
  if (why !== undefined) return `error: ${JSON.stringify(value)} does not do for <${name}>. ${why}`;
  const [, flags, given, reason] = OPTION.exec(text) ?? [];
  if (reason === undefined) return text;
  const long = /--[\w-]+/.exec(flags!)?.[0] ?? flags;
  return `error: ${JSON.stringify(given)} does not do for ${long}. ${reason}`;
}

/** The same as the JSON of a failure. */
export function usageErrorAsJson(text: string): string {
  const message = inOurWords(text)
    .replace(/^error: /, "")
    .trim();
  return `${JSON.stringify({ error: { code: "USAGE", message, hint: HINT } })}\n`;
}
