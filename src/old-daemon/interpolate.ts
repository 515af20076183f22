/** `%(NAME)s` in a value of the Python daemon's configuration. */
import { type IniOption, type IniProblem, sameName } from "./ini.ts";

export interface Names {
  /** Every option of the file. */
  options: readonly IniOption[];
  env: Readonly<Record<string, string | undefined>>;
}

/** A deeper chain of options that name one another is a circle. */
const DEEPEST = 10;
const REFERENCE = /%%|%\(([^()]+)\)(s?)/g;

/**
 * The option's value with `%(NAME)s` replaced by another option of its section, one of [DEFAULT], or a variable of the
 * environment, in this order; `%%` is a `%`, and so is a `%` that begins neither. What the environment holds is taken as it is.
 * @returns the text, or every problem
 */
export function interpolate(option: IniOption, names: Names): string | IniProblem[] {
  const problems: IniProblem[] = [];
  const text = replaced(option, names, [option], problems);
  return problems.length > 0 ? problems : text;
}

function replaced(
  option: IniOption,
  names: Names,
  chain: readonly IniOption[],
  problems: IniProblem[],
): string {
  return option.value.replace(REFERENCE, (written, name?: string, conversion?: string) => {
    if (name === undefined) return "%";
    if (conversion !== "s") {
      problems.push({
        line: option.line,
        message: `${option.name} has ${written} without an s behind it`,
        hint: `Write ${written}s, or %%(… for a percent sign.`,
      });
      return "";
    }
    const other = optionNamed(name, option.section, names, chain);
    if (other && chain.length < DEEPEST) return replaced(other, names, [...chain, other], problems);
    const value = variableNamed(name, names.env);
    if (typeof value === "string") return value;
    problems.push({
      line: option.line,
      ...value,
      message: `${option.name} takes ${written} from ${value.message}`,
    });
    return "";
  });
}

/** An option on the way here is passed over: `key: %(KEY)s` means the environment. */
function optionNamed(
  name: string,
  section: string,
  { options }: Names,
  chain: readonly IniOption[],
): IniOption | undefined {
  const found = options.filter((option) => sameName(option.name, name) && !chain.includes(option));
  return (
    found.find((option) => option.section === section) ?? found.find((option) => option.section === "DEFAULT")
  );
}

function variableNamed(name: string, env: Names["env"]): string | Omit<IniProblem, "line"> {
  if (Object.hasOwn(env, name) && env[name] !== undefined) return env[name];
  const similar = Object.keys(env).filter((other) => sameName(other, name) && env[other] !== undefined);
  const [first, second] = similar;
  if (second !== undefined) {
    const hint = "Write the name exactly as the variable is called.";
    return { message: `the environment, which has ${similar.join(" and ")}`, hint };
  }
  if (first !== undefined) return env[first]!;
  return {
    message: `the environment, where ${name} is not set`,
    hint: `Set ${name} for the daemon, or in a file .env beside the configuration; a percent sign is written %%.`,
    variable: name,
  };
}
