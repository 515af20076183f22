/** What `callsheet check` says of a cluster. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { clusterHere, clusterSection } from "../../src/config-cluster.ts";
import { checkCluster } from "../../src/daemon/check-cluster.ts";
import { keptBy, openState } from "../../src/daemon/open-state.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { openSqliteSource } from "../../src/journal/sqlite/moving/source.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../journal/postgres/server.ts";
import { appendIds, refusal } from "../journal/support.ts";
import { TestLog, temporaryFolder } from "./rig.ts";

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
    return checkCluster(clusterHere(cluster, env), join(temporaryFolder(), "ada"));
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

describe.skipIf(missing !== null)(
  "what a start would be refused with, a check tells too",
  { timeout: 60_000 },
  () => {
    let server: PostgresServer;
    let schemas = 0;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.stop());

    async function host() {
      schemas += 1;
      const schema = `check${schemas}`;
      const folder = temporaryFolder();
      const state = join(folder, "ada");
      mkdirSync(state);
      const said = { url: server.url, schema, lease: "3s" };
      const cluster = clusterSection.parse(said) as Parameters<typeof clusterHere>[0];
      const here = clusterHere(cluster, { CALLSHEET_HOST: "ada" });
      const check = () => checkCluster(here, state);
      const start = () => openState({ state, cluster: here, order: "independent" }, new TestLog());
      const open = (kept = keptBy(state)) => {
        const member = { name: "ada", labels: [], weight: 1, leaseMs: 3000, version: "1.0.0" };
        return openPostgresJournal({ url: server.url, schema, member, ...kept });
      };
      const ask = async (text: string) => {
        const client = new pg.Client({ connectionString: server.url, options: `-c search_path=${schema}` });
        await client.connect();
        await client.query(text).finally(() => client.end());
      };
      return { schema, folder, check, start, open, ask };
    }
    async function aStateIn(folder: string) {
      const journal = await openSqliteJournal({ folder });
      await appendIds(journal, [1]);
      await journal.close();
    }
    const FINE = [{ status: "ok" }, { status: "ok" }];
    const failing = (detail: RegExp) => [
      { status: "fail", what: "cluster", detail: expect.stringMatching(detail), cure: expect.any(String) },
    ];

    test("a state that was moved away, and a newer one", async () => {
      const { check, open, ask } = await host();
      await (await open()).close();
      expect(await check()).toMatchObject(FINE);
      await ask(
        "INSERT INTO move (one, kind, id, other, at) VALUES (1, 'left', 'm', '/var/lib/callsheet', '2026-01-01')",
      );
      expect(await check()).toMatchObject(failing(/was moved to \/var\/lib\/callsheet/));
      await ask("DELETE FROM move; UPDATE format SET version = 99, oldest = 99");
      expect(await check()).toMatchObject(failing(/is of a newer Callsheet/));
    });

    test("a database that this host knew, and is gone", async () => {
      const { schema, check, open, ask } = await host();
      await (await open()).close();
      await ask(`DROP SCHEMA ${schema} CASCADE`);
      expect(await check()).toMatchObject(
        failing(/is another database than this host has seen, or an emptied one/),
      );
    });

    test("the name of a daemon that runs elsewhere, and not of the one of this host", async () => {
      const { check, open } = await host();
      const own = await open();
      expect(await check()).toMatchObject(FINE);
      await own.close();
      const other = await open(keptBy(temporaryFolder()));
      onTestFinished(() => other.close());
      expect(await check()).toMatchObject(failing(/Another daemon of the cluster runs with the name ada/));
    });

    test("an empty database beside the state of a single machine", async () => {
      const { folder, check } = await host();
      await aStateIn(folder);
      expect(await check()).toMatchObject(failing(/there is a state of a single machine in/));
    });

    test("an empty database beside a state whose move was broken off", async () => {
      const { folder, check, start } = await host();
      await aStateIn(folder);
      const source = await openSqliteSource(folder);
      await source.setMark({ kind: "leaving", id: "m", other: "the database", at: "2026-01-01" });
      await source.close();
      const unfinished = /^The move of the state in .* to the database has not finished\.$/;
      expect(await check()).toMatchObject(failing(unfinished));
      const refused = await refusal(start());
      expect(refused).toMatchObject({ code: "STATE_MOVED", message: expect.stringMatching(unfinished) });
    });
  },
);
