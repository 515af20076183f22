/** Plugins whose path is another on each host: who has one keeps it, and the other says that it waits. */
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { allNotes, CHANGE, recorder, untilFollowing } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { testCluster } from "./hosts.ts";

const PATIENCE_MS = 60_000;
/** Says that an event has begun, and does not end before `gate` is there. */
const GATED = `
    const { existsSync } = await import("node:fs");
    appendFileSync(new URL("../begun", import.meta.url), "x");
    while (!existsSync(new URL("../gate", import.meta.url))) await new Promise((go) => setTimeout(go, 10));`;

describe.skipIf(withoutPostgres)("a plugin folder that was renamed", { timeout: 180_000 }, () => {
  const server = useServer();

  test("while a host runs its plugins: another with the new path waits, and goes on where that one stopped", async () => {
    const sandbox = await openTestSandbox();
    const cluster = testCluster({
      ...{ sandbox, database: server.url, schema: server.freshSchema(), places: {} },
      plugins: { "one.ts": recorder("one", "null", GATED) },
    });
    // it looks at its folder once
    const ada = await cluster.start("ada", { reloadInterval: "1h" });
    const isRunning = () => ada.daemon.status().plugins.some(({ activity }) => activity === "running");
    await until(isRunning, undefined, PATIENCE_MS);
    await untilFollowing(ada.daemon);
    const { first } = sandbox.site.events.add([CHANGE]);
    await until(() => existsSync(join(cluster.folder, "begun")), undefined, PATIENCE_MS);
    const renamed = join(cluster.folder, "renamed");
    renameSync(join(cluster.folder, "plugins"), renamed);
    const bob = await cluster.start("bob", { plugins: [renamed] });
    await bob.log.line(
      /^one is at .*renamed.one\.ts on this machine, and ada runs it from .*plugins.one\.ts/,
    );
    const seen = async () => (await bob.get("/api/v1/status")).json;
    const { attention, plugins, cluster: told } = await seen();
    expect(plugins).toMatchObject([
      { name: "one", host: "ada", path: join(cluster.folder, "plugins/one.ts") },
    ]);
    expect(told.plugins).toMatchObject([{ here: join(renamed, "one.ts"), host: "ada" }]);
    expect(attention).toMatchObject([
      { severity: "warn", plugin: "one", message: expect.stringContaining("at the same path on every host") },
    ]);
    writeFileSync(join(cluster.folder, "gate"), "");
    await until(() => allNotes(cluster.folder).length === 1);
    await ada.daemon.stop();
    await bob.log.line(/^one moved from /);
    const { last } = sandbox.site.events.add([CHANGE]);
    await until(() => allNotes(cluster.folder).some(({ id }) => id === last), undefined, PATIENCE_MS);
    expect(allNotes(cluster.folder).map(({ id, redelivered }) => [id, redelivered])).toEqual([
      [first, false],
      [last, false],
    ]);
    expect((await seen()).attention).toEqual([]);
    expect(ada.log.lines.filter(({ message }) => /taken over/.test(message))).toEqual([]);
  });
});
