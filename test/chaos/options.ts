/** Numbers that a chaos run is started with. */

const KINDS = {
  whole: { is: (value: number) => Number.isSafeInteger(value) && value >= 0, words: "a whole number" },
  count: { is: (value: number) => Number.isSafeInteger(value) && value >= 1, words: "a whole number from 1" },
  length: { is: (value: number) => Number.isFinite(value) && value > 0, words: "a number above 0" },
};

/** Ends the program with a sentence, status 2, when it is none. */
export function numberOption(name: string, text: string, kind: keyof typeof KINDS): number {
  const problem = optionProblem(name, text, kind);
  if (problem === null) return Number(text);
  console.error(problem);
  process.exit(2);
}

export function optionProblem(name: string, text: string, kind: keyof typeof KINDS): string | null {
  const { is, words } = KINDS[kind];
  return text.trim() !== "" && is(Number(text)) ? null : `--${name} is ${words}, not "${text}".`;
}
