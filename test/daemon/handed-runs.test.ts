import fc from "fast-check";
import { expect, it } from "vitest";
import { HandedRuns } from "../../src/daemon/handed-runs.ts";

/** A run of consecutive seqs, with this much text for each. */
function run(first: number, count: number, bytes: number) {
  const entries = Array.from({ length: count }, (_, i) => ({
    ...{ seq: first + i, generation: 0, id: first + i, event_type: "Shotgun_Shot_New", attribute_name: null },
    ...{ start: i * bytes, end: (i + 1) * bytes },
  }));
  const items = entries.map(({ seq, start, end }) => ({
    seq,
    start,
    end,
    callbacks: [0],
    redelivered: false,
  }));
  return { entries, items };
}

function handUntilEnough(count: number, bytes: number): { runs: HandedRuns; handed: number } {
  const runs = new HandedRuns();
  let handed = 0;
  for (; !runs.enough && handed < 100; handed += 1) {
    const { entries, items } = run(handed * count + 1, count, bytes);
    runs.add(entries, items);
  }
  return { runs, handed };
}

it("a host is handed two runs whatever their size, and more of them while they are small", () => {
  expect(handUntilEnough(500, 10_000).handed).toBe(2);
  expect(handUntilEnough(500, 600).handed).toBe(4);
  expect(handUntilEnough(1, 1000).handed).toBe(8);
});

it("a host that is through with a run is handed the next", () => {
  const { runs, handed } = handUntilEnough(500, 600);
  expect(runs.settle(500)).toBe(500);
  expect(runs.enough).toBe(false);
  const { entries, items } = run(handed * 500 + 1, 500, 600);
  runs.add(entries, items);
  expect(runs.enough).toBe(true);
});

it("an event is found in the run that holds it until the host is through with that", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 600 }), (count, done) => {
      const { runs, handed } = handUntilEnough(count, 100);
      const last = handed * count;
      const settled = runs.settle(Math.min(done, last));
      expect(settled).toBe(Math.min(done, last));
      const gone = Math.floor(settled / count) * count;
      for (const seq of [1, gone, gone + 1, last, last + 1])
        expect(runs.idOf(seq)).toBe(seq > gone && seq <= last ? seq : null);
    }),
  );
});
