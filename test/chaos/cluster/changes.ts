/** How long plugins took to change hosts, where nothing else went wrong meanwhile. */
import type { Note } from "../oracle.ts";
import type { Tenure } from "./database.ts";
import { CALM_MS, type Struck, TAKE_OVER_WITHIN_MS } from "./storm.ts";

/** From a fault until its plugins are called elsewhere, beyond the lease: they are loaded there, and one lost answer may be waited for. */
export const CALLED_WITHIN_MS = 6000;

export interface Changes {
  /** From a kill or a freeze until another had the plugin, ms. */
  takeOverMs: number[];
  /** From a kill or a freeze until another called it, ms: it had to be loaded, and an event may have had to come first. */
  calledAgainMs: number[];
  /** From a plugin's being given back by a daemon that was asked to stop until another had it, ms. */
  handOverMs: number[];
}

export function changesOf({
  struck,
  tenures,
  calls,
  leaseMs,
}: {
  struck: readonly Struck[];
  tenures: ReadonlyMap<string, readonly Tenure[]>;
  /** Plugin → its calls. */
  calls: ReadonlyMap<string, readonly Note[]>;
  leaseMs: number;
}): Changes {
  const alone = struck.filter((one) => one.watched && isAlone(one, struck, leaseMs));
  const each = (
    faults: readonly string[],
    measure: (fault: Struck, all: readonly Tenure[], plugin: string) => number | null,
  ) =>
    alone
      .filter(({ fault }) => faults.includes(fault))
      .flatMap((fault) => [...tenures].map(([plugin, all]) => measure(fault, all, plugin)))
      .filter((ms) => ms !== null)
      .map(Math.round);
  const called = (fault: Struck, all: readonly Tenure[], plugin: string) => {
    const taken = takeOver(fault, all);
    const first = taken && calls.get(plugin)?.find(({ at }) => at >= taken.at)?.at;
    // nothing that it wanted came any more
    if (!first) return null;
    // what came next held it up, unless it was late by then
    const next = struck.find(({ from }) => from > fault.from && from < first);
    return next && next.from < fault.from + leaseMs + CALLED_WITHIN_MS ? null : first - fault.from;
  };
  const TAKEN = ["killed", "frozen"];
  return {
    takeOverMs: each(TAKEN, (fault, all) => {
      const taken = takeOver(fault, all);
      return taken && taken.at - fault.from;
    }),
    calledAgainMs: each(TAKEN, called),
    handOverMs: each(["asked to stop"], handOver),
  };
}

/** The one that had it after the fault; null when the victim did not have it, or kept it. */
function takeOver({ from, until, fault, victim }: Struck, all: readonly Tenure[]): Tenure | null {
  const i = all.findLastIndex(({ at }) => at < from);
  if (i < 0 || all[i]!.host !== victim) return null;
  const next = all[i + 1];
  // frozen for less than its lease lasts, it goes on
  if (!next || (fault === "frozen" && next.at > until)) return null;
  return next;
}

function handOver({ from, until, victim }: Struck, all: readonly Tenure[]): number | null {
  const i = all.findLastIndex(({ at }) => at < from);
  if (i < 0 || all[i]!.host !== victim) return null;
  const [given, taken] = all.slice(i + 1);
  if (!given || !taken || given.host !== null || given.at > until) return null;
  return taken.at - given.at;
}

function isAlone(one: Struck, all: readonly Struck[], leaseMs: number): boolean {
  const [begin, end] = [one.from - CALM_MS / 2, one.from + leaseMs + TAKE_OVER_WITHIN_MS];
  return all.every((other) => other === one || other.until < begin || other.from > end);
}
