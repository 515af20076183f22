/** What a chaos run met, or judged, too little of to prove anything. */
import type { ChaosReport } from "./judged.ts";
import { isPython } from "./studio.ts";

const EVENTS_A_MINUTE = 1000;
const FAULTS_A_MINUTE = 15;
const KILLS_A_MINUTE = 2;
/** Each fault comes once in so many minutes, and in each language an event comes again. */
const ROUND_MINUTES = 3;
/** Of what was delivered, the share whose order is judged; of what the site has, the share that the audit compares. */
const JUDGED = 0.9;
/** Of the time, the share in which stalls are judged. */
const CALM = 0.25;

/** In sentences. Empty: it met enough. */
export function tooLittle(report: ChaosReport, minutes: number): string[] {
  const { events, faults, process, plugins, audited, site, calm } = report;
  const injected = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const atLeast = (what: string, met: number, needed: number) =>
    met >= needed ? [] : [`${what}: ${Number(met.toFixed(2))}, and ${Number(needed.toFixed(2))} are needed`];
  const repeats = (python: boolean) =>
    plugins
      .filter(({ plugin }) => isPython(plugin) === python)
      .reduce((sum, plugin) => sum + plugin.repeats, 0);
  const rounds = Math.floor(minutes / ROUND_MINUTES);
  return [
    ...atLeast("events", events, EVENTS_A_MINUTE * minutes),
    ...atLeast("faults", injected, FAULTS_A_MINUTE * minutes),
    ...atLeast("kills of the daemon", process.kills, KILLS_A_MINUTE * minutes),
    ...Object.entries(faults).flatMap(([name, count]) => atLeast(`fault "${name}"`, count, rounds)),
    ...atLeast("repeats in TypeScript", repeats(false), rounds),
    ...atLeast("repeats in Python", repeats(true), rounds),
    ...plugins.flatMap(({ plugin, delivered, ordered }) =>
      atLeast(`events of ${plugin} whose order is judged`, ordered, delivered * JUDGED),
    ),
    ...atLeast("events that the audit compared", audited, (events - site.forgotten) * JUDGED),
    ...atLeast("share of the time in which stalls are judged", calm, CALM),
  ];
}
