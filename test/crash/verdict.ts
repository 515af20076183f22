/** What is not as promised in a crash run, and what it met too little of to prove anything. In sentences. */
import type { CrashReport } from "./harness.ts";

export function broken({
  plugins,
  kills,
  refusedStarts,
  sameOrder,
  lastExit,
  lastWords,
}: CrashReport): string[] {
  return [
    ...plugins.flatMap(({ name, lost, unmarked, disorder, repeats }) => [
      ...(lost.length > 0 ? [`${name} lost ${lost.length} events, first ${lost[0]}`] : []),
      ...(unmarked.length > 0 ? [`${name} got event ${unmarked[0]} again, unmarked`] : []),
      ...(disorder > 0 ? [`${name} got an event again that was not the last one`] : []),
      ...(repeats > kills ? [`${name} repeated ${repeats} events in ${kills} kills`] : []),
    ]),
    ...(sameOrder ? [] : ["the plugins got the events in different orders"]),
    ...refusedStarts.map((printed) => `a start ended by itself:\n${printed}`),
    ...(lastExit === 0 ? [] : [`the last daemon ended with ${lastExit}:\n${lastWords}`]),
  ];
}

export function tooLittle({ plugins, kills, asked, atWork }: CrashReport): string[] {
  const repeats = plugins.reduce((sum, plugin) => sum + plugin.repeats, 0);
  return [
    ...(kills < asked ? [`${kills} kills of ${asked}`] : []),
    ...(atWork > asked / 2 ? [] : [`${atWork} of ${asked} kills came while a plugin had an event in hand`]),
    ...(repeats > 0
      ? []
      : [`no event came again after ${kills} kills, so that none of them was in the middle of one`]),
  ];
}
