/** What the commands of operators have in common: their options, and how they print. */
import { hostname, userInfo } from "node:os";
import { styleText } from "node:util";
import { Command } from "commander";
import { type Control, type ControlOptions, openControl } from "./control.ts";

export interface Common extends ControlOptions {
  json: boolean;
}

/** A command that asks, or steers, a daemon. */
export function operatorCommand(nameAndArgs: string, description: string, help: string): Command {
  return new Command(nameAndArgs.split(" ", 1)[0])
    .description(description)
    .option("-c, --config <file>", "the daemon's configuration; default: callsheet.config.* in this folder")
    .option("-s, --state <folder>", "its state folder, instead of a configuration")
    .option("--url <url>", "address of its server, for one that runs elsewhere")
    .option("--token <token>", "the server's token; default: the environment variable CALLSHEET_TOKEN")
    .option("--json", "print JSON", false)
    .addHelpText("after", help)
    .hook("preAction", quietWithoutReader);
}

let quiet = false;

/** A reader that goes away (`callsheet logs | head`) has seen enough: no reason to complain. */
export function quietWithoutReader(): void {
  if (quiet) return;
  quiet = true;
  // the error output may go into the same pipe
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      // whoever waits for the end of the work would be told that it did not come
      process.removeAllListeners("exit");
      process.exit(0);
    });
}

/** Opens the way to the daemon for the length of `work`. */
export async function withControl<T>(
  options: ControlOptions,
  reading: boolean,
  work: (control: Control) => Promise<T>,
): Promise<T> {
  const control = await openControl(options, reading);
  try {
    return await work(control);
  } finally {
    await control.close();
  }
}

export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

type Style = Parameters<typeof styleText>[0];

/** Coloured on a terminal that has colours. */
export function style(format: Style, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

export function dim(text: string): string {
  return style("dim", text);
}

/** A remark that answers come from the state of a stopped daemon; not in JSON. */
export function tellStopped({ running, at }: Control): void {
  if (!running) process.stderr.write(`The daemon is stopped; this is from its state in ${at}.\n`);
}

/** Who asks, for the log and the ledger. */
export function me(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? "somebody";
  }
}
