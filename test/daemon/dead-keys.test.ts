import { expect, test } from "vitest";
import { deadKeys } from "../../src/daemon/dead-keys.ts";

test("a key of matchEvents that looks like a pattern is told of: it matches nothing", () => {
  const callback = (matchEvents: Record<string, string[] | null> | null) => ({ name: "onTask", matchEvents });
  expect(deadKeys([callback(null), callback({ "*": null, Shotgun_Task_Change: ["sg_*"] })])).toEqual([]);
  expect(deadKeys([callback({ "Shotgun_Task_*": null, Shotgun_Shot_New: null })])).toEqual([
    expect.stringMatching(
      /^onTask gets no event for "Shotgun_Task_\*": a key of matchEvents is a whole event type/,
    ),
  ]);
});
