/**
 * The ini files that the Python daemon reads, line by line as Python's configparser takes them: `name: value` or
 * `name = value`, names without regard to case, values that go on in deeper indented lines, comments on lines of their own.
 */

export interface IniOption {
  section: string;
  /** As written; options are compared without regard to case. */
  name: string;
  /** Lines joined with "\n", `%(NAME)s` not yet replaced. */
  value: string;
  /** From 1: the line on which the option begins. */
  line: number;
}

export interface IniProblem {
  line: number;
  /** One sentence without its full stop. No secret stands in it. */
  message: string;
  /** What to do, one sentence. */
  hint: string;
  /** All that is wrong is this variable of the environment, which is not set. */
  variable?: string;
}

export interface Ini {
  options: IniOption[];
  /** Name → line of its header. Section names are compared exactly. */
  sections: ReadonlyMap<string, number>;
  problems: IniProblem[];
}

/** Reads any text; what cannot be understood becomes a problem, and the rest is read all the same. */
export function parseIni(text: string): Ini {
  const reading = new IniReading();
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .entries())
    reading.take(line, index + 1);
  return reading.finish();
}

class IniReading {
  readonly #options: (Omit<IniOption, "value"> & { lines: string[] })[] = [];
  /** Lines of options, by section and name: a file may have any number of them. */
  readonly #known = new Map<string, number>();
  readonly #sections = new Map<string, number>();
  readonly #problems: IniProblem[] = [];
  #section: string | null = null;
  /** The option that a deeper indented line goes on. */
  #open: { lines: string[] } | null = null;
  #indent = 0;

  take(line: string, number: number): void {
    const content = line.trim();
    if (content.startsWith("#") || content.startsWith(";")) return;
    if (content === "") {
      this.#open?.lines.push("");
      return;
    }
    const indent = line.search(/\S/);
    if (this.#open && indent > this.#indent) {
      this.#open.lines.push(content);
      return;
    }
    this.#indent = indent;
    const section = /^\[(.+)\]/.exec(content);
    if (section) this.#enter(section[1]!, number);
    else this.#option(content, number);
  }

  finish(): Ini {
    const options = this.#options.map(({ lines, ...option }) => ({
      ...option,
      value: lines.join("\n").trimEnd(),
    }));
    return { options, sections: this.#sections, problems: this.#problems };
  }

  #enter(name: string, line: number): void {
    this.#section = name;
    this.#open = null;
    const first = this.#sections.get(name);
    if (first === undefined) this.#sections.set(name, line);
    else if (name !== "DEFAULT")
      this.#problem(
        line,
        `section [${name}] is there twice, first on line ${first}`,
        "Put its options together in one section.",
      );
  }

  #option(content: string, line: number): void {
    this.#open = null;
    const [, name = "", value = ""] = /^(.*?)\s*[=:]\s*(.*)$/.exec(content) ?? [];
    if (this.#section === null) {
      this.#problem(
        line,
        "there is a line before the first section",
        "Files of the Python daemon begin with [daemon].",
      );
    } else if (name === "") {
      this.#problem(line, "this is no option, section or comment", "Write options as name: value.");
    } else {
      this.#add(this.#section, name, value, line);
    }
  }

  #add(section: string, name: string, value: string, line: number): void {
    const known = JSON.stringify([section, name.toLowerCase()]);
    const first = this.#known.get(known);
    if (first !== undefined) {
      const message = `${name} is there twice in [${section}], first on line ${first}`;
      this.#problem(line, message, "Leave one of them.");
    }
    const option = { section, name, lines: [value], line };
    this.#open = option;
    if (first !== undefined) return;
    this.#known.set(known, line);
    this.#options.push(option);
  }

  #problem(line: number, message: string, hint: string): void {
    this.#problems.push({ line, message, hint });
  }
}

/** Whether two options or variables have the same name, as the Python daemon compares them. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
