/** Commands that people paste into a shell: read back by a real one. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { shellWord } from "../src/shell-word.ts";

it("leaves plain names as they are", () => {
  for (const name of ["notify", "assets/notify", "näme_2", "a.b-c"]) expect(shellWord(name)).toBe(name);
});

it("gives a shell exactly the word back", () => {
  const names = ["my plugin", "a & b", "it's", 'say "x"', "$(touch x)", "100%", "a;b", "`id`"];
  for (const name of names) expect(wordsOf(name)).toEqual([name]);
  const printable = fc.string({ minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(printable, (name) => {
      expect(wordsOf(name)).toEqual([name]);
    }),
    { numRuns: 40 },
  );
});

function wordsOf(name: string): string[] {
  const script = `for word in ${shellWord(name)}; do printf '%s\\0' "$word"; done`;
  return execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}
