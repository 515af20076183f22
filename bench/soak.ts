/**
 * `npm run soak [-- --events N]`: many events (4 million) through 30 plugins, 20 in TypeScript and 10 in Python, with reloads and failures on
 * the way. At the end every plugin must have had every event, in order, repeated only where it was marked; memory and file
 * descriptors must have stayed flat and the journal within its bounds. Writes its section of `bench/RESULTS.md`, and exits 1 when
 * something was not so. Needs `npm run build`. Linux only.
 */
import { parseArgs } from "node:util";
import { writeSection } from "./results.ts";
import { soak } from "./soak/soak.ts";
import { tell } from "./soak/tell.ts";

const { values } = parseArgs({ options: { events: { type: "string", default: "4000000" } } });
const report = await soak(Number(values.events), (line) => console.log(line));
const { text, broken } = tell(report);
console.log(`\n${text}`);
writeSection("Soak", text);
process.exitCode = broken.length === 0 ? 0 : 1;
