/** `callsheet init`: a folder that is ready to run. */
import { basename, resolve } from "node:path";
import { Command } from "commander";
import { writeStudio } from "./write-studio.ts";

const HELP = `
Examples:
  callsheet init my-studio         make the folder my-studio
  callsheet init .                 use this folder; nothing in it is overwritten`;

export function initCommand(): Command {
  return new Command("init")
    .description("make a folder with a configuration and a first plugin")
    .argument("[folder]", "the folder; default: this one", ".")
    .addHelpText("after", HELP)
    .action((folder: string) => {
      const path = resolve(folder);
      const files = writeStudio(path);
      process.stdout.write(nextSteps(folder, files));
    });
}

function nextSteps(folder: string, files: string[]): string {
  const go = folder === "." ? "" : `  cd ${folder}\n`;
  return `Wrote ${files.join(", ")} in ${basename(resolve(folder))}.

Next:
${go}  npm install
  cp .env.example .env          then put your site, script name and key into it
  npx callsheet check           is everything right?
  npx callsheet run             follow the site

No site at hand? npx callsheet sandbox --studio small --artists 3 is one.
`;
}
