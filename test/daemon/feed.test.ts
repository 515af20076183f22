import { expect, it, onTestFinished } from "vitest";
import { Feed } from "../../src/daemon/feed.ts";
import { LaneFigures } from "../../src/daemon/figures.ts";
import { Matcher } from "../../src/daemon/matching.ts";
import { openOrder } from "../../src/daemon/order.ts";
import { Attempts } from "../../src/daemon/policy.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { TestLog, temporaryFolder } from "./rig.ts";

it("a host that is gone before it was fed ends the feed as any other does", async () => {
  const journal = await openSqliteJournal({ folder: temporaryFolder() });
  onTestFinished(() => journal.close());
  const lane = await journal.openLane({ id: "a", path: "/a.py", name: "a", startSeq: 0 });
  const file = { path: "/a.py", name: "a", language: "python", folder: 0 } as const;
  const feed = new Feed({
    journal,
    lane,
    order: openOrder("independent"),
    self: { file, active: true, doneSeq: 0 },
    log: new TestLog(),
    pluginName: "a",
    attempts: new Attempts(),
    figures: new LaneFigures(),
    onFailure() {},
    onProgress() {},
    onLate() {},
    skip: null,
  });
  feed.exited({
    code: "HOST_EXITED",
    message: "its process was ended",
    error: null,
    excuse: null,
    inHand: null,
  });
  const host = {
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
  } as const;
  const end = await feed.run(host, new Matcher([], "python"), new AbortController().signal);
  expect(end).toMatchObject({ kind: "failed", failure: { code: "HOST_EXITED" } });
});
