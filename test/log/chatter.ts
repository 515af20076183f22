/** Logs without end; once its standard input is closed, the reader being gone by then, a little more, and says that it lives. */
import { openLog } from "../../src/log/open.ts";

const { log } = await openLog({ level: "info", files: "one", format: "auto" }, { stdout: process.stdout });
let left = Number.POSITIVE_INFINITY;
process.stdin.resume().on("end", () => {
  left = 5;
});
const chatter = setInterval(() => {
  log.info("still talking");
  left -= 1;
  if (left > 0) return;
  clearInterval(chatter);
  process.stderr.write("alive\n");
}, 5);
