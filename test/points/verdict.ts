/** What is not as promised in a round, and what it did not meet enough of to prove anything. In sentences. */
import type { Kill, RoundReport } from "./round.ts";

/** Fewer events for each kill would say little about order and loss. */
const EVENTS_A_KILL = 5;

export function broken({ callbacks, inOrder, troubles, met }: RoundReport): string[] {
  return [
    ...troubles,
    ...(inOrder ? [] : ["a callback did not get its events in the journal's order"]),
    ...callbacks.flatMap(({ name, lost, unmarked, disorder }) => [
      ...(lost.length > 0 ? [`${name} lost ${lost.length} events, first ${lost[0]}`] : []),
      ...(unmarked.length > 0 ? [`${name} got event ${unmarked[0]} again, unmarked`] : []),
      ...(disorder > 0 ? [`${name} got an event again that was not the last one`] : []),
    ]),
    // the two callbacks of one plugin: what the first had finished is not called again, so that only one of them repeats
    ...[["one"], ["first", "second"]].flatMap((names) => {
      const repeats = callbacks
        .filter(({ name }) => names.includes(name))
        .reduce((sum, callback) => sum + callback.repeats, 0);
      return repeats > met.length
        ? [`${names.join(" and ")} repeated ${repeats} events in ${met.length} kills`]
        : [];
    }),
  ];
}

export function tooLittle({ unmet, visible, met }: RoundReport): string[] {
  return [
    ...unmet.map((kill) => `${nameOf(kill)} was not met`),
    ...(visible < met.length * EVENTS_A_KILL ? [`only ${visible} events for ${met.length} kills`] : []),
  ];
}

export function nameOf({ point, victim }: Kill): string {
  return victim === "host" ? `${point.name} (host)` : point.name;
}
