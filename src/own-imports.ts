/**
 * Makes `import … from "callsheet"` (and its doors, `callsheet/client` and so on) mean this very copy of Callsheet,
 * wherever on disk the importing file lies: a configuration or plugin folder needs no `node_modules`.
 */
import { registerHooks } from "node:module";
import { extname } from "node:path";

/** `.ts` when run from source, `.js` when run from the built package. */
const ending = extname(import.meta.filename);

const DOORS: Record<string, string> = {
  callsheet: door("./index"),
  "callsheet/client": door("./client/mod"),
  "callsheet/sandbox": door("./sandbox/mod"),
  "callsheet/daemon": door("./daemon/mod"),
};

function door(path: string): string {
  return new URL(path + ending, import.meta.url).href;
}

let installed = false;

/** Takes effect for every later import of this thread. Calling it again does nothing. */
export function installOwnImports(): void {
  if (installed) return;
  installed = true;
  registerHooks({
    resolve(specifier, context, next) {
      const url = Object.hasOwn(DOORS, specifier) ? DOORS[specifier] : undefined;
      return url ? { url, shortCircuit: true } : next(specifier, context);
    },
  });
}
