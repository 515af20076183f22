/** What `callsheet check` says of a cluster. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterHere, clusterSection } from "../../src/config-cluster.ts";
import { checkCluster } from "../../src/daemon/check-cluster.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../journal/postgres/server.ts";

const missing = await postgresMissing();
if (missing) console.warn(`SKIPPED: ${missing}`);

describe.skipIf(missing !== null)("a label that a plugin needs", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const found = async (env: Record<string, string> = {}) => {
    const hosts = { render01: { labels: ["render"] } };
    const said = { url: server.url, hosts, runsOn: { thumbnails: "render", encode: "gpu" } };
    const cluster = clusterSection.parse(said) as Parameters<typeof clusterHere>[0];
    return checkCluster(clusterHere(cluster, env));
  };

  test("and no host is known to have is told, until one has it: in the configuration, here or in the cluster", async () => {
    const warned = { status: "warn", what: "cluster.runsOn" };
    expect(await found()).toMatchObject([
      { status: "ok" },
      { status: "ok" },
      { ...warned, detail: "no host is known to have the label gpu, which encode needs; it would wait" },
    ]);
    expect(await found({ CALLSHEET_LABELS: "gpu" })).toHaveLength(2);
    const member = { name: "ada", labels: ["gpu"], weight: 1, leaseMs: 15_000, version: "1.0.0", url: null };
    const journal = await openPostgresJournal({ url: server.url, member });
    expect(await found()).toHaveLength(2);
    await journal.close();
  });
});
