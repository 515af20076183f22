/** The Python that the tests use. Where there is none, what needs it is skipped, and says so. */
import { execFileSync } from "node:child_process";

/** The program itself: what is named python3 may be a script that takes its time to find it. */
function findPython(): string | null {
  try {
    const ask = "import sys; print(sys.executable if sys.version_info >= (3, 8) else '')";
    const said = execFileSync("python3", ["-c", ask], { encoding: "utf8" }).trim();
    if (said !== "") return said;
  } catch {
    // told of below
  }
  console.warn("No python3 of 3.8 or newer is found: the tests of Python plugins are SKIPPED.");
  return null;
}

export const python = findPython();
export const withoutPython = python === null;
