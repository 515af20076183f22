/** Loads each configuration named on the command line, in one process, and prints one JSON line a file. */
import { loadConfig } from "../../src/config-file.ts";
import { CallsheetError } from "../../src/errors.ts";

for (const file of process.argv.slice(2)) {
  try {
    const config = await loadConfig(file === "-" ? undefined : file, {
      cwd: process.cwd(),
      env: process.env,
    });
    console.log(JSON.stringify({ config }));
  } catch (error) {
    if (!(error instanceof CallsheetError)) throw error;
    console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
  }
}
