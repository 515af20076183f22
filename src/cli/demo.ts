/** `callsheet demo`: a site, a studio at work on it, and a daemon with example plugins, all in this process. */
import { Command } from "commander";
import { untilSignal } from "./until-signal.ts";
import { wholeNumber } from "./whole-number.ts";

const HELP = `
Nothing to set up and nothing left behind: the site is a sandbox in memory, the state a temporary folder.

Examples:
  callsheet demo
  callsheet demo --artists 8 --plugins ./plugins      your own plugins, on a busier day`;

export interface DemoOptions {
  artists: number;
  plugins: string | undefined;
}

export function demoCommand(): Command {
  return new Command("demo")
    .description("look at it all: a sandbox site, a studio at work, example plugins")
    .option("--artists <number>", "how many artists keep changing things", wholeNumber(100), 4)
    .option("--plugins <folder>", "a folder of plugins; default: the examples")
    .addHelpText("after", HELP)
    .action(async ({ artists, plugins }: { artists: number; plugins?: string }) => {
      const remains = new DisposableStack();
      const stop = untilSignal(() => remains.dispose());
      const { runDemo } = await import("./run-demo.ts");
      await runDemo({ artists, plugins }, process.stdout, { stop, remains });
    });
}
