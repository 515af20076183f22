/** How long plugins took to change hosts, where nothing else went wrong meanwhile. */

import type { Tenure } from "./database.ts";
import { CALM_MS, type Struck, TAKE_OVER_WITHIN_MS } from "./storm.ts";

export interface Changes {
  /** From a kill or a freeze until another had the plugin, ms. */
  takeOverMs: number[];
  /** From a plugin's being given back by a daemon that was asked to stop until another had it, ms. */
  handOverMs: number[];
}

export function changesOf({
  struck,
  tenures,
  leaseMs,
}: {
  struck: readonly Struck[];
  tenures: ReadonlyMap<string, readonly Tenure[]>;
  leaseMs: number;
}): Changes {
  const alone = struck.filter((one) => one.watched && isAlone(one, struck, leaseMs));
  const each = (
    faults: readonly string[],
    measure: (fault: Struck, all: readonly Tenure[]) => number | null,
  ) =>
    alone
      .filter(({ fault }) => faults.includes(fault))
      .flatMap((fault) => [...tenures.values()].map((all) => measure(fault, all)))
      .filter((ms) => ms !== null)
      .map(Math.round);
  return { takeOverMs: each(["killed", "frozen"], takeOver), handOverMs: each(["asked to stop"], handOver) };
}

/** From the fault until the next had it; null when the victim did not have it, or kept it. */
function takeOver({ from, until, fault, victim }: Struck, all: readonly Tenure[]): number | null {
  const i = all.findLastIndex(({ at }) => at < from);
  if (i < 0 || all[i]!.host !== victim) return null;
  const next = all[i + 1];
  // frozen for less than its lease lasts, it goes on
  if (!next || (fault === "frozen" && next.at > until)) return null;
  return next.at - from;
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
