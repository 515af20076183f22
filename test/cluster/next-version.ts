/** The version after this one: a copy of the source with one step more for the tables, which runs as a program of its own. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { FORMAT } from "../../src/journal/postgres/migrations.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const NEXT_VERSION = "99.0.0";
const STEPS_END = "];\n\n/** `oldest`";

/**
 * @param breaks whether this version cannot work with the tables of that one
 * @returns the program
 */
export function nextVersion(step: string, { breaks = false } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-next-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  cpSync(join(ROOT, "src"), join(folder, "src"), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const about = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as object;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...about, version: NEXT_VERSION }));
  const now = FORMAT.steps.length;
  const migrations = join(folder, "src/journal/postgres/migrations.ts");
  const source = readFileSync(migrations, "utf8");
  const next = replaced(
    replaced(source, STEPS_END, `\`${step}\`,\n${STEPS_END}`),
    `oldest: ${FORMAT.oldest} }`,
    `oldest: ${breaks ? now + 1 : now} }`,
  );
  writeFileSync(migrations, next);
  return join(folder, "src/cli/main.ts");
}

function replaced(text: string, part: string, by: string): string {
  if (text.split(part).length !== 2) throw new Error(`not once in it: ${part}`);
  return text.replace(part, () => by);
}
