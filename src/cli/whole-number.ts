import { InvalidArgumentError } from "commander";

/** A reader for an option that takes a whole number from 0 to `most`. */
export function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value <= most) return value;
    const upTo = most === Number.MAX_SAFE_INTEGER ? "" : ` from 0 to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number${upTo}.`);
  };
}
