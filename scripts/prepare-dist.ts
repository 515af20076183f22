/** Empties `dist` and copies into it what the compiler leaves behind: every file of `src` that is not TypeScript. */
import { cpSync, globSync, rmSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");

rmSync(join(root, "dist"), { recursive: true, force: true });
for (const file of globSync("src/**/*.*", { cwd: root })) {
  if (!/\.m?ts$|__pycache__/.test(file)) cpSync(join(root, file), join(root, "dist", relative("src", file)));
}
