/** Findings, one a line: what is fine, what is not, and the cure. */
import { styleText } from "node:util";
import type { Finding } from "../daemon/check.ts";
import { EXIT_FAILED } from "./failure.ts";
import { table } from "./table.ts";

/** Prints them, and sets the exit status when one of them failed. */
export function showFindings(findings: readonly Finding[], json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : findingsTable(findings));
  if (findings.some(({ status }) => status === "fail")) process.exitCode = EXIT_FAILED;
}

const STYLES = { ok: "green", warn: "yellow", fail: "red" } as const;

function findingsTable(findings: readonly Finding[]): string {
  const stream = process.stdout;
  const rows: string[][] = [];
  for (const { status, what, detail, cure } of findings) {
    const [first = "", ...more] = detail.split("\n");
    rows.push([styleText(STYLES[status], status, { stream }), what, first]);
    for (const line of more) rows.push(["", "", line]);
    if (cure) rows.push(["", "", styleText("dim", cure, { stream })]);
  }
  return table(rows) + summary(findings);
}

function summary(findings: readonly Finding[]): string {
  const count = (wanted: Finding["status"]) => findings.filter(({ status }) => status === wanted).length;
  const [warnings, failures] = [count("warn"), count("fail")];
  if (failures > 0) return `\n${failures} of ${findings.length} checks failed.\n`;
  return warnings > 0 ? `\nNothing failed; ${warnings} to look at.\n` : "\nAll is fine.\n";
}
