/** State files as real Pythons write them. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Those of Python 2, which hardly any machine has: kept as `python2-states.py` wrote them. */
export const python2States = readFileSync(join(import.meta.dirname, "python2-states.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as { made: string; protocol: number; base64: string });

/** Each expression, pickled by this Python in each protocol. @param setup run before, with datetime and what else pickles are made of */
export function pickledBy(
  program: string,
  setup: string,
  expressions: readonly string[],
): Map<string, Buffer[]> {
  const source = `import base64, collections, datetime, decimal, json, os, pickle, sys
${setup}
pickles = [[base64.b64encode(pickle.dumps(eval(expression), protocol)).decode() for protocol in range(6)]
           for expression in json.load(sys.stdin)]
print(json.dumps(pickles))`;
  const input = JSON.stringify(expressions);
  const said = execFileSync(program, ["-c", source], { input, encoding: "utf8" });
  const pickles = (JSON.parse(said) as string[][]).map((texts) =>
    texts.map((text) => Buffer.from(text, "base64")),
  );
  return new Map(expressions.map((expression, at) => [expression, pickles[at]!]));
}
