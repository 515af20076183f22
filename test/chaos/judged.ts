/** What came of a chaos run, and what of it was not as promised. */
import { openJournalForReading } from "../../src/journal/sqlite/open-for-reading.ts";
import { auditOf, auditProblems } from "./audit.ts";
import type { World } from "./faults/fault.ts";
import type { Keeper } from "./keeper.ts";
import { type Chapter, journalPlaces, notesOf, owedOf, verdictOf } from "./oracle.ts";
import { type ChaosSite, clock } from "./site.ts";
import { downtimes, longestStall, type Span, timeBeside } from "./stalls.ts";
import { PLUGINS } from "./studio.ts";
import { type ChaosVerdict, problems, strictProblems } from "./verdict.ts";

export interface ChaosReport {
  seed: number;
  order: "independent" | "strict";
  seconds: number;
  events: number;
  site: ChaosSite["counts"];
  process: Keeper["counts"];
  /** How often each fault came that this machine can do. */
  faults: Record<string, number>;
  plugins: ChaosVerdict[];
  /** Events that the audit compared. */
  audited: number;
  /** Share of the run in which something could have come: in it stalls are judged. */
  calm: number;
  /** What was not as promised, in sentences. Empty: all was. */
  broken: string[];
  /** What this machine could not do, in sentences. */
  missing: string[];
}

interface Run {
  seed: number;
  /** The machine's monotonic clock, ms. */
  begun: number;
  faults: ChaosReport["faults"];
  unsettled: string[];
}

/** Ends the daemon. */
export async function judged(world: World, { seed, begun, faults, unsettled }: Run): Promise<ChaosReport> {
  const { site, studio, keeper, order, chapters } = world;
  const ended = clock();
  const audit = await auditOf(keeper);
  const stopped = await keeper.stop();
  const places = await journalPlaces(await openJournalForReading(studio.state));
  const excused = excusedTimes(world);
  const plugins = Object.keys(PLUGINS).map((plugin) =>
    verdictFor(world, plugin, [...chapters, { until: Number.POSITIVE_INFINITY, places }], excused),
  );
  const { shown } = site;
  const audited = { shown, plugins: Object.keys(PLUGINS), damaged: chapters.length > 0 };
  return {
    seed,
    order,
    seconds: Math.round((ended - begun) / 1000),
    events: shown.size,
    site: site.counts,
    process: keeper.counts,
    faults,
    plugins,
    audited: audit?.events ?? 0,
    calm: timeBeside(excused, { from: begun, until: ended }) / (ended - begun),
    broken: [
      ...keeper.violations,
      ...unsettled,
      ...(stopped.code === 0
        ? []
        : [`asked to stop, the daemon ended with ${stopped.code ?? stopped.signal}:\n${stopped.words}`]),
      ...auditProblems(audit, audited),
      ...plugins.flatMap((verdict) => problems(verdict, { ...world, lives: keeper.lives })),
      ...(order === "strict" ? strictProblems(studio) : []),
    ],
    missing: missing(world),
  };
}

function verdictFor(
  { site, studio }: World,
  plugin: string,
  chapters: readonly Chapter[],
  excused: readonly Span[],
): ChaosVerdict {
  const { only, calm } = PLUGINS[plugin]!;
  const notes = notesOf(studio, plugin);
  const owed = owedOf(site.shown, only, chapters.at(-1)!.places);
  return {
    ...verdictOf({ plugin, owed, called: notes, done: notes, chapters }),
    stall: calm ? longestStall(notes, site.shown, excused) : null,
  };
}

function excusedTimes({ keeper, away }: World): Span[] {
  return [...downtimes(keeper.lives), ...away].toSorted((a, b) => a.from - b.from);
}

function missing({ studio }: World): string[] {
  return [
    ...(studio.disk
      ? []
      : ["the state folder could not be a disk of its own (needs root): no full or read-only disk"]),
    ...(studio.disk?.canFail === false
      ? ["the state's disk could not be an ext4 (needs loop devices): it did not fail under the daemon"]
      : []),
    ...(studio.movableClock ? [] : ["libfaketime is not installed: the clock stood still"]),
  ];
}
