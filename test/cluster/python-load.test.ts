/** A Python plugin that does not load, on a host that does not read the site: whether the site is to blame is asked there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { startProxy } from "../journal/postgres/proxy.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { testCluster } from "./hosts.ts";

const WHOLE = `def registerCallbacks(reg):
    reg.registerCallback("s", "k", note)


def note(sg, logger, event, args):
    pass
`;

describe.skipIf(withoutPostgres)("a Python plugin of a host that does not read", { timeout: 120_000 }, () => {
  const server = useServer();

  /** ada reads; `theirs` is for bob, who has a line to the site of his own. */
  const pair = async (sandbox: Sandbox, source: (bobsSite: string) => string) => {
    const line = await startProxy(Number(new URL(sandbox.url).port));
    onTestFinished(() => line.close());
    const url = Object.assign(new URL(sandbox.url), { port: line.port }).origin;
    const cluster = testCluster({
      sandbox,
      database: server.url,
      schema: server.freshSchema(),
      plugins: { "theirs.py": source(url) },
      places: { theirs: "bob" },
    });
    const ada = await cluster.start("ada");
    await until(() => ada.daemon.status().site.state === "connected");
    const { scriptName, scriptKey } = sandbox;
    const startBob = () => cluster.start("bob", { site: { url, scriptName, scriptKey } });
    return { cluster, line, startBob };
  };

  test("is unloadable when the site answers, and loaded again once it is mended", async () => {
    const sandbox = await openTestSandbox();
    const { cluster, startBob } = await pair(
      sandbox,
      () => "def registerCallbacks(reg):\n    raise KeyError('SHOW')\n",
    );
    const bob = await startBob();
    const theirs = () => bob.daemon.plugin("theirs");
    await until(() => theirs()?.activity === "unloadable", undefined, 60_000);
    expect(theirs()?.loadError?.message).toContain("KeyError: 'SHOW'");
    expect(bob.daemon.status().site.state).toBe("never");
    writeFileSync(join(cluster.folder, "plugins", "theirs.py"), WHOLE);
    await until(() => theirs()?.activity === "running");
  });

  test("is loaded again until the site answers that host, though it answers another", async () => {
    const sandbox = await openTestSandbox();
    const { line, startBob } = await pair(
      sandbox,
      (url) => `import urllib.request


def registerCallbacks(reg):
    try:
        urllib.request.urlopen("${url}").close()
    except OSError:
        raise RuntimeError("no schema of the show")
    reg.registerCallback("s", "k", print)
`,
    );
    line.refuse(true);
    const bob = await startBob();
    await bob.log.line(/no schema of the show .* It is loaded again in 2 s\./);
    expect(bob.daemon.plugin("theirs")?.activity).toBe("loading");
    line.refuse(false);
    await until(() => bob.daemon.plugin("theirs")?.activity === "running", undefined, 60_000);
  });
});
