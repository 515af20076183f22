/** Daemons of one cluster within the test's own process, each with its server; plugins stay where the test puts them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { loadConfig } from "../../src/config-file.ts";
import type { Daemon } from "../../src/daemon/daemon.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { TestLog, temporaryFolder } from "../daemon/rig.ts";
import { type Asking, asking } from "../server/rig.ts";
import { clusterConfig } from "./common.ts";

export interface TestHost extends Asking {
  name: string;
  daemon: Daemon;
  log: TestLog;
  state: string;
}

export interface TestCluster {
  folder: string;
  /** Its configuration; each host has a state folder of its own. */
  config: string;
  /** @param own configuration of this host alone */
  start(host: string, own?: object): Promise<TestHost>;
}

export interface ClusterOptions {
  sandbox: Sandbox;
  database: string;
  schema: string;
  /** Source by file name. */
  plugins: Record<string, string>;
  /** Host by plugin. */
  places: Record<string, string>;
  hosts?: readonly string[];
  /** More of the configuration. */
  more?: object;
}

export function testCluster({
  sandbox,
  database,
  schema,
  plugins,
  places,
  hosts = ["ada", "bob"],
  more = {},
}: ClusterOptions): TestCluster {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "plugins"));
  for (const [name, source] of Object.entries(plugins)) writeFileSync(join(folder, "plugins", name), source);
  const config = clusterConfig(
    sandbox,
    {
      ...{ url: database, schema, lease: "3s", runsOn: places },
      hosts: Object.fromEntries(hosts.map((host) => [host, { labels: [host] }])),
    },
    { reloadInterval: "50ms", ...more },
  );
  const file = join(folder, "callsheet.config.json");
  const text = (state: string, own = {}) => JSON.stringify({ ...config, state, ...own });
  writeFileSync(file, text(join(folder, "state")));
  return {
    folder,
    config: file,
    async start(host, own) {
      const ownFile = join(folder, `${host}.config.json`);
      const state = join(folder, host);
      writeFileSync(ownFile, text(state, own));
      const log = new TestLog();
      const loaded = await loadConfig(ownFile, {
        cwd: folder,
        env: { ...process.env, CALLSHEET_HOST: host },
      });
      const daemon = await startDaemon({ config: loaded, log });
      onTestFinished(() => daemon.stop());
      return { name: host, daemon, log, state, ...asking(daemon) };
    },
  };
}
