/** Finds where in some modules a syntax error is, by asking Node to check them one by one. Slow, and only used when one is known to be there. */
import { execFile } from "node:child_process";
import { placeInStack } from "./strip.ts";

/** @returns `/path/file.ts:3:5` of the first module that fails with this message, or null */
export async function findSyntaxError(
  sources: ReadonlyMap<string, string>,
  message: string,
): Promise<string | null> {
  for (const [path, source] of sources) {
    const said = await check(source);
    if (said.includes(`SyntaxError: ${message}`)) return `${path}${placeInStack(said.trimStart())}`;
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
