/** A plugin whose file was removed while another daemon took its lane: this one has nothing more to store. */
import { describe, expect, test } from "vitest";
import type { Lane } from "../../src/daemon/lane.ts";
import { untilAborted } from "../../src/daemon/pause.ts";
import { Running } from "../../src/daemon/running.ts";
import { useJournals } from "../journal/postgres/use-journals.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";

const MEMBER = { name: "ada", labels: [], weight: 1, version: "1", leaseMs: 60_000 };
const LANE = { id: "a", path: "/a.ts", name: "a", startSeq: 0 };

describe.skipIf(withoutPostgres)("a plugin whose file was removed", { timeout: 60_000 }, () => {
  const journals = useJournals(useServer());

  test("and whose lane is another's by now, is that one's business", async () => {
    journals.freshSchema();
    const ada = await journals.open({ member: MEMBER });
    const laneJournal = await ada.openLane(LANE);
    const told: unknown[] = [];
    const run = (stop: AbortSignal) => untilAborted(stop);
    const lane = { run, status: () => ({ failure: null }) } as unknown as Lane;
    const running = new Running({
      ...{ lane, laneJournal },
      onGiven: () => {},
      onEnd: () => told.push("ended"),
      onLost: () => told.push("lost"),
      onBroken: (error) => told.push(error),
    });
    const other = await journals.open();
    await other.openLane(LANE);
    await running.retire();
    expect(told).toEqual(["ended"]);
    expect(await other.lanes()).toMatchObject([{ state: "active", epoch: 2 }]);
  });
});
