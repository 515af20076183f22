/** Loads the plugin file and lets it register. */
import { pathToFileURL } from "node:url";
import type { ErrorReport } from "../../daemon/host.ts";
import type { LoadFailure } from "../messages.ts";
import { inWords, reportError } from "./error-report.ts";
import type { GuestLogger } from "./logger.ts";
import { createRegistrar, type Registered } from "./registrar.ts";

interface PluginModule {
  registerCallbacks?: unknown;
  default?: unknown;
}

/** Rejects with a `LoadFailure`, whatever the plugin does. */
export async function loadPlugin(path: string, logger: GuestLogger): Promise<Registered> {
  const plugin = await importPlugin(path);
  const register = plugin.registerCallbacks;
  if (typeof register !== "function") throw noRegister(path, plugin);
  const { registrar, registered, close } = createRegistrar(logger);
  try {
    await register(registrar);
  } catch (thrown) {
    throw failureOf(path, "while it registered", thrown);
  } finally {
    close();
  }
  return registered;
}

async function importPlugin(path: string): Promise<PluginModule> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (thrown) {
    throw failureOf(path, "while it was loaded", thrown);
  }
}

function noRegister(path: string, plugin: PluginModule): LoadFailure {
  const inDefault = plugin.default !== undefined ? " A default export is not looked at." : "";
  return {
    code: "PLUGIN_NO_REGISTER",
    message: `${path} exports no function named registerCallbacks.`,
    hint: `Add \`export function registerCallbacks(reg) { … }\`, or begin the file's name with _ if it is a helper.${inDefault}`,
    error: null,
  };
}

function failureOf(path: string, when: string, thrown: unknown): LoadFailure {
  const error = reportError(thrown);
  const own = ownFailure(thrown);
  if (own) {
    const { code, hint } = own;
    const place = code === "PLUGIN_REGISTRATION" ? `${placeOf(error) ?? path}: ` : "";
    return { code, message: `${place}${error.message}`, hint, error };
  }
  const place = placeOf(error);
  const where = place === null ? "" : ` (${place})`;
  return {
    code: "PLUGIN_LOAD",
    message: sentence(`${path} failed ${when}: ${inWords(error)}${where}`),
    hint: hintFor(error),
    error,
    placeUnknown: place === null && error.name === "SyntaxError",
  };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** An error that Callsheet itself made, here or in the daemon. */
function ownFailure(thrown: unknown): { code: LoadFailure["code"]; hint: string | null } | null {
  if (typeof thrown !== "object" || thrown === null) return null;
  const { code, hint } = thrown as { code?: unknown; hint?: unknown };
  if (code !== "PLUGIN_SYNTAX" && code !== "PLUGIN_REGISTRATION") return null;
  return { code, hint: typeof hint === "string" ? hint : null };
}

/** `/studio/plugins/notify.ts:12:7`, the innermost place in the plugin's own code. */
function placeOf({ stack }: ErrorReport): string | null {
  if (stack === null) return null;
  const frame = /^\s+at (?:.*\()?((?:\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/m.exec(stack)?.[1];
  // Errors in linking have no frames; their stack begins with the place.
  return frame ?? /^((?:\/|[A-Za-z]:\\).*:\d+)$/m.exec(stack.split("\n")[0]!)?.[1] ?? null;
}

function hintFor({ message }: ErrorReport): string | null {
  const name = /does not provide an export named '(.+)'/.exec(message)?.[1];
  if (name) return `If ${name} is a type, write \`import type { ${name} }\`.`;
  if (/^Cannot find module .*[/\\]node_modules[/\\]/.test(message)) return null;
  if (message.startsWith("Cannot find module"))
    return 'Relative imports need the whole file name: "./helper.ts".';
  const missing = /^Cannot find package '(.+?)'/.exec(message)?.[1];
  if (missing) return `Install it where the plugin can see it: npm install ${missing}.`;
  if (message.startsWith("require is not defined"))
    return "Plugins are ES modules: use `import`, or `createRequire` from node:module.";
  return null;
}
