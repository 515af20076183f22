/** The Python that the tests use. Where there is none, what needs it is skipped, and says so. */
import { execFileSync } from "node:child_process";

function findPython(): string | null {
  try {
    const said = execFileSync("python3", ["-c", "import sys; print(sys.version_info >= (3, 8))"], {
      encoding: "utf8",
    });
    if (said.trim() === "True") return "python3";
  } catch {
    // told of below
  }
  console.warn("No python3 of 3.8 or newer is found: the tests of Python plugins are SKIPPED.");
  return null;
}

export const python = findPython();
export const withoutPython = python === null;
