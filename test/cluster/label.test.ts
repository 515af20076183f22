/** A plugin that only one host may run: what becomes of its events until that is there, and what the others say of it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 90_000;

describe.skipIf(withoutPostgres)("a plugin for hosts with a label", { timeout: 300_000 }, () => {
  const server = useServer();
  let sandbox!: Sandbox;
  let studio: ClusterStudio;

  beforeEach(async () => {
    sandbox = await openSandbox();
    const cluster = {
      ...{ url: server.url, schema: server.freshSchema(), lease: "3s" },
      ...{ hosts: { bob: { labels: ["render"] } }, runsOn: { heavy: "render" } },
    };
    studio = new ClusterStudio(sandbox, cluster, { start: sandbox.site.events.newestId + 1 });
    for (const name of ["heavy", "other"]) studio.add(name);
  });
  afterEach(async () => {
    await studio.end();
    await sandbox.close();
  });

  const happens = (condition: () => boolean | Promise<boolean>, what: string) =>
    until(condition, () => `not: ${what}\n${studio.words()}`, PATIENCE_MS);

  test("gets all events since it was found once a host has it, though it never ran before", async () => {
    const ada = studio.start("ada");
    await happens(() => ada.up, "ada is there");
    const status = async () => JSON.parse(await studio.callsheet("ada", "status", "--json"));
    const heavy = async () =>
      (await status()).plugins.find(({ name }: { name: string }) => name === "heavy") as { id: string };
    // of a plugin without a place the id is its path
    await happens(async () => (await heavy())?.id.startsWith("heavy-") === true, "heavy has a place");
    const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
    await happens(() => studio.notes("other").length === 2, "the other plugin has them");
    expect((await status()).attention).toMatchObject([
      { message: "No host of the cluster runs heavy: none has the label render; 2 events wait." },
    ]);
    studio.start("bob");
    await happens(() => studio.notes("heavy").length === 2, "bob delivers");
    expect(studio.notes("heavy")).toEqual([
      { id: first, redelivered: false, host: "bob" },
      { id: first + 1, redelivered: false, host: "bob" },
    ]);
  });

  test("has its log elsewhere, as another host says; that one knows nothing of it once it is stopped", async () => {
    const ada = studio.start("ada");
    studio.start("bob");
    await happens(() => ada.up, "ada is there");
    const said = (...args: string[]) =>
      studio.callsheet("ada", ...args).catch(({ stderr }: { stderr: string }) => stderr);
    // they log to their standard output
    await happens(
      async () => /^heavy runs on bob now: .*\nerror: The daemon writes/.test(await said("logs", "heavy")),
      "ada says where",
    );
    await ada.kill();
    expect(await studio.callsheet("ada", "status").catch(({ stdout }) => stdout)).toContain("not running");
    expect(await said("plugin", "heavy")).toContain("what a host of a cluster knows is in its database");
  });
});
