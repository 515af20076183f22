/** What one host of a cluster tells of the plugins that another runs. */
import { describe, expect, test } from "vitest";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { CHANGE, ids, recorder, twoCallbacks } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { type TestHost, testCluster } from "./hosts.ts";

const HIDDEN = "hidden-word-of-the-database";

describe.skipIf(withoutPostgres)("from a host that does not run it", { timeout: 120_000 }, () => {
  const server = useServer();

  /** `mine` runs on ada, `theirs` on bob. */
  const pair = async (theirs = recorder("theirs")) => {
    const sandbox = await openTestSandbox();
    const cluster = testCluster({
      sandbox,
      // the server of the tests takes any
      database: Object.assign(new URL(server.url), { password: HIDDEN }).href,
      schema: server.freshSchema(),
      plugins: { "mine.ts": recorder("mine"), "theirs.ts": theirs },
      places: { mine: "ada", theirs: "bob" },
    });
    const ada = await cluster.start("ada");
    const bob = await cluster.start("bob");
    await until(async () => (await seen(ada, "theirs")).activity === "running", undefined, 60_000);
    return { sandbox, cluster, ada, bob };
  };
  const seen = async (host: TestHost, plugin: string) =>
    (await host.get("/api/v1/plugins")).json.plugins.find(({ name }: { name: string }) => name === plugin);

  test("a plugin is shown with its host and what it does", async () => {
    const { sandbox, cluster, ada, bob } = await pair();
    expect(await seen(ada, "mine")).toMatchObject({ host: "ada", activity: "running", gone: false });
    expect(await seen(bob, "mine")).toMatchObject({ host: "ada", activity: "running", gone: false });
    const { last } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
    await until(() => ids(cluster.folder, "theirs").includes(last));
    await until(async () => (await seen(ada, "theirs")).calls === 3);
    expect(await seen(ada, "theirs")).toMatchObject({ host: "bob", callbacks: 1, backlog: 0 });
    const status = (await ada.get("/api/v1/status")).json;
    expect(status.plugins.map(({ name }: { name: string }) => name)).toEqual(["mine", "theirs"]);
    expect(status.cluster.hosts).toMatchObject([
      { name: "ada", plugins: 1, takeOvers: 0, fenced: 0 },
      { name: "bob", plugins: 1, takeOvers: 0, fenced: 0, startedAt: bob.daemon.status().startedAt },
    ]);
    const { hostname, port, pathname } = new URL(server.url);
    expect(status.cluster.database).toBe(`${hostname}:${port}${pathname}`);
    for (const path of ["/api/v1/status", "/api/v1/plugins/theirs", "/metrics"])
      expect(JSON.stringify((await ada.get(path)).json), path).not.toContain(HIDDEN);
  });

  test("a plugin that failed asks for attention, and names its host", async () => {
    const { sandbox, ada } = await pair(twoCallbacks(true));
    const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
    await until(async () => (await seen(ada, "theirs")).activity === "failed");
    expect(await seen(ada, "theirs")).toMatchObject({ host: "bob", failure: { eventId: first }, backlog: 2 });
    const { attention } = (await ada.get("/api/v1/status")).json;
    expect(attention).toMatchObject([
      { severity: "error", plugin: "theirs", command: "callsheet retry theirs" },
    ]);
    expect(attention[0].message).toBe(
      `theirs (on bob) stopped at event ${first}: b is broken; 2 events wait.`,
    );
    const { groups } = (await ada.get("/api/v1/failures")).json;
    expect(groups).toMatchObject([{ plugin: "theirs", open: true }]);
  });

  test("a plugin that does not load shows why", async () => {
    const sandbox = await openTestSandbox();
    const cluster = testCluster({
      sandbox,
      database: server.url,
      schema: "unloadable",
      plugins: { "theirs.ts": "export const nothing = ;" },
      places: { theirs: "bob" },
    });
    const ada = await cluster.start("ada");
    await cluster.start("bob");
    await until(async () => (await seen(ada, "theirs")).activity === "unloadable", undefined, 60_000);
    const theirs = await seen(ada, "theirs");
    expect(theirs).toMatchObject({ host: "bob", loadError: { code: expect.stringMatching(/^PLUGIN_/) } });
  });

  test("metrics tell of each plugin once over all hosts", async () => {
    const { sandbox, cluster, ada, bob } = await pair();
    const { last } = sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => ["mine", "theirs"].every((name) => ids(cluster.folder, name).includes(last)));
    const lines = async (host: TestHost) => ((await host.get("/metrics")).json as string).split("\n");
    const has = async (host: TestHost, line: string) => (await lines(host)).includes(line);
    await until(() => has(bob, 'callsheet_plugin_calls_total{plugin="theirs"} 2'));
    expect(await has(bob, 'callsheet_plugin_state{plugin="theirs",state="running"} 1')).toBe(true);
    const ofAda = await lines(ada);
    expect(ofAda.filter((line) => /plugin="theirs"/.test(line) && !/ 0$/.test(line))).toEqual([
      'callsheet_plugin_state{plugin="theirs",state="elsewhere"} 1',
    ]);
    expect(ofAda).toContain("callsheet_cluster_plugins 1");
    expect(ofAda).toContain("callsheet_cluster_database_away_seconds 0");
    const all = [...ofAda, ...(await lines(bob))];
    expect(all.filter((line) => /^callsheet_reader_position /.test(line))).toHaveLength(1);
    const sizes = all.filter((line) => /^callsheet_journal_size_bytes [1-9]\d\d+$/.test(line));
    expect(sizes).toHaveLength(1);
    const places = all.filter((line) => /^callsheet_journal_(first|last)_sequence /.test(line));
    expect(places).toHaveLength(2);
    for (const host of [ada, bob])
      expect((await host.get("/api/v1/status")).json.journal.bytes).toBeGreaterThan(100);
  });

  test("how the reading goes is told by every host", async () => {
    const { sandbox, ada, bob } = await pair();
    const { last } = sandbox.site.events.add([CHANGE]);
    for (const host of [ada, bob])
      await until(async () => (await host.get("/api/v1/status")).json.reader.position === last);
    const ofAda = (await ada.get("/api/v1/status")).json;
    const ofBob = (await bob.get("/api/v1/status")).json;
    expect(ofAda.cluster.reader).toBe(ofBob.cluster.reader);
    expect([ofAda.site.state, ofBob.site.state]).toEqual(["connected", "connected"]);
  });

  test("the database's absence is told at once, and what is known stays", async () => {
    const { ada, bob } = await pair();
    const away = server.crash(4000);
    await until(async () => (await ada.get("/api/v1/status")).json.cluster.awaySince !== null);
    const status = (await ada.get("/api/v1/status")).json;
    expect(status.ready.reasons[0]).toMatch(/^the database has not answered since /);
    // whether bob reaches the database ada cannot know
    expect(status.plugins).toMatchObject([
      { name: "mine", host: "ada" },
      { name: "theirs", host: "bob", activity: "elsewhere" },
    ]);
    for (const path of ["/events", "/events/1", "/failures", "/gaps", "/actions"]) {
      const reply = await ada.get(`/api/v1${path}`);
      expect(reply, path).toMatchObject({ status: 503, json: { error: { code: "STATE_UNUSABLE" } } });
    }
    expect((await ada.get("/api/v1/audit")).json).toMatch(/^\{"error":\{"code":"STATE_UNUSABLE"/);
    await ada.log.line(/^the database at .* has not answered since /);
    const refused = await ada.post("/api/v1/plugins/theirs/pause", { by: "lena" });
    expect(refused.status).toBe(503);
    expect(refused.json.error.message).toMatch(/nothing was done\.$/);
    const adopted = await ada.post("/api/v1/plugins/theirs/adopt", { by: "lena" });
    expect(adopted.status).toBe(503);
    expect(adopted.json.error.message).toMatch(/whether theirs waits for its files is not known/);
    expect((await ada.get("/metrics")).json).toMatch(/^callsheet_cluster_database_away 1$/m);
    await away;
    await until(async () => (await seen(bob, "theirs")).activity === "running", undefined, 60_000);
    await until(async () => (await ada.get("/api/v1/status")).json.ready.ready, undefined, 60_000);
    await ada.log.line(/^the database at .* answers again/);
  });

  test("a plugin that no host runs says so, also one that never ran; metrics count it once", async () => {
    const sandbox = await openTestSandbox();
    const cluster = testCluster({
      sandbox,
      database: server.url,
      schema: "nobody",
      plugins: { "gpu.ts": recorder("gpu") },
      places: { gpu: "gpu-farm" },
    });
    const ada = await cluster.start("ada");
    expect(await seen(ada, "gpu")).toMatchObject({
      host: null,
      activity: "unplaced",
      gone: false,
      backlog: 0,
    });
    const told = async () =>
      (await ada.get("/api/v1/status")).json.attention.filter(
        ({ plugin }: { plugin: string | null }) => plugin === "gpu",
      );
    // why is known after the first look at the plugins
    await until(async () => (await told())[0]?.message.includes(":"));
    expect(await told()).toMatchObject([
      { severity: "error", message: "No host of the cluster runs gpu: none has the label gpu-farm." },
    ]);
    const bob = await cluster.start("bob");
    await until(async () => (await seen(bob, "gpu"))?.activity === "unplaced");
    const texts = [ada, bob].map(async (host) => (await host.get("/metrics")).json as string);
    const count = /^callsheet_plugin_state\{plugin="gpu",state="unplaced"\} 1$/gm;
    expect((await Promise.all(texts)).join("\n").match(count)).toHaveLength(1);
  });
});
