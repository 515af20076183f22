/** Options of this repository's own commands. What cannot be is one sentence, and exit code 2. */
import { type ParseArgsConfig, parseArgs } from "node:util";

/** As `parseArgs`, for a person. */
export function optionsOf<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>>["values"] {
  try {
    return parseArgs(config).values;
  } catch (error) {
    return refuse(`${(error as Error).message.split(". ")[0]}.`);
  }
}

/** @param least the smallest that makes sense */
export function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(number) || number < least)
    return refuse(`--${option} is a whole number from ${least} on, not "${text}".`);
  return number;
}

/** Those of the names that somebody asked for by how they begin. @param told what there is, where all names are too many to tell */
export function selected<T extends string>(
  option: string,
  begins: string,
  names: readonly T[],
  told: readonly string[] = names,
): T[] {
  const some = names.filter((name) => name.startsWith(begins));
  if (some.length > 0) return some;
  return refuse(
    `--${option} "${begins}" selects nothing; there is ${told.map((name) => `"${name}"`).join(", ")}.`,
  );
}

export function refuse(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}
