/** A cluster whose database answers, and takes nothing for a while: it is told, waited for, and all goes on. */
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 120_000;

describe.skipIf(withoutPostgres)("a database that takes nothing", { timeout: 400_000 }, () => {
  const server = useServer();
  let sandbox!: Sandbox;
  let studio: ClusterStudio;
  let visible: number[] = [];
  let schema = "";

  beforeEach(async () => {
    sandbox = await openSandbox();
    visible = [];
    schema = server.freshSchema();
    const cluster = { url: server.url, schema, lease: "3s" };
    studio = new ClusterStudio(sandbox, cluster, { start: sandbox.site.events.newestId + 1 });
    for (const name of ["one", "two"]) studio.add(name);
  });
  afterEach(async () => {
    await studio.end();
    await sandbox.close();
  });

  const verdicts = () => studio.plugins.map((name) => studio.judge(name, visible));
  const happens = (condition: () => boolean, what: string) =>
    until(condition, () => `not: ${what}\n${JSON.stringify(verdicts())}\n${studio.words()}`, PATIENCE_MS);
  const happen = (number: number) => {
    const { first, last } = sandbox.site.events.add(Array.from({ length: number }, () => CHANGE));
    for (let id = first; id <= last; id += 1) visible.push(id);
  };
  const delivered = () =>
    happens(() => verdicts().every(({ lost }) => lost.length === 0), "everything is delivered");
  const ask = async (text: string) => {
    const options = `-c search_path=${schema} -c default_transaction_read_only=off`;
    const client = new pg.Client({ connectionString: server.url, options });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  const goesOn = async () => {
    happen(5);
    await delivered();
    for (const verdict of verdicts()) expect(verdict).toMatchObject({ lost: [], unmarked: [], disorder: 0 });
    const ada = studio.daemons.get("ada")!;
    expect(ada.running).toBe(true);
    expect(studio.words()).not.toContain("HOST_EXITED");
  };

  test("since its disk is full: plugins and reader wait for room", async () => {
    studio.start("ada");
    happen(5);
    await delivered();
    await ask(`
      CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER no_room BEFORE UPDATE ON lane EXECUTE FUNCTION full_disk()`);
    happen(5);
    const isTold = (logger: string) =>
      happens(() => studio.words().includes(`"logger":"${logger}","code":"STATE_FULL"`), `${logger} waits`);
    await isTold("plugins");
    await ask(
      ["reader", "event", "host", "said"]
        .map(
          (table) =>
            `CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON ${table} EXECUTE FUNCTION full_disk()`,
        )
        .join(";"),
    );
    happen(5);
    await isTold("reader");
    await ask(
      ["lane", "reader", "event", "host", "said"]
        .map((table) => `DROP TRIGGER no_room ON ${table}`)
        .join(";"),
    );
    await goesOn();
  });

  test("since it is read-only: it is told as that, and not as one that does not answer", async () => {
    studio.start("ada");
    happen(5);
    await delivered();
    await ask("ALTER DATABASE postgres SET default_transaction_read_only = on");
    await ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'callsheet'");
    happen(5);
    await happens(() => studio.words().includes("takes nothing since"), "it is told");
    expect(studio.words()).not.toContain("has not answered since");
    await ask("ALTER DATABASE postgres RESET ALL");
    await happens(() => studio.words().includes("takes what it is given again"), "its end is told");
    await goesOn();
  });
});
