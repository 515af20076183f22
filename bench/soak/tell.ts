/** What a soak is told as. */
import { table } from "../results.ts";
import { PYTHON, TYPESCRIPT } from "./plugins.ts";
import type { SoakReport } from "./soak.ts";
import { type Figure, judgesMemory, largest, NAMES, notAsItShouldBe, quarter } from "./verdict.ts";

export function tell(report: SoakReport): { text: string; broken: string[] } {
  const broken = notAsItShouldBe(report);
  const verdict = broken.map((line) => `* NOT AS IT SHOULD BE: ${line}`).join("\n");
  const parts = [
    course(report),
    deliveries(report),
    ...(report.samples.length === 0 ? [] : [figures(report), journal(report)]),
    broken.length === 0 ? "Everything was as it should be." : verdict,
  ];
  return { text: parts.join("\n\n"), broken };
}

const count = (of: number) => of.toLocaleString("en");

function course({ events, seconds, cpuSeconds, reloads, breaks, kills, exits }: SoakReport): string {
  return (
    `${count(events)} events to ${TYPESCRIPT + PYTHON} plugins (${TYPESCRIPT} in TypeScript, ${PYTHON} in Python) in ${count(Math.round(seconds))} s, ` +
    `${count(Math.round(cpuSeconds))} s of processor time; one request in a hundred went wrong. By the daemon's log ${reloads} changed files were ` +
    `loaded, ${breaks} plugins broke and were mended, and ${exits} hosts ended, of ${kills} python processes that were killed.`
  );
}

function deliveries({ plugins }: SoakReport): string {
  const rows = [
    ["TypeScript", ".ts"],
    ["Python", ".py"],
  ].map(([language, ending]) => {
    const some = plugins.filter(({ plugin }) => plugin.endsWith(ending!));
    const sum = (figure: "delivered" | "lost" | "behind" | "disorder" | "repeats" | "unmarked") =>
      count(some.reduce((total, plugin) => total + plugin[figure], 0));
    return [
      language!,
      sum("delivered"),
      sum("lost"),
      sum("behind"),
      sum("disorder"),
      sum("repeats"),
      sum("unmarked"),
    ];
  });
  const head = [
    "plugins in",
    "deliveries",
    "lost",
    "not yet there",
    "out of order",
    "repeated",
    "of them unmarked",
  ];
  return table(head, rows);
}

function figures(report: SoakReport): string {
  const [early, late] = [quarter(report, 0.25), quarter(report, 0.75)];
  const rows = (Object.keys(NAMES) as Figure[]).map((figure) => [
    NAMES[figure],
    early[figure].toFixed(0),
    late[figure].toFixed(0),
    largest(report, figure).toFixed(0),
  ]);
  const told = table(["median of samples", "second quarter", "last quarter", "the most"], rows);
  return judgesMemory(report)
    ? told
    : `${told}\n\nThe run was too short to judge memory: heaps still grow to what they need.`;
}

function journal({ journalMaxMb, forgotten, events }: SoakReport): string {
  const kept =
    forgotten === null
      ? "in the end it could not be read"
      : `in the end it had the newest ${count(events - forgotten)} events`;
  return `\`retention.maxSize\` was ${journalMaxMb} MB; ${kept}.`;
}
