import { createInterface } from "node:readline/promises";
import { CallsheetError } from "../../errors.ts";

/** Asks the person at the terminal. @throws CallsheetError USAGE when there is nobody */
export async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CallsheetError("USAGE", "There is nobody to ask.", { hint: "Say --yes when it is meant." });
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question("Do it? [y/N] ")).trim());
  } finally {
    lines.close();
  }
}
