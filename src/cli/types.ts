/** `callsheet types`: writes the types of a site's entities and fields into a project. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command } from "commander";
import { siteTypes } from "../client/schema-types/generate.ts";
import { Shotgun } from "../client/shotgun.ts";
import { asError, CallsheetError } from "../errors.ts";
import { EXIT_FAILED } from "./failure.ts";
import { loadSetup } from "./setup.ts";

export interface TypesCommandOptions {
  config?: string;
  url?: string;
  script?: string;
  out: string;
  check: boolean;
}

const KEY = "SCRIPT_KEY";

const HELP = `
It reads the schema of the site with the configuration's script, or with --url, --script and the key in the environment
variable ${KEY}. Where the file is part of a project, the compiler knows every entity type, field and value of the site.
The script sees what its permissions allow; what it does not see is not in the file.
Exit status: 0 written or up to date, 1 failed or, with --check, out of date, 78 the configuration is wrong.

Examples:
  callsheet types
  callsheet types --check                     in a build: is the file as the site is?
  callsheet types --out types/site.d.ts --url https://studio.shotgrid.autodesk.com --script my_tool`;

export function typesCommand(): Command {
  return new Command("types")
    .description("write the types of the site's entities and fields, for the TypeScript compiler")
    .option("-c, --config <file>", "the configuration; default: callsheet.config.* in this folder")
    .option("--url <url>", "the site, instead of a configuration")
    .option("--script <name>", `a script of that site; its key is read from ${KEY}`)
    .option("-o, --out <file>", "the file to write", "site.d.ts")
    .option("--check", "write nothing; end with status 1 when the file is out of date", false)
    .addHelpText("after", HELP)
    .action(async (options: TypesCommandOptions) => {
      await using sg = await connect(options);
      const schema = await sg.schemaRead();
      const text = siteTypes(schema);
      const types = Object.keys(schema).length;
      const fields = Object.values(schema).reduce((sum, entity) => sum + Object.keys(entity).length, 0);
      const content = `${types} entity types, ${fields} fields of ${sg.url}`;
      if (options.check) checkFile(options.out, text, content);
      else writeFile(options.out, text, content);
    });
}

async function connect({ config: file, url, script }: TypesCommandOptions): Promise<Shotgun> {
  if (url === undefined && script === undefined) {
    const { url, scriptName, scriptKey, httpProxy, caCerts, timeout } = (await loadSetup(file)).site;
    return new Shotgun(url, { scriptName, scriptKey, httpProxy, caCerts, timeoutMs: timeout });
  }
  if (url === undefined || script === undefined || file !== undefined)
    throw new CallsheetError("USAGE", "--url and --script go together, and not with --config.");
  const scriptKey = process.env[KEY];
  if (scriptKey) return new Shotgun(url, { scriptName: script, scriptKey });
  throw new CallsheetError("CONFIG_SECRET_MISSING", `The environment variable ${KEY} is not set.`, {
    hint: `Set it to the key of the script ${script}.`,
  });
}

function checkFile(file: string, text: string, content: string): void {
  const found = readIfThere(file);
  if (found === text) {
    process.stdout.write(`${file} is up to date: ${content}.\n`);
    return;
  }
  const state = found === null ? "is not there" : "is out of date";
  process.stderr.write(`${file} ${state}; write it with: callsheet types --out ${file}\n`);
  process.exitCode = EXIT_FAILED;
}

function readIfThere(file: string): string | null {
  try {
    // A checkout on Windows may have given it other line ends.
    return readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new CallsheetError("USAGE", `${file} cannot be read: ${asError(error).message}.`, { cause: error });
  }
}

function writeFile(file: string, text: string, content: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new CallsheetError("USAGE", `${file} cannot be written: ${asError(error).message}.`, {
      cause: error,
    });
  }
  process.stdout.write(`${file} written: ${content}.\n`);
}
