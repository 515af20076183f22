/** Is done, but leaves a timer behind that would keep it alive for ever. */
import { endSoon } from "../../src/cli/until-signal.ts";

setInterval(() => {}, 1000);
process.exitCode = Number(process.argv[2]);
endSoon((message) => process.stderr.write(`${message}\n`));
