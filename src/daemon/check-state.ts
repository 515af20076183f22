import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { asError, CallsheetError } from "../errors.ts";
import { lockFolder } from "../journal/sqlite/lock-folder.ts";
import { openSqliteJournal } from "../journal/sqlite/open.ts";
import { replaysDamage } from "../journal/sqlite/replays/open.ts";
import type { Log } from "../log/log.ts";
import type { Finding } from "./check.ts";

const what = "state";

/**
 * Whether a daemon could keep its state in this folder. A folder that is missing is not made.
 * @param shared the journal is in the database of a cluster, and only what a host keeps for itself is here
 */
export async function checkState(folder: string, shared = false): Promise<Finding> {
  try {
    if (!existsSync(folder)) return checkParent(folder);
    if (!statSync(folder).isDirectory())
      throw new CallsheetError("STATE_UNUSABLE", `${folder} is not a folder.`);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    if (!existsSync(join(folder, "lock.owner"))) return ok(`${folder} can be written`);
    const held = shared ? await lookAtHost(folder) : await lookAtJournal(folder);
    const damage = replaysDamage(folder);
    return damage === null ? ok(held) : damagedReplays(folder, damage);
  } catch (thrown) {
    return trouble(folder, asError(thrown));
  }
}

/** @throws CallsheetError STATE_LOCKED, STATE_CORRUPT and others */
async function lookAtJournal(folder: string): Promise<string> {
  const journal = await openSqliteJournal({ folder, log: SILENT });
  const { lastSeq, bytes } = journal.head;
  await journal.close();
  return `${folder}: ${lastSeq} events so far, ${Math.ceil(bytes / 1e6)} MB`;
}

/** @throws CallsheetError STATE_LOCKED */
async function lookAtHost(folder: string): Promise<string> {
  const free = await lockFolder(folder);
  free();
  return `${folder} can be written; events are in the database`;
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
