import { expect, test } from "vitest";
import { RecentEvents } from "../../src/journal/recent.ts";

const event = (seq: number) => ({
  ...{ seq, generation: 1, id: seq, event_type: "Shotgun_Task_Change", attribute_name: null },
  json: `{"id":${seq}}`,
});

test("after events that it was not told of, none is found in the place of another", () => {
  const recent = new RecentEvents(1e6);
  for (const seq of [1, 2, 3, 9, 10]) recent.add(event(seq));
  const seqs = (afterSeq: number) => recent.page(afterSeq, 500)?.entries.map(({ seq }) => seq) ?? null;
  expect([0, 3, 5, 9].map(seqs)).toEqual([null, null, null, [10]]);
  expect(seqs(8)).toEqual([9, 10]);
});
