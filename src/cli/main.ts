/** `callsheet`: reads the command line and runs one command. Each command is a file of its own beside this one. */
import { argv } from "node:process";
import { Command, CommanderError, Help, type Option } from "commander";
import { version } from "../version.ts";
import { alertsCommand } from "./alerts.ts";
import { backupCommand } from "./backup.ts";
import { checkCommand } from "./check.ts";
import { completeCommand, completionCommand } from "./completion/command.ts";
import { actingCommands } from "./control/acting.ts";
import { adoptCommand } from "./control/adopt.ts";
import { auditCommand } from "./control/audit.ts";
import { doctorCommand } from "./control/doctor.ts";
import { eventsCommand } from "./control/events.ts";
import { failuresCommand, gapsCommand } from "./control/failures.ts";
import { logsCommand } from "./control/logs.ts";
import { pluginCommand, pluginsCommand } from "./control/plugins.ts";
import { replayCommand } from "./control/replay/command.ts";
import { replaysCommand } from "./control/replay/list.ts";
import { statusCommand } from "./control/status.ts";
import { demoCommand } from "./demo.ts";
import { EXIT_FAILED, EXIT_USAGE, exitStatusOf, printFailure, wantsJson } from "./failure.ts";
import { fitted } from "./help-width.ts";
import { importCommand } from "./import.ts";
import { importStateCommand } from "./import-state.ts";
import { initCommand } from "./init.ts";
import { repairCommand } from "./repair.ts";
import { restartCommand } from "./restart.ts";
import { foregroundCommand, runCommand } from "./run.ts";
import { sandboxCommand } from "./sandbox-command.ts";
import { serviceCommand } from "./service/command.ts";
import { startCommand } from "./start.ts";
import { stopCommand } from "./stop.ts";
import { typesCommand } from "./types.ts";
import { endSoon } from "./until-signal.ts";
import { usageError, usageErrorAsJson } from "./usage-error.ts";
import { quietExperimentalWarnings } from "./warnings.ts";

const EXAMPLES = `
Examples:
  callsheet demo                   a site, a studio and plugins at work, to look at
  callsheet init my-studio         a folder with a configuration and a first plugin
  callsheet import old.conf        take over from the Python daemon
  callsheet check                  is everything right, before the first start?
  callsheet run                    follow the site until Ctrl-C or SIGTERM
  callsheet start                  the same in the background; also: stop, restart
  callsheet status                 how it does, and what needs attention
  callsheet types                  the site's fields for the TypeScript compiler

Exit status: 0 done, 1 failed, 2 command line not understood, 78 configuration wrong.`;

/** Runs the command line and leaves the exit status in `process.exitCode`. */
export async function main(args: string[]): Promise<void> {
  quietExperimentalWarnings();
  const unfinished = () => {
    process.stderr.write(
      "error: it ended before it was done: something that it waited for never came, such as a promise in the configuration\n",
    );
    process.exitCode = EXIT_FAILED;
  };
  process.once("exit", unfinished);
  const json = wantsJson(args);
  try {
    await program({ json }).parseAsync(args);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
    else {
      printFailure(error, process.stderr, { json });
      process.exitCode = exitStatusOf(error);
    }
  } finally {
    process.off("exit", unfinished);
    endSoon((message) => process.stderr.write(`${message}\n`));
  }
}

/** The whole command line, not yet read. @param json whether what is not understood is told as JSON */
export function program({ json = false } = {}): Command {
  const program = new Command("callsheet")
    .description("The event daemon for Autodesk Flow Production Tracking: every event, in order, none lost.")
    .version(version(), "-V, --version", "print the version")
    .addHelpText("after", EXAMPLES);
  const commands = [
    initCommand(),
    importCommand(),
    checkCommand(),
    runCommand(),
    startCommand(),
    stopCommand(),
    restartCommand(),
    alertsCommand(),
    foregroundCommand(),
    statusCommand(),
    pluginsCommand(),
    pluginCommand(),
    eventsCommand(),
    failuresCommand(),
    gapsCommand(),
    logsCommand(),
    auditCommand(),
    doctorCommand(),
    ...actingCommands(),
    adoptCommand(),
    replayCommand(),
    replaysCommand(),
    serviceCommand(),
    sandboxCommand(),
    demoCommand(),
    backupCommand(),
    importStateCommand(),
    repairCommand(),
    typesCommand(),
    completionCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  program.addCommand(completeCommand(), { hidden: true });
  for (const command of [program, ...commands, ...commands.flatMap((each) => each.commands)]) {
    if (command.commands.length > 0) command.helpCommand("help [command]", "print the help of a command");
    command
      .helpOption("-h, --help", "print this help")
      .configureOutput({
        writeOut: printFitted,
        outputError: (text, write) => write(json ? usageErrorAsJson(text) : usageError(text)),
      })
      .configureHelp({ optionDescription: describedOption })
      .exitOverride();
  }
  return program;
}

/** That a switch is off unless it is given goes without saying. */
function describedOption(option: Option): string {
  const { defaultValue, description } = option;
  return defaultValue === false || defaultValue === "" ? description : new Help().optionDescription(option);
}

/** On a pipe the text is as it was written. */
function printFitted(text: string): void {
  const { columns } = process.stdout;
  process.stdout.write(columns === undefined ? text : fitted(text, columns));
}

if (import.meta.main) await main(argv);
