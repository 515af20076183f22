/** Two daemons of one name, as of two machines that are called the same, and one that is started again after a kill. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { DaemonProcess } from "../chaos/process.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 90_000;

describe.skipIf(withoutPostgres)("two daemons of one name", { timeout: 300_000 }, () => {
  const server = useServer();
  let sandbox!: Sandbox;
  let studio: ClusterStudio;

  beforeEach(async () => {
    sandbox = await openSandbox();
    const cluster = { url: server.url, schema: server.freshSchema(), lease: "6s" };
    studio = new ClusterStudio(sandbox, cluster, { start: sandbox.site.events.newestId + 1 });
    studio.add("one");
  });
  afterEach(async () => {
    await studio.end();
    await sandbox.close();
  });

  const happens = (condition: () => boolean, what: string) =>
    until(condition, () => `not: ${what}\n${studio.words()}`, PATIENCE_MS);
  /** The same configuration on another machine: its state is a folder of its own there. */
  const another = () => {
    const config = join(studio.folder, "another.config.json");
    const said = JSON.parse(readFileSync(studio.config, "utf8"));
    writeFileSync(config, JSON.stringify({ ...said, state: join(studio.folder, "another") }));
    return new DaemonProcess(config, { ...studio.env, CALLSHEET_HOST: "ada" });
  };

  test("the second is refused, and told where the first is, which goes on", async () => {
    const ada = studio.start("ada");
    await happens(() => ada.up, "ada is there");
    const { code, words } = await another().ended;
    expect(code).toBe(1);
    expect(words).toMatch(
      /STATE_LOCKED.*Another daemon of the cluster runs with the name ada \(since .*, at http:\/\/127\.0\.0\.1:\d+, connected to the database from 127\.0\.0\.1\)/s,
    );
    sandbox.site.events.add([CHANGE]);
    await happens(() => studio.notes("one").length === 1, "the first delivers");
    expect(ada.running).toBe(true);
  });

  test("one that is started again after a kill waits for nobody, and one on another machine does", async () => {
    const ada = studio.start("ada");
    await happens(() => ada.up, "ada is there");
    await ada.kill();
    const again = studio.start("ada");
    await happens(() => again.up, "ada is there again");
    expect(again.words).not.toContain("waiting whether that one is heard of");
    await again.kill();
    const instead = another();
    studio.daemons.set("instead", instead);
    await happens(() => instead.up, "another takes its place");
    expect(instead.words).toContain("waiting whether that one is heard of");
    sandbox.site.events.add([CHANGE]);
    await happens(() => studio.notes("one").length === 1, "it delivers");
  });
});
