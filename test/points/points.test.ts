import { expect, it } from "vitest";
import { withoutPython } from "../plugins-python/python.ts";
import { someKills } from "./plan.ts";
import { type Language, playRound } from "./round.ts";
import { broken, tooLittle } from "./verdict.ts";

const SEED = 5;

it.each<Language>(["typescript", "python"])(
  "a kill at a point of each step breaks no promise (%s)",
  {
    timeout: 600_000,
  },
  async (language) => {
    if (language === "python" && withoutPython)
      return console.warn("skipped: crash points of Python plugins");
    const report = await playRound({ language, kills: someKills(language, SEED), seed: SEED });
    expect(broken(report), report.folder).toEqual([]);
    expect(tooLittle(report)).toEqual([]);
  },
);
