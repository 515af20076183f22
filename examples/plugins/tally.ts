/** Counts who did how much, and says so after every 25 events. */
import type { Callback, Registrar } from "callsheet";

interface Tally {
  total: number;
  byPerson: Map<string, number>;
}

export function registerCallbacks(reg: Registrar) {
  // `args` comes back with each call, always the same object: a place for what a plugin has to remember.
  const args: Tally = { total: 0, byPerson: new Map() };
  reg.registerCallback({
    scriptName: process.env.SCRIPT_NAME!,
    scriptKey: process.env.SCRIPT_KEY!,
    callback: onAnything,
    args,
    // A count that fails is no reason to stop counting.
    stopOnError: false,
  });
}

const onAnything: Callback<Tally> = (_sg, logger, event, tally) => {
  const person = event.user?.name ?? "nobody";
  tally.byPerson.set(person, (tally.byPerson.get(person) ?? 0) + 1);
  tally.total += 1;
  if (tally.total % 25 > 0) return;
  const ranking = [...tally.byPerson].sort(([, one], [, other]) => other - one).slice(0, 3);
  logger.info(
    "%d events; busiest: %s",
    tally.total,
    ranking.map(([name, count]) => `${name} ${count}`).join(", "),
  );
};
