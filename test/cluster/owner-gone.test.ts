/** A command whose host freezes before it takes it: the next owner does it, and nobody does it again. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { readAddress } from "../../src/server/address-file.ts";
import { until } from "../daemon/rig.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { asking } from "../server/rig.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 90_000;

describe.skipIf(withoutPostgres)("a command for a host that stands still", { timeout: 300_000 }, () => {
  const server = useServer();
  let sandbox: Sandbox;
  let studio: ClusterStudio;

  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterEach(() => studio?.end());
  afterAll(async () => {
    await sandbox.close();
  });

  const api = (host: string) => asking({ url: readAddress(join(studio.folder, "state", host))!.url });
  const hostOf = async (asked: string): Promise<string | null> => {
    const { plugins } = (await api(asked).get("/api/v1/plugins")).json;
    return plugins[0]?.activity === "running" ? plugins[0].host : null;
  };

  test("is done once, by the host that takes over", async () => {
    studio = new ClusterStudio(sandbox, { url: server.url, lease: "5s" });
    studio.add("one");
    const hosts = ["ada", "bob"];
    for (const host of hosts) studio.start(host);
    const told = () => studio.words();
    const there = (host: string) => readAddress(join(studio.folder, "state", host)) !== null;
    await until(() => hosts.every(there), told, PATIENCE_MS);
    await until(
      async () => (await hostOf("ada")) !== null && (await hostOf("bob")) !== null,
      told,
      PATIENCE_MS,
    );
    const owner = (await hostOf("ada"))!;
    const other = hosts.find((host) => host !== owner)!;
    const { child } = studio.daemons.get(owner)!;
    child.kill("SIGSTOP");
    const reply = await api(other).post("/api/v1/plugins/one/pause", { by: "lena", why: "a test" });
    expect(reply, told()).toMatchObject({ status: 200 });
    child.kill("SIGCONT");
    const view = async () => (await api(owner).get("/api/v1/status")).json;
    await until(async () => (await view()).plugins[0].host === other, told, PATIENCE_MS);
    expect((await view()).plugins[0]).toMatchObject({ activity: "paused", paused: { by: "lena" } });
    const { actions } = (await api(owner).get("/api/v1/actions")).json;
    expect(actions).toMatchObject([{ action: "pause", plugin: "one", by: "lena", why: "a test" }]);
  });
});
