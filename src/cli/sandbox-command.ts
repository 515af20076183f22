/** `callsheet sandbox`: the command line of the site in a box. */
import { Command, Option } from "commander";
import type { SandboxCommandOptions } from "./sandbox.ts";
import { untilSignal } from "./until-signal.ts";
import { wholeNumber } from "./whole-number.ts";

const HELP = `
Examples:
  callsheet sandbox --studio small --artists 3      a site on which things happen
  callsheet sandbox --port 8765 --script daemon:s3cret --storage site.db
  callsheet sandbox --port 0 --json                 any free port; one JSON line when it is ready`;

export function sandboxCommand(): Command {
  return new Command("sandbox")
    .description("run a Flow Production Tracking site in a box")
    .option("-p, --port <number>", "port to listen on, 0 for any free one", wholeNumber(65_535), 0)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--json", "print one JSON line when it is ready", false)
    .option("--storage <file>", "keep the site in this SQLite file; default: in memory")
    .option("--script <name:key>", "a script that may log in; default: a random key")
    .option("--user <login:password>", "a person who may log in; default: a random password")
    .option("--schema <file>", "a studio's own schema: what schema_read of its site answers, as JSON")
    .addOption(
      new Option("--studio <size>", "what is in it: nothing, or a studio at work")
        .choices(["none", "small", "feature-film"])
        .default("none"),
    )
    .option("--artists <number>", "how many artists keep changing things", wholeNumber(100), 0)
    .option("--record <file>", "keep everything that is written in this new file")
    .option("--replay <file>", "do again what a recorded file tells, at its pace")
    .addHelpText("after", HELP)
    .action(async (options: SandboxCommandOptions) => {
      const { runSandbox } = await import("./sandbox.ts");
      const { stdout, stderr } = process;
      process.exitCode = await runSandbox(options, { stdout, stderr, signal: untilSignal() });
    });
}
