/** What an operator asks for on one host of a cluster, of a plugin that another runs. */
import { describe, expect, test } from "vitest";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { CHANGE, ids, notes, recorder } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import type { Reply } from "../server/rig.ts";
import { type TestHost, testCluster } from "./hosts.ts";

const LENA = { by: "lena", why: "the tracker is down" };
/** Fails at events until the file `mended` is there. */
const BROKEN = recorder(
  "theirs",
  "null",
  `const { existsSync } = await import("node:fs");
    if (!existsSync(new URL("../mended", import.meta.url))) throw new Error("it is broken");`,
);

describe.skipIf(withoutPostgres)("a command given on another host", { timeout: 120_000 }, () => {
  const server = useServer();

  /** `theirs` runs on bob. */
  const pair = async (theirs = recorder("theirs")) => {
    const sandbox = await openTestSandbox();
    const cluster = testCluster({
      sandbox,
      database: server.url,
      schema: server.freshSchema(),
      plugins: { "theirs.ts": theirs },
      places: { theirs: "bob" },
    });
    const ada = await cluster.start("ada");
    const bob = await cluster.start("bob");
    await activity(ada, "running");
    const event = async () => sandbox.site.events.add([CHANGE]).last;
    return { sandbox, cluster, ada, bob, event };
  };
  const theirs = async (host: TestHost) =>
    (await host.get("/api/v1/plugins")).json.plugins.find(({ name }: { name: string }) => name === "theirs");
  const activity = (host: TestHost, wanted: string) =>
    until(async () => (await theirs(host)).activity === wanted, undefined, 60_000);
  const give = (host: TestHost, action: string, body: object = LENA): Promise<Reply> =>
    host.post(`/api/v1/plugins/theirs/${action}`, body);
  const deeds = async (host: TestHost) =>
    (await host.get("/api/v1/actions")).json.actions
      .map(({ action }: { action: string }) => action)
      .reverse();

  test("is done there, with who and why, and answered", async () => {
    const { ada, bob, cluster, event } = await pair();
    expect(await give(ada, "pause")).toMatchObject({ status: 200, json: { done: true } });
    expect((await theirs(bob)).paused).toMatchObject(LENA);
    // whoever asks next on the host that gave it sees it
    expect(await theirs(ada)).toMatchObject({ activity: "paused", paused: LENA, host: "bob" });
    const id = await event();
    expect(await give(ada, "resume")).toMatchObject({ status: 200 });
    await until(() => ids(cluster.folder, "theirs").includes(id));
    expect(await give(ada, "reload")).toMatchObject({ status: 200 });
    await until(() => bob.daemon.plugin("theirs")?.reloads === 1);
    const { actions } = (await ada.get("/api/v1/actions")).json;
    expect(actions).toMatchObject([
      { action: "reload", plugin: "theirs", ...LENA },
      { action: "resume", plugin: "theirs", ...LENA },
      { action: "pause", plugin: "theirs", ...LENA },
    ]);
    expect(bob.log.lines.some(({ message }) => message === "lena: pause theirs: the tracker is down")).toBe(
      true,
    );
  });

  test("is refused in the words of the host that runs it", async () => {
    const { ada, bob } = await pair();
    for (const [action, body] of [
      ["resume", LENA],
      ["retry", LENA],
      ["skip", { ...LENA, eventId: 7 }],
      ["rewind", { ...LENA, eventId: 7 }],
    ] as const) {
      const there = await give(bob, action, body);
      expect(there.status).toBeGreaterThanOrEqual(404);
      expect(await give(ada, action, body)).toMatchObject({ status: there.status, json: there.json });
    }
    expect((await give(ada, "pauze")).status).toBe(404);
    expect(await deeds(ada)).toEqual([]);
  });

  test("starts a plugin that failed, and passes over its event", async () => {
    const { ada, event, cluster } = await pair(BROKEN);
    const first = await event();
    await activity(ada, "failed");
    expect(await give(ada, "retry")).toMatchObject({ status: 200 });
    await activity(ada, "failed");
    expect(await give(ada, "skip", { ...LENA, eventId: first })).toMatchObject({ status: 200 });
    const { plugins } = (await ada.get(`/api/v1/events/${first}`)).json;
    expect(plugins).toMatchObject([{ outcome: "skipped", operator: LENA }]);
    expect(ids(cluster.folder, "theirs")).toEqual([]);
    expect(await deeds(ada)).toEqual(["retry", "skip"]);
  });

  test("moves a cursor, once, and says how", async () => {
    const { ada, bob, event, cluster } = await pair();
    const all = [await event(), await event(), await event()];
    await until(() => ids(cluster.folder, "theirs").length === 3);
    await give(ada, "pause");
    const aim = { ...LENA, eventId: all[1]! };
    const plan = (await give(ada, "rewind", { ...aim, dryRun: true })).json;
    expect(plan).toMatchObject({ plugin: "theirs", events: 2, nextEventId: all[1] });
    const stale = await give(ada, "rewind", { ...aim, expected: plan.from + 1 });
    expect(stale).toMatchObject({ status: 409, json: { error: { code: "NOT_POSSIBLE_NOW" } } });
    expect(await give(ada, "rewind", { ...aim, expected: plan.from })).toMatchObject({ json: plan });
    await give(ada, "resume");
    await until(() => ids(cluster.folder, "theirs").length === 5);
    expect(notes(cluster.folder, "theirs").map(({ id, redelivered }) => [id, redelivered])).toEqual([
      ...all.map((id) => [id, false]),
      ...all.slice(1).map((id) => [id, true]),
    ]);
    await give(ada, "pause");
    const later = [await event(), await event()];
    const time = "2100-01-01T00:00:00Z";
    await until(async () => (await theirs(bob)).backlog === 2);
    expect((await give(ada, "forward", { ...LENA, time })).json).toMatchObject({ events: 2 });
    expect((await ada.get(`/api/v1/events/${later[0]}`)).json.plugins).toMatchObject([
      { outcome: "skipped" },
    ]);
  });

  test("that nobody takes is taken back, with a sentence, and is not done later", async () => {
    const { ada, bob, cluster } = await pair();
    await bob.daemon.stop();
    await activity(ada, "unplaced");
    const refused = await give(ada, "pause");
    expect(refused).toMatchObject({ status: 409, json: { error: { code: "NOT_POSSIBLE_NOW" } } });
    expect(refused.json.error.message).toMatch(
      /^No host of the cluster runs theirs[,:] .* nothing was done\.$/,
    );
    // by now it is known that it is not for a moment
    expect((await give(ada, "pause")).json.error.message).toBe(
      "No host of the cluster runs theirs: none has the label bob; nothing was done.",
    );
    const again = await cluster.start("bob");
    await activity(again, "running");
    expect(await deeds(ada)).toEqual([]);
  });

  test("more about a plugin comes from the host that runs it", async () => {
    const { ada, bob, event, cluster } = await pair();
    const id = await event();
    await until(() => ids(cluster.folder, "theirs").includes(id));
    await until(async () => (await bob.get("/api/v1/plugins/theirs")).json.recent.length === 1);
    const here = (await ada.get("/api/v1/plugins/theirs")).json;
    const there = (await bob.get("/api/v1/plugins/theirs")).json;
    const { recent, modules, times, epoch, callbackList } = there;
    expect(here).toMatchObject({ recent, modules, times, epoch, callbackList });
  });

  test("a replay says on which host it has to be given", async () => {
    const { ada } = await pair();
    const reply = await give(ada, "replays", { fromId: 1 });
    expect(reply).toMatchObject({ status: 409, json: { error: { code: "NOT_POSSIBLE_NOW" } } });
    expect(reply.json.error.message).toBe("theirs runs on bob, and replays run there.");
  });
});
