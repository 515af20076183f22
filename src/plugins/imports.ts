/** Where `import … from "callsheet"` leads, from any folder on disk: always to the files of this very installation. */
import { readdirSync } from "node:fs";
import { registerHooks } from "node:module";
import { extname } from "node:path";

/** `.ts` when running from source, `.js` when built. */
export const ownEnding = extname(import.meta.filename);

/** The folder of all our files, as a URL that ends in `/`. */
export const ownRoot = new URL("../", import.meta.url).href;

/** Specifier → URL. In a plugin's host the main door is a lighter one with the same names. */
export function callsheetImports(where: "host" | "main"): Record<string, string> {
  const main = where === "host" ? `plugins/guest/callsheet${ownEnding}` : `index${ownEnding}`;
  const rooms = readdirSync(new URL(ownRoot), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return {
    callsheet: ownRoot + main,
    ...Object.fromEntries(
      rooms.map(({ name }) => [`callsheet/${name}`, `${ownRoot}${name}/mod${ownEnding}`]),
    ),
  };
}

let installed = false;

/** Lets a `callsheet.config.ts` anywhere import "callsheet". For the main thread; more than one call does no more. */
export function resolveCallsheetImports(): void {
  if (installed) return;
  installed = true;
  const imports = callsheetImports("main");
  registerHooks({
    resolve(specifier, context, next) {
      const url = Object.hasOwn(imports, specifier) ? imports[specifier] : undefined;
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
  });
}
