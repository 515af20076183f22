/** A cluster's database that goes back: the daemons refuse it, and a command goes on with it, nothing lost and what comes again marked. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { CLI } from "../chaos/process.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { SOUND, useStudio } from "./use-studio.ts";

const PATIENCE_MS = 120_000;

describe.skipIf(withoutPostgres)("a database that goes back", { timeout: 400_000 }, () => {
  const server = useServer();
  const used = useStudio(server);
  const { verdicts, happens, happen, delivered } = used;
  const stop = async (host: string) => {
    const daemon = used.studio.daemons.get(host)!;
    daemon.child.kill("SIGTERM");
    expect(await daemon.ended).toMatchObject({ code: 0 });
  };
  const refused = async (host: string) => {
    const daemon = used.studio.start(host);
    await happens(() => !daemon.running, `${host} is refused`);
    const { code, words } = await daemon.ended;
    expect(code).not.toBe(0);
    expect(words).toContain("STATE_RESTORED");
    return words;
  };
  const repair = async (host: string) => {
    const env = { ...used.studio.env, CALLSHEET_HOST: host };
    const args = [CLI, "repair", "--cluster", "--config", used.studio.config, "--json"];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  };
  const ask = async (statement: string) => {
    const client = new pg.Client({ connectionString: server.url, options: `-c search_path=${used.schema}` });
    await client.connect();
    const { rows } = await client.query(statement).finally(() => client.end());
    return rows;
  };
  /** After a repair: all is delivered, what comes again says so, and the hosts take the database. */
  const goesOn = async () => {
    for (const host of ["ada", "bob"]) used.studio.start(host);
    await delivered(5);
    for (const verdict of verdicts()) expect(verdict).toMatchObject(SOUND);
  };

  test("while all daemons were stopped: refused at the start, mended, and gone on with", async () => {
    for (const host of ["ada", "bob"]) used.studio.start(host);
    await delivered(20);
    await stop("ada");
    // as it is in the middle of one: it is done a moment later
    await ask("INSERT INTO command (id, lane, asker, request) VALUES ('c', 'nobody', 'ada', '{}')");
    await server.backUp();
    await ask("DELETE FROM command");
    await delivered(30);
    await stop("bob");
    happen(5);
    await server.restore();
    expect(await refused("bob")).toMatch(/is older than this host has seen it.*callsheet repair --cluster/s);
    const report = await repair("bob");
    expect(report.events).toBe(35);
    expect(await ask("SELECT id FROM command")).toEqual([]);
    await goesOn();
    // bob knew what both had had
    for (const { repeats } of verdicts()) expect(repeats).toBe(0);
    expect(await repair("bob")).toEqual({ sound: true });
  });

  test("under daemons that run: they give up, and do not take it for sound afterwards", async () => {
    for (const host of ["ada", "bob"]) used.studio.start(host);
    await delivered(10);
    await server.backUp();
    await delivered(20);
    await server.restore();
    for (const host of ["ada", "bob"]) {
      await happens(() => !used.studio.daemons.get(host)!.running, `${host} gives up`);
      const { code, words } = await used.studio.daemons.get(host)!.ended;
      expect(code).not.toBe(0);
      expect(words).toContain("STATE_RESTORED");
      await refused(host);
    }
    await repair("ada");
    await goesOn();
  });

  test("that others went on from already is refused too, by who saw more of it", async () => {
    used.studio.start("ada");
    await delivered(3);
    await stop("ada");
    await server.backUp();
    used.studio.start("bob");
    await delivered(10);
    await stop("bob");
    const seen = await readerVersion();
    await server.restore();
    used.studio.start("ada");
    await happens(
      () =>
        used.studio
          .notes("one")
          .some(({ redelivered, id }, i, all) => !redelivered && all.findIndex((n) => n.id === id) < i),
      "ada delivers again",
    );
    const grown = async () => {
      happen(1);
      return readerVersion();
    };
    await expect.poll(grown, { timeout: PATIENCE_MS }).toBeGreaterThan(seen + 20);
    await stop("ada");
    await refused("bob");
  });

  test("emptied: refused, and made again from what a host has seen", async () => {
    for (const host of ["ada", "bob"]) used.studio.start(host);
    await delivered(20);
    await stop("bob");
    await stop("ada");
    await query(`DROP SCHEMA ${used.schema} CASCADE`);
    happen(7);
    expect(await refused("ada")).toContain("another database than this host has seen, or an emptied one");
    const { stderr } = await repair("cyd").catch((error) => error);
    expect(stderr).toMatch(/does not know how far the database .* was.*on the host that ran last/s);
    const report = await repair("ada");
    expect(report).toMatchObject({ events: 7, plugins: [{ doubtful: 7 }, { doubtful: 7 }] });
    used.studio.start("ada");
    await delivered(5);
    for (const verdict of verdicts()) expect(verdict).toMatchObject({ ...SOUND, repeats: 0 });
    // what it has seen is what ada's repair went on from
    used.studio.start("bob");
    await stop("ada");
    await delivered(5);
    for (const verdict of verdicts()) expect(verdict).toMatchObject({ ...SOUND, repeats: 0 });
  });

  test("emptied in part: who took the reader's lease before does not count after the repair", async () => {
    for (let run = 0; run < 3; run += 1) {
      used.studio.start("ada");
      await delivered(5);
      await stop("ada");
    }
    // as after starts without an event between them
    await query(`UPDATE ${used.schema}.tenure SET version = epoch`);
    await query(
      `TRUNCATE ${["event", "reader", "lane"].map((table) => `${used.schema}.${table}`).join(", ")} CASCADE`,
    );
    happen(7);
    await refused("ada");
    await repair("ada");
    used.studio.start("ada");
    await delivered(5);
    for (const verdict of verdicts()) expect(verdict).toMatchObject(SOUND);
  });

  async function query<T>(text: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows as T[];
  }

  async function readerVersion(): Promise<number> {
    const [row] = await query<{ version: string }>(`SELECT version FROM ${used.schema}.reader`);
    return Number(row!.version);
  }
});
