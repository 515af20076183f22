/** What of a soak was not as it should be, in sentences. */
import { median } from "../results.ts";
import type { Sample } from "./sample.ts";
import type { SoakReport } from "./soak.ts";

/** The last quarter against the second, at most. */
const FLAT = 1.2;
/** Before so many events the heaps of the threads have not grown to what they need: memory is judged where the second quarter begins later. */
const SETTLED_AFTER = 20_000;
/** Descriptors may differ by the connections that happen to be open. Those of a host that was reloaded go with the next garbage collection, so the lowest count tells. */
const DESCRIPTORS = 10;
/** The state folder may be so many times as large as the journal's room: it has the ledger too, and the journal is looked at every ten seconds. */
const STATE = 2;
/** What it has at any size, MB: the databases' logs do not shrink. */
const STATE_BASE_MB = 40;
/** Of nothing that is told of are more than the first few shown. */
const SHOWN = 5;

export const NAMES = {
  daemonMb: "daemon with its threads, MB",
  pythonMb: "python processes, MB",
  descriptors: "file descriptors of the daemon, the fewest",
  stateMb: "state folder, MB",
  journalMb: "of it the journal, MB",
};

export type Figure = keyof typeof NAMES;

export function notAsItShouldBe(report: SoakReport): string[] {
  return [
    ...(report.halted === null ? [] : [report.halted]),
    ...(report.lastExit === 0 ? [] : [`asked to stop, the daemon ended with ${report.lastExit}`]),
    ...report.plugins.flatMap(promisesBroken),
    ...shown(report.missed),
    ...shown(report.unasked).map((line) => `nothing had been done to it, and the log says: ${line}`),
    ...(report.halted === null ? [...notFlat(report), ...bounded(report)] : []),
  ];
}

/** Medians of the samples of a quarter; of the descriptors, the fewest. */
export function quarter({ samples }: SoakReport, from: number): Sample {
  const some = samples.slice(
    Math.floor(samples.length * from),
    Math.max(1, Math.floor(samples.length * (from + 0.25))),
  );
  const of = (figure: Figure) => median(some.map((sample) => sample[figure]));
  return {
    daemonMb: of("daemonMb"),
    pythonMb: of("pythonMb"),
    descriptors: Math.min(...some.map(({ descriptors }) => descriptors)),
    stateMb: of("stateMb"),
    journalMb: of("journalMb"),
  };
}

export function largest({ samples }: SoakReport, figure: Figure): number {
  return Math.max(0, ...samples.map((sample) => sample[figure]));
}

function promisesBroken(plugin: SoakReport["plugins"][number]): string[] {
  const { plugin: name, lost, behind, disorder, unmarked, repeats, exits } = plugin;
  return [
    ...(lost > 0 ? [`${name} lost ${lost} events`] : []),
    ...(behind > 0 ? [`${name} did not get the last ${behind} events`] : []),
    ...(disorder > 0 ? [`${name} had ${disorder} events out of order`] : []),
    ...(unmarked > 0 ? [`${name} had ${unmarked} events again, unmarked`] : []),
    ...(repeats > exits ? [`${name} had ${repeats} events again, and its host ended ${exits} times`] : []),
  ];
}

/** Whether the run was long enough to say that memory is flat. */
export function judgesMemory({ events }: SoakReport): boolean {
  return events / 4 >= SETTLED_AFTER;
}

function notFlat(report: SoakReport): string[] {
  const [early, late] = [quarter(report, 0.25), quarter(report, 0.75)];
  const grown = (figure: Figure, most: number) =>
    late[figure] > most
      ? [`${NAMES[figure]}: from ${early[figure].toFixed(0)} to ${late[figure].toFixed(0)}`]
      : [];
  return [
    ...(judgesMemory(report)
      ? [...grown("daemonMb", early.daemonMb * FLAT), ...grown("pythonMb", early.pythonMb * FLAT)]
      : []),
    ...grown("descriptors", early.descriptors + DESCRIPTORS),
    ...grown("stateMb", early.stateMb * FLAT + STATE_BASE_MB),
  ];
}

function bounded(report: SoakReport): string[] {
  const { journalMaxMb, forgotten } = report;
  const [state, journal] = [largest(report, "stateMb"), largest(report, "journalMb")];
  return [
    ...(state > journalMaxMb * STATE + STATE_BASE_MB
      ? [`the state folder grew to ${state.toFixed(0)} MB`]
      : []),
    ...(journal < journalMaxMb
      ? [
          `the journal had ${journal.toFixed(0)} of its ${journalMaxMb} MB at the most, so that nothing bounded it`,
        ]
      : []),
    ...(forgotten ? [] : ["the journal has forgotten nothing"]),
  ];
}

function shown(lines: readonly string[]): string[] {
  const more = lines.length - SHOWN;
  return more > 0 ? [...lines.slice(0, SHOWN), `and ${more} more of these`] : [...lines];
}
