/** How programs that may read the state folder find the server and prove that they may: `server.json` in it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CallsheetError } from "../errors.ts";

export interface ServerAddress {
  url: string;
  /** For this run of the daemon. */
  token: string;
  pid: number;
  startedAt: string;
}

const NAME = "server.json";

/** @throws STATE_FULL, STATE_UNUSABLE */
export function writeAddress(state: string, address: ServerAddress): void {
  const file = join(state, NAME);
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, `${JSON.stringify(address)}\n`, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    throw notWritten(file, error as NodeJS.ErrnoException);
  }
}

/** null when there is none, or none that can be read. */
export function readAddress(state: string): ServerAddress | null {
  try {
    const address = JSON.parse(readFileSync(join(state, NAME), "utf8")) as ServerAddress;
    return typeof address.url === "string" && typeof address.token === "string" ? address : null;
  } catch {
    return null;
  }
}

/** Unless it is another run's by now. */
export function removeAddress(state: string, { token }: ServerAddress): void {
  if (readAddress(state)?.token === token) rmSync(join(state, NAME), { force: true });
}

function notWritten(file: string, error: NodeJS.ErrnoException): CallsheetError {
  if (error.code === "ENOSPC" || error.code === "EDQUOT") {
    return new CallsheetError(
      "STATE_FULL",
      `The disk under ${file} is full: commands could not find the daemon.`,
      {
        hint: "Free some space, then start again; nothing that was stored is lost.",
        cause: error,
      },
    );
  }
  return new CallsheetError("STATE_UNUSABLE", `${file} cannot be written: ${error.message}.`, {
    hint: "Commands find the daemon by this file; see that the state folder and what lies in it can be written.",
    cause: error,
  });
}
