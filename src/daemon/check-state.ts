import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { asError, CallsheetError } from "../errors.ts";
import { openSqliteJournal } from "../journal/sqlite/open.ts";
import { replaysDamage } from "../journal/sqlite/replays/open.ts";
import type { Log } from "../log/log.ts";
import type { Finding } from "./check.ts";

const what = "state";

/** Whether a daemon could keep its state in this folder. A folder that is missing is not made. */
export async function checkState(folder: string): Promise<Finding> {
  try {
    if (!existsSync(folder)) return checkParent(folder);
    if (!statSync(folder).isDirectory())
      throw new CallsheetError("STATE_UNUSABLE", `${folder} is not a folder.`);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    if (!existsSync(join(folder, "lock.owner"))) return ok(`${folder} can be written`);
    const journal = await openSqliteJournal({ folder, log: SILENT });
    const { lastSeq, bytes } = journal.head;
    await journal.close();
    const damage = replaysDamage(folder);
    if (damage !== null) return damagedReplays(folder, damage);
    return ok(`${folder}: ${lastSeq} events so far, ${Math.ceil(bytes / 1e6)} MB`);
  } catch (thrown) {
    return trouble(folder, asError(thrown));
  }
}

/** A start would set them aside too, and go on. */
function damagedReplays(folder: string, damage: string): Finding {
  const cure = `Run \`callsheet repair --state ${folder}\`: it keeps the damaged file. No event of any plugin is lost with it.`;
  return { status: "warn", what, detail: damage, cure };
}

function checkParent(folder: string): Finding {
  let parent = dirname(folder);
  while (!existsSync(parent)) parent = dirname(parent);
  accessSync(parent, constants.W_OK | constants.X_OK);
  return ok(`${folder} will be made at the first start`);
}

function trouble(folder: string, error: Error): Finding {
  const known = error instanceof CallsheetError;
  const detail = known ? error.message : `${folder} cannot be used: ${whyNot(error)}`;
  const cure =
    (known && error.hint) || "Let the daemon's user read and write it, or name another folder as `state`.";
  // A daemon that runs is no fault; starting a second one would be.
  return { status: known && error.code === "STATE_LOCKED" ? "warn" : "fail", what, detail, cure };
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  if (code === "EROFS") return "its file system is mounted read-only";
  return code === "EACCES" || code === "EPERM" ? "there is no permission to read and write it" : message;
}

function ok(detail: string): Finding {
  return { status: "ok", what, detail, cure: null };
}

const SILENT: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  critical() {},
  at() {},
  named: () => SILENT,
};
