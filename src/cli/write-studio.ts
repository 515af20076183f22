/** Writes the files of a new studio folder from `templates/studio`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { asError, CallsheetError } from "../errors.ts";
import { version } from "../version.ts";

const TEMPLATES = new URL("../../templates/studio/", import.meta.url);

/** File written → its template. npm leaves dot files out of packages or renames them, so the templates have none. */
const FILES: Record<string, string> = {
  "callsheet.config.ts": "callsheet.config.ts",
  "plugins/hello.ts": "plugins/hello.ts",
  "package.json": "package.json",
  "tsconfig.json": "tsconfig.json",
  ".env.example": "env.example",
  ".gitignore": "gitignore",
  "README.md": "README.md",
};

/**
 * Writes every file, or none when one of them is there already.
 * @returns the names of the files written
 * @throws {CallsheetError} USAGE
 */
export function writeStudio(folder: string): string[] {
  const names = Object.keys(FILES);
  const taken = names.filter((name) => existsSync(join(folder, name)));
  if (taken.length > 0) {
    throw new CallsheetError("USAGE", `${folder} has ${taken.join(", ")} already; nothing was written.`, {
      hint: "Choose another folder: callsheet init my-studio",
    });
  }
  try {
    for (const name of names) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(
        join(folder, name),
        filled(readFileSync(new URL(FILES[name]!, TEMPLATES), "utf8"), folder),
        { flag: "wx" },
      );
    }
  } catch (error) {
    throw new CallsheetError("USAGE", `${folder} cannot be written: ${asError(error).message}.`, {
      cause: error,
    });
  }
  return names;
}

function filled(template: string, folder: string): string {
  return template
    .replaceAll("my-studio", packageName(basename(folder)))
    .replaceAll("^0.0.0", `^${version()}`);
}

/** A name that npm takes. */
function packageName(folder: string): string {
  return (
    folder
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, "-")
      .replace(/^[._-]+|-+$/g, "") || "my-studio"
  );
}
