/** Logs without end; tells on the standard error how it goes once the reader of its standard output is gone. */
import { openLog } from "../../src/log/open.ts";

const { log } = await openLog({ level: "info", files: "one", format: "auto" }, { stdout: process.stdout });
const chatter = setInterval(() => {
  const gone = process.stdout.errored !== null;
  log.info(gone ? "talking to nobody" : "still talking");
  if (!gone) return;
  clearInterval(chatter);
  process.stderr.write("alive\n");
}, 5);
