/** `callsheet service install` and `callsheet service uninstall`: the daemon as a service of systemd. */
import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { Config } from "../../config-file.ts";
import { CallsheetError } from "../../errors.ts";
import { EXIT_CONFIG, EXIT_USAGE } from "../failure.ts";
import { loadSetup } from "../setup.ts";
import { CONFIG_OPTION } from "../start.ts";
import { removeUnit, type Scope, unitFile, writeUnit } from "./files.ts";
import { unitText } from "./unit.ts";

const INSTALL_HELP = `
It writes a unit for this configuration and this installation of Callsheet, and says which commands start it; systemctl itself is
not called. Secrets stay where they are: in a file .env beside the configuration, or in the unit by \`systemctl edit\`.

Examples:
  callsheet service install --system --print                    look at it
  sudo callsheet service install --system --run-as fptdaemon --config /etc/callsheet/callsheet.config.ts
  callsheet service install --user                              your own, without root`;

const UNINSTALL_HELP = `
Examples:
  sudo callsheet service uninstall --system
  callsheet service uninstall --user --name callsheet-test`;

const NAME = [
  "--name <name>",
  "name of the service, for a second daemon on the machine",
  nameOf,
  "callsheet",
] as const;

interface ServiceOptions {
  user?: boolean;
  system?: boolean;
  name: string;
}

interface InstallOptions extends ServiceOptions {
  config?: string;
  runAs?: string;
  print: boolean;
}

export function serviceCommand(): Command {
  const install = new Command("install")
    .description("write a systemd unit for this configuration, and say how to start it")
    .option("--user", "for your own user's services")
    .option("--system", "for the machine's services; needs root, but for --print")
    .option("--run-as <user>", "with --system: who it runs as; default: callsheet")
    .option(...NAME)
    .option("--print", "print the unit, and write nothing", false)
    .option(...CONFIG_OPTION)
    .addHelpText("after", INSTALL_HELP)
    .action(installUnit);
  const uninstall = new Command("uninstall")
    .description("remove the unit that install wrote")
    .option("--user", "of your own user's services")
    .option("--system", "of the machine's services; needs root")
    .option(...NAME)
    .addHelpText("after", UNINSTALL_HELP)
    .action(uninstallUnit);
  return new Command("service")
    .description("run the daemon as a service of systemd")
    .addCommand(install)
    .addCommand(uninstall);
}

async function installUnit(options: InstallOptions): Promise<void> {
  const scope = scopeOf(options);
  if (scope === "user" && options.runAs !== undefined)
    throw new CallsheetError("USAGE", "--run-as goes with --system: a user's services run as that user.");
  const user = scope === "system" ? (options.runAs ?? "callsheet") : null;
  const config = await loadSetup(options.config);
  const unit = unitText({ ...unitOf(config), scope, user });
  if (options.print) return void process.stdout.write(unit);
  const file = unitFile(scope, options.name);
  writeUnit(file, unit);
  process.stdout.write(nextSteps(scope, options.name, file, user));
}

function unitOf(config: Config) {
  return {
    description: `Callsheet, the event daemon of ${config.site.url}`,
    program: [process.execPath, ...process.execArgv, realpathSync(process.argv[1]!)],
    configFile: config.file,
    folder: dirname(config.file),
    state: config.state,
    logDir: config.log.dir ?? null,
    shutdownTimeoutMs: config.shutdownTimeout,
    finalStatuses: [EXIT_USAGE, EXIT_CONFIG],
  };
}

function nextSteps(scope: Scope, name: string, file: string, user: string | null): string {
  const systemctl = scope === "system" ? "sudo systemctl" : "systemctl --user";
  const more =
    scope === "user"
      ? "So that it also runs while you are not logged in: loginctl enable-linger\n"
      : `It runs as the user ${user}, who has to be there and to read the configuration, its .env and the plugins.\n`;
  return `Wrote ${file}. To start it, now and with the machine:

  ${systemctl} daemon-reload
  ${systemctl} enable --now ${name}

${more}`;
}

function uninstallUnit(options: ServiceOptions): void {
  const scope = scopeOf(options);
  const file = unitFile(scope, options.name);
  const systemctl = scope === "system" ? "sudo systemctl" : "systemctl --user";
  if (!removeUnit(file, options.name)) {
    process.stdout.write(`There is no ${file}.\n`);
    return;
  }
  process.stdout.write(`Removed ${file}. A daemon that still runs is ended, and the unit forgotten, by:

  ${systemctl} stop ${options.name}
  ${systemctl} daemon-reload

Configuration, state and logs are left as they are.
`);
}

function scopeOf({ user = false, system = false }: ServiceOptions): Scope {
  if (process.platform !== "linux")
    throw new CallsheetError("USAGE", "Services are systemd's, and this system has none.", {
      hint: "docs/operations.md says what to do elsewhere.",
    });
  if (user === system) throw new CallsheetError("USAGE", "Say --user or --system.");
  return user ? "user" : "system";
}

function nameOf(text: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text)) return text.replace(/\.service$/, "");
  throw new InvalidArgumentError("It must have letters, digits, _, . and - only.");
}
