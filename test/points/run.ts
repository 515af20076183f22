/**
 * `npm run test:points [-- --rounds 20 --seed 1 --only python --point append]`: a kill -9 at every numbered point, in each round once. Prints
 * the points with how often each was met; exits 1 if a promise was broken, or if a point was not met or too little happened, with the
 * command that repeats the round; 2 if it was asked for what there is not.
 */
import { optionsOf, selected, wholeNumber } from "../../scripts/options.ts";
import { everyKill, shuffled } from "./plan.ts";
import { numberOf, POINTS, stepOf } from "./points.ts";
import { type Language, playRound, type RoundReport } from "./round.ts";
import { broken, tooLittle } from "./verdict.ts";

const values = optionsOf({
  options: {
    rounds: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    only: { type: "string", default: "" },
    point: { type: "string", default: "" },
    quiet: { type: "boolean", default: false },
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const rounds = wholeNumber("rounds", values.rounds, 1);
const firstSeed = wholeNumber("seed", values.seed, 0);
const languages = selected<Language>("only", values.only, ["typescript", "python"]);
const names = POINTS.map(({ name }) => name);
const points = new Set(selected("point", values.point, names, [...new Set(POINTS.map(stepOf))]));

let kept = true;
let enough = true;
for (const language of languages) {
  const reports: RoundReport[] = [];
  for (let round = 0; round < rounds; round += 1) reports.push(await play(language, firstSeed + round));
  print(language, reports);
}
if (!kept) console.log("A PROMISE WAS BROKEN");
else if (!enough) console.log("NOTHING IS PROVEN: no promise was broken, but too little happened");
else console.log("every promise was kept");
process.exitCode = kept && enough ? 0 : 1;

async function play(language: Language, seed: number): Promise<RoundReport> {
  const kills = shuffled(
    everyKill(language).filter(({ point }) => points.has(point.name)),
    seed,
  );
  const tell = (line: string) => values.quiet || console.log(`  ${line}`);
  const report = await playRound({ language, kills, seed, tell });
  const wrong = broken(report);
  const little = tooLittle(report);
  console.log(`${language}, seed ${seed}: ${words(report)}`);
  for (const line of wrong) console.log(`  BROKEN: ${line}`);
  for (const line of little) console.log(`  TOO LITTLE: ${line}`);
  if (wrong.length > 0) console.log(`  everything is kept in ${report.folder}`);
  if (wrong.length + little.length > 0) console.log(`  again: ${again(language, seed)}`);
  kept &&= wrong.length === 0;
  enough &&= little.length === 0;
  return report;
}

function again(language: Language, seed: number): string {
  const point = values.point === "" ? "" : ` --point ${values.point}`;
  return `npm run test:points -- --rounds 1 --seed ${seed} --only ${language}${point}`;
}

function print(language: Language, reports: readonly RoundReport[]): void {
  const met = reports.flatMap((report) => report.met);
  console.log(`${language}, ${reports.length} rounds:`);
  for (const point of POINTS) {
    const times = new Map<string, number>();
    for (const kill of met)
      if (kill.point === point) times.set(kill.victim, (times.get(kill.victim) ?? 0) + 1);
    if (times.size === 0) continue;
    const counts = [...times].map(([victim, count]) => `${victim} ${count}`).join(", ");
    console.log(
      `  ${String(numberOf(point)).padStart(2)} ${point.name.padEnd(20)} ${counts.padEnd(20)} ${point.says}`,
    );
  }
}

function words({ met, unmet, visible, callbacks }: RoundReport): string {
  const repeats = callbacks.map(({ name, repeats }) => `${name} ${repeats}`).join(", ");
  const lost = callbacks.reduce((sum, callback) => sum + callback.lost.length, 0);
  return `${met.length} of ${met.length + unmet.length} points met, ${visible} events, ${lost} lost, repeated: ${repeats}`;
}
