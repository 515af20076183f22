/** `callsheet doctor`: everything that could be wrong, one line each, with the cure. */
import { Command } from "commander";
import type { Finding } from "../../daemon/check.ts";
import { asError, CallsheetError } from "../../errors.ts";
import type { StatusView } from "../../server/views.ts";
import { version } from "../../version.ts";
import { showFindings } from "../findings.ts";
import { loadSetup } from "../setup.ts";
import { openControl } from "./control.ts";

const HELP = `
It looks at what \`callsheet check\` does (configuration, site, state, alerts, plugins and the scripts they use), at the machine (versions, disk, file
system, clock), and at the daemon if it runs. It changes nothing.
Exit status: 0 nothing failed, 1 something did, 78 the configuration is wrong.

Examples:
  callsheet doctor
  callsheet doctor --config /etc/callsheet/callsheet.config.ts --json`;

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("look at everything that could be wrong, and say what helps")
    .option("-c, --config <file>", "the configuration; default: callsheet.config.* in this folder")
    .option("--json", "print JSON: a list of { status, what, detail, cure }", false)
    .addHelpText("after", HELP)
    .action(async ({ config: file, json }: { config?: string; json: boolean }) => {
      const config = await loadSetup(file);
      const { checkSetup } = await import("../../daemon/check.ts");
      const { checkMachine } = await import("../../daemon/check-machine.ts");
      const [daemon, machine, setup] = await Promise.all([
        checkDaemon(config.state),
        checkMachine(config, version()),
        checkSetup(config),
      ]);
      const runs = daemon[0]!.status === "ok";
      showFindings([...machine, ...(runs ? setup.map(asInUse) : setup), ...daemon], json);
    });
}

const what = "daemon";

async function checkDaemon(state: string): Promise<Finding[]> {
  try {
    const control = await openControl({ state }, false);
    const status = await control.get<StatusView>("/status");
    await control.close();
    const runs: Finding = {
      status: "ok",
      what,
      detail: `process ${status.pid} at ${control.at}`,
      cure: null,
    };
    return [runs, ...status.attention.map(asFinding)];
  } catch (thrown) {
    const error = asError(thrown);
    if (!(error instanceof CallsheetError)) throw error;
    return [{ status: "warn", what, detail: error.message, cure: error.hint ?? null }];
  }
}

/** That a daemon uses its state is as it should be. */
function asInUse(finding: Finding): Finding {
  if (finding.what !== "state" || finding.status !== "warn") return finding;
  return { ...finding, status: "ok", detail: "in use by the daemon that runs", cure: null };
}

function asFinding({ severity, message, command }: StatusView["attention"][number]): Finding {
  const status = severity === "error" ? "fail" : "warn";
  return { status, what, detail: message, cure: command && command !== "callsheet doctor" ? command : null };
}
