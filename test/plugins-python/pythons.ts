/**
 * The Pythons of this machine: those named `python3.8` to `python3.14` on the PATH, and the paths in CALLSHEET_TEST_PYTHONS,
 * separated as in PATH. The old ones among them serve to be refused.
 */
import { execFileSync } from "node:child_process";
import { delimiter } from "node:path";

export interface FoundPython {
  executable: string;
  /** `3.11` */
  version: string;
}

const ASK =
  "import sys; sys.stdout.write('%d.%d %s' % (sys.version_info[0], sys.version_info[1], sys.executable))";
const NAMES = [
  ...Array.from({ length: 7 }, (_, i) => `python3.${8 + i}`),
  ...["python3.7", "python3.6", "python2.7", "python2"],
];

function ask(name: string): FoundPython[] {
  try {
    const said = execFileSync(name, ["-c", ASK], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const [version = "", ...executable] = said.split(" ");
    return [{ version, executable: executable.join(" ") }];
  } catch {
    return [];
  }
}

const named = (process.env.CALLSHEET_TEST_PYTHONS ?? "").split(delimiter).filter((path) => path !== "");
const found = [...named, ...NAMES].flatMap(ask);
const each = found.filter((one, i) => found.findIndex(({ version }) => version === one.version) === i);
const minor = ({ version }: FoundPython) => Number(version.split(".")[1]);
const isOld = (one: FoundPython) => one.version.startsWith("2.") || minor(one) < 8;

export const pythons = each.filter((one) => !isOld(one)).sort((a, b) => minor(a) - minor(b));
export const oldPythons = each.filter(isOld);

if (pythons.length < 2)
  console.warn(
    `Only ${pythons.length} Python of 3.8 or newer is found (PATH, CALLSHEET_TEST_PYTHONS): the tests of the others are SKIPPED.`,
  );
if (oldPythons.length === 0)
  console.warn("No Python older than 3.8 is found: the test that a real one is refused is SKIPPED.");
