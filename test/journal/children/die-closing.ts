/** Opens the state folder given, and closes it when its input ends; dies when so many of its databases are closed. */
import { DatabaseSync } from "node:sqlite";
import { openSqliteJournal } from "../../../src/journal/sqlite/open.ts";
import { appendIds } from "../support.ts";

const [, , folder, closed] = process.argv;
const journal = await openSqliteJournal({ folder: folder! });
await appendIds(journal, [1]);
const close = DatabaseSync.prototype.close;
let left = Number(closed);
DatabaseSync.prototype.close = function (this: DatabaseSync) {
  close.call(this);
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
};
process.stdout.write("open\n");
process.stdin.resume();
process.stdin.on("end", () => void journal.close());
