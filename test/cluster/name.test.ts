/** Two daemons of one name, as of two machines that are called the same, and one that is started again after a kill. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { DaemonProcess } from "../chaos/process.ts";
import { listen, withoutNotify } from "../cli/notify.ts";
import { temporaryFolder, until } from "../daemon/rig.ts";
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
  const another = ({ lease = "6s", env = {} }: { lease?: string; env?: NodeJS.ProcessEnv } = {}) => {
    const config = join(studio.folder, "another.config.json");
    const said = JSON.parse(readFileSync(studio.config, "utf8"));
    const own = { state: join(studio.folder, "another"), cluster: { ...said.cluster, lease } };
    writeFileSync(config, JSON.stringify({ ...said, ...own }));
    return new DaemonProcess(config, { ...studio.env, CALLSHEET_HOST: "ada", ...env });
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

  test.skipIf(withoutNotify)(
    "one that waits for a name tells its service manager, and ends when asked",
    async () => {
      const { socket, messages } = await listen(temporaryFolder());
      const ada = studio.start("ada");
      await happens(() => ada.up, "ada is there");
      await ada.kill();
      const waiting = another({ lease: "10m", env: { NOTIFY_SOCKET: socket } });
      studio.daemons.set("waiting", waiting);
      await happens(() => messages().length >= 2, "systemd is told of the wait");
      // the lease, and what a start may take
      expect(messages()).toEqual([
        "STATUS=waiting whether the daemon that had its name is heard of",
        "EXTEND_TIMEOUT_USEC=900000000",
      ]);
      waiting.child.kill("SIGTERM");
      const { code, words } = await waiting.ended;
      expect(code, words).toBe(0);
      expect(words).toContain("SIGTERM: it waited to start, and does not any more");
    },
  );
});
