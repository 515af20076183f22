/** `callsheet completion SHELL`, and what its scripts ask: `callsheet complete SHELL -- WORDS`. */
import { setTimeout as timer } from "node:timers/promises";
import { Argument, Command } from "commander";
import type { PluginView } from "../../server/views.ts";
import { withControl } from "../control/command.ts";
import { type Answer, candidatesFor } from "./candidates.ts";
import { SCRIPTS, SHELLS, type Shell } from "./scripts.ts";

const HELP = `
It completes commands, options, their values, and names of plugins: those of the daemon that the line is about.

Examples (one line for the shell's start file):
  source <(callsheet completion bash)           in ~/.bashrc
  source <(callsheet completion zsh)            in ~/.zshrc, after compinit
  callsheet completion fish | source            in ~/.config/fish/config.fish`;

/** A daemon that does not answer must not hold up whoever types. */
const PATIENCE_MS = 2000;

export function completionCommand(): Command {
  return new Command("completion")
    .description("print what makes a shell complete callsheet's command lines")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText("after", HELP)
    .action((shell: Shell) => void process.stdout.write(SCRIPTS[shell]));
}

/** Asked by shells, not by people. */
export function completeCommand(): Command {
  return new Command("complete")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .argument("[words...]")
    .action(async (shell: Shell, words: string[], _options: object, command: Command) => {
      const line = shell === "bash" ? gluedAsTyped(words) : words;
      process.stdout.write(printed(shell, await candidatesFor(command.parent!, line, pluginNames)));
    });
}

/** bash takes `--config=x` apart into three words; what it completes then is the last of them. */
function gluedAsTyped(words: readonly string[]): string[] {
  const glued: string[] = [];
  let open = false;
  for (const word of words) {
    const joins = glued.at(-1)?.startsWith("--") && (word === "=" || open);
    if (joins) glued.push(glued.pop()! + word);
    else glued.push(word);
    open = word === "=";
  }
  return glued;
}

function printed(shell: Shell, { candidates, files, prefix }: Answer): string {
  // fish replaces the whole word, bash and zsh what is behind the "="
  const before = shell === "fish" ? prefix : "";
  const lines = candidates.map(({ value, about }) => `${before}${value}\t${about.split("\n", 1)[0]}\n`);
  return lines.join("") + (files ? ":files\n" : "");
}

async function pluginNames(seen: { config?: string; state?: string; url?: string }): Promise<string[]> {
  const asked = withControl(seen, true, async (control) => {
    const { plugins } = await control.get<{ plugins: PluginView[] }>("/plugins");
    return plugins.map(({ name }) => name);
  });
  // without a daemon, without a state, with a mistake in the configuration: no names, and no complaint
  return Promise.race([asked, timer(PATIENCE_MS, [] as string[], { ref: false })]).catch(() => []);
}
