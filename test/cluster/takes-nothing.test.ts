/** A cluster whose database answers, and takes nothing for a while: it is told, waited for, and all goes on. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { SOUND, useStudio } from "./use-studio.ts";

describe.skipIf(withoutPostgres)("a database that takes nothing", { timeout: 400_000 }, () => {
  const server = useServer();
  const used = useStudio(server);
  const { verdicts, happens, happen, delivered } = used;
  const ask = async (text: string) => {
    const options = `-c search_path=${used.schema} -c default_transaction_read_only=off`;
    const client = new pg.Client({ connectionString: server.url, options });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  const goesOn = async () => {
    await delivered(5);
    for (const verdict of verdicts()) expect(verdict).toMatchObject(SOUND);
    const ada = used.studio.daemons.get("ada")!;
    expect(ada.running).toBe(true);
    expect(used.studio.words()).not.toContain("HOST_EXITED");
  };

  test("since its disk is full: plugins and reader wait for room", async () => {
    used.studio.start("ada");
    await delivered(5);
    await ask(`
      CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER no_room BEFORE UPDATE ON lane EXECUTE FUNCTION full_disk()`);
    happen(5);
    const isTold = (logger: string) =>
      happens(
        () => used.studio.words().includes(`"logger":"${logger}","code":"STATE_FULL"`),
        `${logger} waits`,
      );
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
    used.studio.start("ada");
    await delivered(5);
    await ask("ALTER DATABASE postgres SET default_transaction_read_only = on");
    await ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'callsheet'");
    happen(5);
    await happens(() => used.studio.words().includes("takes nothing since"), "it is told");
    expect(used.studio.words()).not.toContain("has not answered since");
    await ask("ALTER DATABASE postgres RESET ALL");
    await happens(() => used.studio.words().includes("takes what it is given again"), "its end is told");
    await goesOn();
  });
});
