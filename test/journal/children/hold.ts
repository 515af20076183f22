/** Opens the state folder given, says so, and holds it until its input ends; then closes it in order. */
import { openSqliteJournal } from "../../../src/journal/sqlite/open.ts";

const journal = await openSqliteJournal({ folder: process.argv[2]! });
process.stdout.write("open\n");
process.stdin.resume();
process.stdin.on("end", () => void journal.close());
