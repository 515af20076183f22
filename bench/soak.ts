/**
 * `npm run soak [-- --events N --write]`: many events (4 million) through 30 plugins, 20 in TypeScript and 10 in Python, with reloads and
 * failures on the way. At the end every plugin must have had every event, in order, repeated only where its host was killed and it
 * was marked; memory, file descriptors and the state folder must have stayed flat, and the journal within its bounds. Comes to a
 * verdict whatever happens, and exits 1 when something was not so; the folder is kept then. Writes its section of `bench/RESULTS.md`
 * at its full size, or with `--write`. Needs `npm run build`. Linux only.
 */
import { rmSync } from "node:fs";
import { optionsOf, wholeNumber } from "../scripts/options.ts";
import { writeSection } from "./results.ts";
import { LEAST_EVENTS, soak } from "./soak/soak.ts";
import { tell } from "./soak/tell.ts";

const FULL = 4_000_000;

const values = optionsOf({
  options: { events: { type: "string", default: String(FULL) }, write: { type: "boolean", default: false } },
});
const events = wholeNumber("events", values.events, LEAST_EVENTS);
const brokenOff = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => brokenOff.abort());

const report = await soak({ events, brokenOff: brokenOff.signal, say: (line) => console.log(line) });
const { text, broken } = tell(report);
console.log(`\n${text}\n`);
if (broken.length > 0) console.log(`Everything is kept in ${report.folder}.`);
else rmSync(report.folder, { recursive: true, force: true });
if (brokenOff.signal.aborted || !(events >= FULL || values.write))
  console.log(
    `bench/RESULTS.md is as it was: a whole run of ${FULL.toLocaleString("en")} events writes it, or --write.`,
  );
else writeSection("Soak", text);
process.exitCode = broken.length === 0 ? 0 : 1;
