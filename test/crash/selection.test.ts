/** What the long runs are asked for: a typing error must not pass for a run that found nothing. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const POINTS = here("../points/run.ts");
const CRASH = here("./run.ts");
const SOAK = here("../../bench/soak.ts");

const OPTIONS = here("../../scripts/options.ts");

function refused(words: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect([status, stdout]).toEqual([2, ""]);
  return stderr;
}

test.each([
  [POINTS, ["--point", "relaod"], '--point "relaod" selects nothing; there is "start", "reader"'],
  [CRASH, ["--only", "x"], '--only "x" selects nothing; there is "typescript, the daemon killed"'],
  [SOAK, ["--events", "4M"], '--events is a whole number from 10000 on, not "4M".'],
])("%s %j is one sentence, and exit code 2", (command, words, says) => {
  expect(refused([command, ...words])).toContain(says);
});

test.each([
  ['wholeNumber("rounds", "0", 1)', '--rounds is a whole number from 1 on, not "0".'],
  ['wholeNumber("seed", "", 0)', '--seed is a whole number from 0 on, not "".'],
  ['wholeNumber("seed", "1.5", 0)', '--seed is a whole number from 0 on, not "1.5".'],
  ['optionsOf({ args: ["--pont"], options: {} })', "Unknown option '--pont'."],
])("%s is refused", (call, says) => {
  const code = `import { optionsOf, wholeNumber } from ${JSON.stringify(OPTIONS)}; ${call}; console.log("went on");`;
  expect(refused(["--input-type=module", "-e", code])).toContain(says);
});
