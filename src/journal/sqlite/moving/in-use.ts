import { existsSync } from "node:fs";
import { movedAway } from "../../moving/mark.ts";
import { stateFolder } from "../folder.ts";
import { openJournalForReading } from "../open-for-reading.ts";
import { readMark } from "./mark.ts";

/** Whether a daemon has done more in a folder than to start, and the state is still there. @throws STATE_CORRUPT, STATE_TOO_NEW */
export async function isStateInUse(path: string): Promise<boolean> {
  const folder = stateFolder(path);
  if (readMark(folder) || (!existsSync(folder.journal) && !existsSync(folder.lanes))) return false;
  const journal = await openJournalForReading(path);
  try {
    return (await journal.readerState()) !== null || (await journal.lanes()).length > 0;
  } finally {
    await journal.close();
  }
}

/** For whoever would begin anew beside it. @throws STATE_MOVED while the state of a folder is on its way */
export function refuseOnItsWay(path: string): void {
  const folder = stateFolder(path);
  const mark = readMark(folder);
  if (mark && mark.kind !== "left") throw movedAway(folder.path, mark);
}
