/** Where units lie, and putting one there. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { asError, CallsheetError } from "../../errors.ts";
import { MARK } from "./unit.ts";

export type Scope = "user" | "system";

export function unitFile(scope: Scope, name: string, env: NodeJS.ProcessEnv = process.env): string {
  const own = env.XDG_CONFIG_HOME || join(homedir(), ".config");
  const folder = scope === "system" ? "/etc/systemd/system" : join(own, "systemd/user");
  return join(folder, `${name}.service`);
}

/** @throws {CallsheetError} SERVICE_FILE when a file that somebody else wrote is there, or it cannot be written */
export function writeUnit(file: string, text: string): void {
  refuseOthers(file);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw cannot("written", file, error);
  }
}

/**
 * Removes it, and the links that `systemctl enable` made to it.
 * @returns false when there was none
 * @throws {CallsheetError} SERVICE_FILE as above
 */
export function removeUnit(file: string, name: string): boolean {
  if (!existsSync(file)) return false;
  refuseOthers(file);
  try {
    for (const target of ["multi-user.target.wants", "default.target.wants"])
      rmSync(join(dirname(file), target, `${name}.service`), { force: true });
    rmSync(file);
  } catch (error) {
    throw cannot("removed", file, error);
  }
  return true;
}

function refuseOthers(file: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8").startsWith(MARK)) return;
  throw new CallsheetError("SERVICE_FILE", `${file} was not written by callsheet service install.`, {
    hint: "Move it away first, or give this service another name with --name.",
  });
}

function cannot(what: string, file: string, error: unknown): CallsheetError {
  return new CallsheetError("SERVICE_FILE", `${file} cannot be ${what}: ${asError(error).message}.`, {
    hint: "With --system, run it as root (sudo); or see the unit with --print and put it there by other means.",
    cause: error,
  });
}
