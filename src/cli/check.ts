/** `callsheet check`: says what is fine and what is not, before the first start. */
import { styleText } from "node:util";
import { Command } from "commander";
import type { Finding } from "../daemon/check.ts";
import { EXIT_FAILED } from "./failure.ts";
import { loadSetup } from "./setup.ts";
import { table } from "./table.ts";

const HELP = `
It loads the configuration and every plugin, talks to the site and looks at the state folder. It changes nothing.
Exit status: 0 nothing failed, 1 something did, 78 the configuration is wrong.

Examples:
  callsheet check
  callsheet check --config studio.config.ts --json`;

export function checkCommand(): Command {
  return new Command("check")
    .description("look at configuration, site, state and plugins, and say what is wrong")
    .option(
      "-c, --config <file>",
      "the configuration; default: callsheet.config.* in this folder, or shotgunEventDaemon.conf",
    )
    .option("--json", "print JSON: a list of { status, what, detail, cure }", false)
    .addHelpText("after", HELP)
    .action(async ({ config: file, json }: { config?: string; json: boolean }) => {
      const config = await loadSetup(file);
      const { checkSetup } = await import("../daemon/check.ts");
      const findings = await checkSetup(config);
      process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : findingsTable(findings));
      if (findings.some(({ status }) => status === "fail")) process.exitCode = EXIT_FAILED;
    });
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
