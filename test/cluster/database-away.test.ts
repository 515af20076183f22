/** What an operator is told on the host that runs a plugin, while the database does not answer. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { CHANGE, ids, recorder } from "../daemon/whole.ts";
import { startProxy } from "../journal/postgres/proxy.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import type { Reply } from "../server/rig.ts";
import { testCluster } from "./hosts.ts";

const LENA = { by: "lena", why: "the tracker is down" };
/** Notes that it has begun, and ends when the file `go` is there. */
const SLOW = recorder(
  "mine",
  "null",
  `const { existsSync, writeFileSync } = await import("node:fs");
    writeFileSync(new URL("../begun", import.meta.url), "");
    while (!existsSync(new URL("../go", import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 20));`,
);

describe.skipIf(withoutPostgres)("while the database is away", { timeout: 120_000 }, () => {
  const server = useServer();

  /** `mine` runs on ada, who has a line to the database of her own. */
  const alone = async (mine = recorder("mine")) => {
    const sandbox = await openTestSandbox();
    const line = await startProxy(server.port);
    onTestFinished(() => line.close());
    const cluster = testCluster({
      sandbox,
      database: Object.assign(new URL(server.url), { port: line.port }).href,
      schema: server.freshSchema(),
      plugins: { "mine.ts": mine },
      places: {},
    });
    const ada = await cluster.start("ada");
    await until(() => ada.daemon.plugin("mine")?.activity === "running", undefined, 60_000);
    const isAway = () => ada.daemon.status().cluster!.awaySince !== null;
    const cut = async () => {
      line.refuse(true);
      line.breakAll();
      await until(isAway);
    };
    const mend = async () => {
      line.refuse(false);
      await until(() => ada.daemon.plugin("mine")?.activity === "running" && !isAway(), undefined, 60_000);
    };
    const deeds = async () =>
      (await ada.get("/api/v1/actions")).json.actions.map(({ action }: { action: string }) => action);
    const event = () => sandbox.site.events.add([CHANGE]).last;
    return { ada, cluster, cut, mend, deeds, event };
  };

  test("every command is refused at once, and not done later", async () => {
    const { ada, cluster, cut, mend, deeds, event } = await alone();
    const id = event();
    await until(() => ids(cluster.folder, "mine").includes(id));
    await cut();
    const give = (action: string, body: object): Promise<Reply> =>
      ada.post(`/api/v1/plugins/mine/${action}`, { ...LENA, ...body });
    for (const [action, body] of [
      ["pause", {}],
      ["resume", {}],
      ["retry", {}],
      ["reload", {}],
      ["skip", { eventId: id }],
      ["rewind", { eventId: id, dryRun: true }],
      ["rewind", { eventId: id }],
    ] as const) {
      const reply = await give(action, body);
      expect(reply, action).toMatchObject({ status: 503, json: { error: { code: "STATE_UNUSABLE" } } });
      expect(reply.json.error.message).toMatch(
        /^The database of the cluster has not answered since .*, so the (pause|resume|retry|reload|skip|rewind) of mine is not possible; nothing was done\.$/,
      );
    }
    for (const body of [{ fromId: id }, { fromId: id, dryRun: true }])
      expect(await give("replays", body)).toMatchObject({
        ...{ status: 503, json: { error: { code: "STATE_UNUSABLE" } } },
      });
    const planned = ada.daemon.replays.plan("mine", { from: { eventId: id } });
    await expect(planned).rejects.toMatchObject({ code: "STATE_UNUSABLE" });
    expect(ada.daemon.plugin("mine")?.paused).toBeNull();
    await mend();
    const later = event();
    await until(() => ids(cluster.folder, "mine").includes(later));
    expect(await deeds()).toEqual([]);
    expect(ids(cluster.folder, "mine")).toEqual([id, later]);
  });

  test("a command that waits for the event in hand when the database goes is taken back", async () => {
    const { ada, cluster, cut, mend, deeds, event } = await alone(SLOW);
    const id = event();
    await until(() => existsSync(join(cluster.folder, "begun")));
    const given = ada.daemon.operations.pause("mine", LENA).catch((error: unknown) => error);
    await cut();
    expect(await given).toMatchObject({
      code: "STATE_UNUSABLE",
      message: expect.stringMatching(/nothing was done\.$/),
    });
    writeFileSync(join(cluster.folder, "go"), "");
    await mend();
    await until(() => ids(cluster.folder, "mine").includes(id));
    // it goes on
    const later = event();
    await until(() => ids(cluster.folder, "mine").includes(later), undefined, 60_000);
    expect(await deeds()).toEqual([]);
  });
});
