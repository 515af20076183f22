/** What may come next on a command line that is being typed, told from the commands themselves. */
import type { Argument, Command, Option } from "commander";

export interface Candidate {
  value: string;
  /** One line for shells that show it. */
  about: string;
}

export interface Answer {
  candidates: Candidate[];
  /** A path is wanted, which shells complete themselves. */
  files: boolean;
  /** What stands before each value in the word being typed: `--config=`. */
  prefix: string;
}

/** Names of plugins, of the daemon that the options seen so far lead to. */
export type PluginNames = (seen: { config?: string; state?: string; url?: string }) => Promise<string[]>;

/** @param words those after the program's name; the last is being typed, and may be empty */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  pluginNames: PluginNames,
): Promise<Answer> {
  const typed = words.at(-1) ?? "";
  const line = readLine(program, words.slice(0, -1));
  const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
  const option = flag === undefined ? line.awaited : optionOf(line.command, flag);
  const prefix = flag === undefined ? "" : `${flag}=`;
  if (option) return ofValue(option, value ?? typed, prefix);
  const none = { files: false, prefix: "" };
  if (typed.startsWith("-") && !line.onlyArguments)
    return { ...none, candidates: beginningWith(typed, flagsOf(line.command)) };
  const argument = argumentOf(line);
  if (argument?.argChoices)
    return { ...none, candidates: beginningWith(typed, argument.argChoices.map(plain)) };
  if (argument && /^plugins?$/.test(argument.name())) {
    const names = (await pluginNames(line.seen)).filter((name) => !line.given.includes(name));
    return { ...none, candidates: beginningWith(typed, names.map(plain)) };
  }
  if (argument && isPath(argument.name())) return { candidates: [], files: true, prefix: "" };
  return { ...none, candidates: beginningWith(typed, commandsOf(line)) };
}

interface Line {
  command: Command;
  /** Whose value comes next. */
  awaited: Option | null;
  /** Arguments of the command so far. */
  given: string[];
  onlyArguments: boolean;
  seen: { config?: string; state?: string; url?: string };
}

function readLine(program: Command, words: readonly string[]): Line {
  const line: Line = { command: program, awaited: null, given: [], onlyArguments: false, seen: {} };
  for (const word of words) {
    if (line.awaited) {
      see(line, line.awaited, word);
      line.awaited = null;
    } else if (word === "--") line.onlyArguments = true;
    else if (word.startsWith("-") && !line.onlyArguments) {
      const [flag = "", ...value] = word.split("=");
      const option = optionOf(line.command, flag);
      if (option && takesValue(option) && value.length === 0) line.awaited = option;
      else if (option) see(line, option, value.join("="));
    } else {
      const next = line.given.length === 0 ? subcommandOf(line.command, word) : undefined;
      if (next) line.command = next;
      else line.given.push(word);
    }
  }
  return line;
}

function see(line: Line, option: Option, value: string): void {
  const name = option.attributeName();
  if (name === "config" || name === "state" || name === "url") line.seen[name] = value;
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function optionOf(command: Command, flag: string): Option | null {
  return command.options.find(({ long, short }) => flag === long || flag === short) ?? null;
}

function subcommandOf(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word));
}

function argumentOf({ command, given }: Line): Argument | undefined {
  const { registeredArguments: all } = command;
  const last = all.at(-1);
  return all[given.length] ?? (last?.variadic ? last : undefined);
}

function ofValue(option: Option, typed: string, prefix: string): Answer {
  const candidates = beginningWith(typed, (option.argChoices ?? []).map(plain));
  const [, metavariable = ""] = /[<[]([^>\]]+)[>\]]/.exec(option.flags) ?? [];
  return { candidates, files: isPath(metavariable), prefix };
}

/** Arguments and values that are paths are named so. */
function isPath(name: string): boolean {
  return ["file", "folder", "conf"].includes(name);
}

function flagsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({ value: option.long ?? option.flags, about: option.description }));
}

function commandsOf({ command, given }: Line): Candidate[] {
  // `callsheet help status`
  const root = command.parent === null && given.length === 1 && given[0] === "help";
  if (given.length > 0 && !root) return [];
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), about: each.description() }));
}

function plain(value: string): Candidate {
  return { value, about: "" };
}

function beginningWith(typed: string, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(typed));
}
