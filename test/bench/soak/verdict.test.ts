import { expect, test } from "vitest";
import type { Sample } from "../../../bench/soak/sample.ts";
import type { SoakReport } from "../../../bench/soak/soak.ts";
import { tell } from "../../../bench/soak/tell.ts";
import { notAsItShouldBe } from "../../../bench/soak/verdict.ts";

const SAMPLE: Sample = { daemonMb: 600, pythonMb: 200, descriptors: 240, stateMb: 110, journalMb: 101 };
const PLUGIN = { delivered: 9, lost: 0, behind: 0, disorder: 0, repeats: 0, unmarked: 0, exits: 0 };
const CLEAN: SoakReport = {
  folder: "/tmp/soak",
  events: 4_000_000,
  seconds: 1,
  cpuSeconds: 1,
  halted: null,
  missed: [],
  unasked: [],
  reloads: 3,
  breaks: 1,
  exits: 1,
  kills: 1,
  samples: Array.from({ length: 40 }, () => SAMPLE),
  plugins: [
    { ...PLUGIN, plugin: "soak0.ts" },
    { ...PLUGIN, plugin: "soak20.py" },
  ],
  journalMaxMb: 100,
  forgotten: 3_900_000,
  lastExit: 0,
};

/** The samples of the last quarter are others. */
function later(late: Partial<Sample>): SoakReport {
  return { ...CLEAN, samples: CLEAN.samples.map((sample, i) => (i < 30 ? sample : { ...sample, ...late })) };
}

function with20(plugin: Partial<typeof PLUGIN>): SoakReport {
  return { ...CLEAN, plugins: [CLEAN.plugins[0]!, { ...CLEAN.plugins[1]!, ...plugin }] };
}

test("a clean run has nothing against it", () => {
  expect(notAsItShouldBe(CLEAN)).toEqual([]);
  expect(tell(CLEAN).text).toMatch(/Everything was as it should be\.$/);
});

test.each<[string, SoakReport, RegExp]>([
  ["a loss", with20({ lost: 1 }), /soak20\.py lost 1 events/],
  ["an end that did not come", with20({ behind: 2 }), /soak20\.py did not get the last 2/],
  ["disorder", with20({ disorder: 1 }), /out of order/],
  ["an unmarked repeat, in Python too", with20({ repeats: 1, unmarked: 1, exits: 1 }), /unmarked/],
  ["a repeat without a kill of that plugin", with20({ repeats: 1 }), /its host ended 0 times/],
  ["a halt", { ...CLEAN, halted: "Nothing was recorded." }, /^Nothing was recorded\./],
  [
    "a mishap without an effect",
    { ...CLEAN, missed: ["soak3 changed, and was not reloaded"] },
    /soak3 changed/,
  ],
  ["trouble that nobody asked for", { ...CLEAN, unasked: ["soak3 failed"] }, /the log says: soak3 failed/],
  ["a daemon that does not end well", { ...CLEAN, lastExit: "SIGKILL" }, /ended with SIGKILL/],
  ["memory that grows", later({ daemonMb: 721 }), /daemon with its threads, MB: from 600 to 721/],
  ["memory of python", later({ pythonMb: 300 }), /python processes/],
  ["descriptors that grow", later({ descriptors: 251 }), /file descriptors/],
  ["a state folder that grows", later({ stateMb: 173 }), /state folder, MB: from 110 to 173/],
  ["a state folder out of bounds", later({ stateMb: 241 }), /grew to 241 MB/],
  [
    "a journal that never was full",
    { ...CLEAN, samples: CLEAN.samples.map((sample) => ({ ...sample, journalMb: 60 })) },
    /had 60 of its 100 MB at the most/,
  ],
  ["a journal that forgets nothing", { ...CLEAN, forgotten: 0 }, /forgotten nothing/],
])("%s is not as it should be", (_what, report, says) => {
  const { text, broken } = tell(report);
  expect(broken.join("\n")).toMatch(says);
  expect(text).toContain("NOT AS IT SHOULD BE");
});

test("a run that ended before its first sample is told of too", () => {
  const { broken } = tell({ ...CLEAN, samples: [], halted: "The site ended." });
  expect(broken).toEqual(["The site ended."]);
});

test("a short run says that it does not judge memory", () => {
  const { text, broken } = tell({ ...later({ daemonMb: 721 }), events: 30_000, forgotten: 20_000 });
  expect(broken).toEqual([]);
  expect(text).toContain("too short to judge memory");
});
