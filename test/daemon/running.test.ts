/** How a lane that runs ends, whatever its host does meanwhile. */
import { expect, test } from "vitest";
import type { Lane } from "../../src/daemon/lane.ts";
import { untilAborted } from "../../src/daemon/pause.ts";
import { endInTurn, Running } from "../../src/daemon/running.ts";
import type { LaneJournal } from "../../src/journal/journal.ts";

/** A lane whose host is there until `gone` says so. */
function runningUntil(gone: Promise<void>) {
  const said: string[] = [];
  const lane = {
    file: { path: "/a.py", name: "a", language: "python", folder: 0 },
    status: () => ({ failure: null }),
    async run(stop: AbortSignal, onQuiet: () => Promise<void>) {
      await untilAborted(stop);
      await onQuiet();
      await gone;
      said.push("gone");
    },
  };
  const lease = {
    ended: false,
    async release() {
      if (!this.ended) said.push("given back");
      this.ended = true;
    },
  };
  const laneJournal = { lease, setState: async (state: string) => void said.push(state) };
  const running = new Running({
    lane: lane as unknown as Lane,
    laneJournal: laneJournal as unknown as LaneJournal,
    onGiven: () => {},
    onEnd: () => said.push("ended"),
    onLost: () => said.push("lost"),
    onBroken: () => said.push("broken"),
  });
  return { running, said };
}

test("its lease is given back once nothing more is called, though its host is still there", async () => {
  const gone = Promise.withResolvers<void>();
  const { running, said } = runningUntil(gone.promise);
  const ended = running.end();
  await expect.poll(() => said).toEqual(["given back"]);
  gone.resolve();
  await ended;
  expect(said).toEqual(["given back", "gone", "ended"]);
});

test("one whose file is gone says so before it gives its lease back", async () => {
  const { running, said } = runningUntil(Promise.resolve());
  await running.retire();
  expect(said).toEqual(["gone", "absent", "given back", "ended"]);
});

test("one that takes its time does not keep those after it from ending", async () => {
  const others = Promise.withResolvers<void>();
  const slow = { end: () => others.promise };
  const quick = { end: async () => others.resolve() };
  await endInTurn([slow, quick] as Running[], 10);
});
