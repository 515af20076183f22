import { expect, it, onTestFinished } from "vitest";
import { Feed } from "../../src/daemon/feed.ts";
import { LaneFigures } from "../../src/daemon/figures.ts";
import type { CallbackInfo, Host } from "../../src/daemon/host.ts";
import { Matcher } from "../../src/daemon/matching.ts";
import { openOrder } from "../../src/daemon/order.ts";
import { Attempts } from "../../src/daemon/policy.ts";
import type { WireEvent } from "../../src/event.ts";
import type { Journal, LaneJournal } from "../../src/journal/journal.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { wireEvent } from "../journal/support.ts";
import { TestLog, temporaryFolder } from "./rig.ts";

it("what a plugin does not want is stored as soon as the event before it is done, though nothing comes after it", async () => {
  const journal = await openSqliteJournal({ folder: temporaryFolder() });
  onTestFinished(() => journal.close());
  const asked: number[] = [];
  const watched = new Proxy(journal, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        if (name === "appended") asked.push(given[0] as number);
        return value.apply(target, given);
      };
    },
  });
  const lane = await journal.openLane({ id: "a", path: "/a.ts", name: "a", startSeq: 0 });
  const feed = feedOf(watched, lane);
  const stop = new AbortController();
  const ended = feed.run(host, new Matcher([callback({ Wanted: null })], "typescript"), stop.signal);
  const outcome = async (id: number) => (await journal.ledger(id))[0]!.outcome;
  const progress = (seq: number) => feed.progress({ seq, at: Date.now(), calls: 1, busyMs: 0 });

  await append(journal, [wireEvent(1, { event_type: "Wanted" })]);
  await expect.poll(() => asked).toContain(1);
  progress(1);
  await expect.poll(() => outcome(1)).toBe("delivered");
  await append(journal, [wireEvent(2, { event_type: "Wanted" }), wireEvent(3)]);
  await expect.poll(() => asked).toContain(3);
  progress(2);
  await expect.poll(() => outcome(3)).toBe("filtered");
  stop.abort();
  expect(await ended).toEqual({ kind: "stopped" });
});

it("a host that is gone before it was fed ends the feed as any other does", async () => {
  const journal = await openSqliteJournal({ folder: temporaryFolder() });
  onTestFinished(() => journal.close());
  const lane = await journal.openLane({ id: "a", path: "/a.py", name: "a", startSeq: 0 });
  const feed = feedOf(journal, lane);
  feed.exited({
    code: "HOST_EXITED",
    message: "its process was ended",
    error: null,
    excuse: null,
    inHand: null,
  });
  const end = await feed.run(host, new Matcher([], "python"), new AbortController().signal);
  expect(end).toMatchObject({ kind: "failed", failure: { code: "HOST_EXITED" } });
});

const host: Host = {
  callbacks: [],
  emails: true,
  runsOn: null,
  runtime: null,
  modules: [],
  loadMs: 1,
  hand() {},
  inHand: () => null,
  quiet: Promise.resolve(),
  stop: async () => {},
  kill: async () => {},
};

function feedOf(journal: Journal, lane: LaneJournal): Feed {
  return new Feed({
    journal,
    lane,
    order: openOrder("independent"),
    self: {
      file: { path: lane.id, name: "a", language: "typescript", folder: 0 },
      active: true,
      doneSeq: 0,
    },
    log: new TestLog(),
    pluginName: "a",
    attempts: new Attempts(),
    figures: new LaneFigures(),
    onFailure() {},
    onProgress() {},
    onLate() {},
    skip: null,
  });
}

function callback(matchEvents: CallbackInfo["matchEvents"]): CallbackInfo {
  return {
    index: 0,
    name: "a",
    key: "a",
    scriptName: "script",
    matchEvents,
    stopOnError: true,
    retry: { attempts: 1, backoffMs: 0 },
    timeoutMs: null,
  };
}

function append(journal: Journal, events: WireEvent[]) {
  const reader = { position: events.at(-1)!.id, generation: 1, gaps: [] };
  return journal.append({ events, neverHappened: [], reader });
}
