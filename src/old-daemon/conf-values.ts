/** What the options of the Python daemon's configuration may contain: each reader takes the text or says what it must be. */

export type Read<T> = { value: T } | { must: string };
export type Reader<T> = (text: string) => Read<T>;

/** As int() of Python reads it. */
export function wholeNumber(least: number, unit = ""): Reader<number> {
  const must = `must be a whole number${unit}${least > Number.MIN_SAFE_INTEGER ? `, at least ${least}` : ""}`;
  return (text) => {
    const value = /^[+-]?\d+(_\d+)*$/.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
    return Number.isSafeInteger(value) && value >= least ? { value } : { must };
  };
}

/** As getboolean() of Python's configparser reads it. */
export function yesOrNo(text: string): Read<boolean> {
  const word = text.toLowerCase();
  if (["1", "yes", "true", "on"].includes(word)) return { value: true };
  if (["0", "no", "false", "off"].includes(word)) return { value: false };
  return { must: "must be True or False" };
}

export function anyText(text: string): Read<string> {
  return { value: text };
}

/** A text on one line. `must` says what it has to be. */
export function line(must: string): Reader<string> {
  return (text) => (text === "" || /[\n\0]/.test(text) ? { must } : { value: text });
}

export function path(text: string): Read<string> {
  return line("must be a path, on one line")(text);
}

/** Separated by commas; empty ones, such as after a last comma, are left out. */
export function list(must: string): Reader<string[]> {
  return (text) => {
    const value = text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
    return value.length === 0 || value.some((item) => /[\n\0]/.test(item)) ? { must } : { value };
  };
}

/** An empty value is like none. */
export function orNone<T>(read: Reader<T>): Reader<T | null> {
  return (text) => (text === "" ? { value: null } : read(text));
}
