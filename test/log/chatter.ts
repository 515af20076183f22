/** Logs without end; tells on the standard error how it goes once the reader of its standard output is gone. */
import { openLog } from "../../src/log/open.ts";

const { log } = await openLog({ level: "info", files: "one", format: "auto" }, { stdout: process.stdout });
let gone = false;
process.stdout.on("error", () => {
  gone = true;
});
const chatter = setInterval(() => {
  log.info("still talking");
  if (!gone) return;
  clearInterval(chatter);
  log.info("talking to nobody");
  process.stderr.write("alive\n");
}, 5);
