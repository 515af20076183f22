/** What a soak is told as, and what of it was not as it should be. */
import { median, table } from "../results.ts";
import type { Sample, SoakReport } from "./soak.ts";

/** Memory of the last quarter against that of the second, at most. */
const FLAT = 1.2;
/** Descriptors may differ by the connections that happen to be open. Those of a host that was reloaded go with the next garbage collection, so the lowest count tells. */
const DESCRIPTORS = 10;
/** The state folder holds more than the journal, and the journal is looked at every ten seconds. */
const STATE = 2;

export function tell(report: SoakReport): { text: string; broken: string[] } {
  const early = quarter(report, 0.25);
  const late = quarter(report, 0.75);
  const largest = Math.max(...report.samples.map(({ stateMb }) => stateMb));
  const broken = [...brokenPromises(report), ...notFlat(early, late)];
  if (largest > report.journalMaxMb * STATE) broken.push(`the state folder grew to ${largest.toFixed(0)} MB`);
  const rows = (["daemonMb", "pythonMb", "descriptors", "stateMb"] as const).map((figure) => [
    NAMES[figure],
    early[figure].toFixed(0),
    late[figure].toFixed(0),
  ]);
  const { events, seconds, cpuSeconds, reloads, breaks, kills, plugins } = report;
  const sum = (figure: "delivered" | "lost" | "disorder" | "repeats") =>
    plugins.reduce((total, plugin) => total + plugin[figure], 0).toLocaleString("en");
  const text = `${events.toLocaleString("en")} events to 30 plugins (20 in TypeScript, 10 in Python) in ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of processor time; one request in a hundred went wrong, ${reloads} reloads, ${breaks} plugins broken and mended, ${kills} python processes killed.

${sum("delivered")} deliveries, ${sum("lost")} lost, ${sum("disorder")} out of order, ${sum("repeats")} repeated.

${table(["median of samples", "second quarter", "last quarter"], rows)}

The state folder was never larger than ${largest.toFixed(0)} MB, with \`retention.maxSize\` at ${report.journalMaxMb} MB.

${broken.length === 0 ? "Everything was as it should be." : broken.map((line) => `* NOT AS IT SHOULD BE: ${line}`).join("\n")}`;
  return { text, broken };
}

const NAMES = {
  daemonMb: "daemon with its threads, MB",
  pythonMb: "python processes, MB",
  descriptors: "file descriptors of the daemon, the fewest",
  stateMb: "state folder, MB",
};

function brokenPromises({ plugins, kills }: SoakReport): string[] {
  const wrong = plugins.flatMap(({ plugin, lost, disorder, unmarked }) => [
    ...(lost > 0 ? [`${plugin} lost ${lost} events`] : []),
    ...(disorder > 0 ? [`${plugin} had ${disorder} events out of order`] : []),
    ...(unmarked > 0 && plugin.endsWith(".ts") ? [`${plugin} had ${unmarked} events again, unmarked`] : []),
  ]);
  const again = plugins.reduce((sum, { repeats }) => sum + repeats, 0);
  if (again > kills) wrong.push(`${again} events came again after ${kills} kills`);
  return wrong;
}

function notFlat(early: Sample, late: Sample): string[] {
  const memory = (["daemonMb", "pythonMb"] as const).filter((figure) => late[figure] > early[figure] * FLAT);
  const grown = memory.map(
    (figure) => `${NAMES[figure]}: from ${early[figure].toFixed(0)} to ${late[figure].toFixed(0)}`,
  );
  if (late.descriptors > early.descriptors + DESCRIPTORS) grown.push("file descriptors grew");
  return grown;
}

/** Medians of the samples of a quarter; of the descriptors, the fewest. */
function quarter({ samples }: SoakReport, from: number): Sample {
  const some = samples.slice(Math.floor(samples.length * from), Math.floor(samples.length * (from + 0.25)));
  const of = (figure: keyof Sample) => median(some.map((sample) => sample[figure]));
  return {
    done: of("done"),
    daemonMb: of("daemonMb"),
    pythonMb: of("pythonMb"),
    descriptors: Math.min(...some.map(({ descriptors }) => descriptors)),
    stateMb: of("stateMb"),
  };
}
