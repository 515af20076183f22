/** A cluster's database that goes back: the daemons refuse it, and a command goes on with it, nothing lost and what comes again marked. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { CLI } from "../chaos/process.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 120_000;
const SOUND = { lost: [], unmarked: [], disorder: 0 };

describe.skipIf(withoutPostgres)("a database that goes back", { timeout: 400_000 }, () => {
  const server = useServer();
  let sandbox!: Sandbox;
  let studio: ClusterStudio;
  let visible: number[] = [];
  let schema = "";

  beforeEach(async () => {
    sandbox = await openSandbox();
    visible = [];
    schema = server.freshSchema();
    const { newestId } = sandbox.site.events;
    const cluster = { url: server.url, schema, lease: "3s" };
    studio = new ClusterStudio(sandbox, cluster, { start: newestId + 1 });
    for (const name of ["one", "two"]) studio.add(name);
  });
  afterEach(async () => {
    await studio.end();
    await sandbox.close();
  });

  const happens = (condition: () => boolean, what: string) =>
    until(condition, () => `not: ${what}\n${JSON.stringify(verdicts())}\n${studio.words()}`, PATIENCE_MS);
  const verdicts = () => studio.plugins.map((name) => studio.judge(name, visible));
  const happen = (number: number) => {
    const { first, last } = sandbox.site.events.add(Array.from({ length: number }, () => CHANGE));
    for (let id = first; id <= last; id += 1) visible.push(id);
  };
  const delivered = async (number: number) => {
    happen(number);
    await happens(() => verdicts().every(({ lost }) => lost.length === 0), "everything is delivered");
  };
  const stop = async (host: string) => {
    const daemon = studio.daemons.get(host)!;
    daemon.child.kill("SIGTERM");
    expect(await daemon.ended).toMatchObject({ code: 0 });
  };
  const refused = async (host: string) => {
    const daemon = studio.start(host);
    await happens(() => !daemon.running, `${host} is refused`);
    const { code, words } = await daemon.ended;
    expect(code).not.toBe(0);
    expect(words).toContain("STATE_RESTORED");
    return words;
  };
  const repair = async (host: string) => {
    const env = { ...studio.env, CALLSHEET_HOST: host };
    const args = [CLI, "repair", "--cluster", "--config", studio.config, "--json"];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  };
  const ask = async (statement: string) => {
    const client = new pg.Client({ connectionString: server.url, options: `-c search_path=${schema}` });
    await client.connect();
    const { rows } = await client.query(statement).finally(() => client.end());
    return rows;
  };
  /** After a repair: all is delivered, what comes again says so, and the hosts take the database. */
  const goesOn = async () => {
    for (const host of ["ada", "bob"]) studio.start(host);
    await delivered(5);
    for (const verdict of verdicts()) expect(verdict).toMatchObject(SOUND);
  };

  test("while all daemons were stopped: refused at the start, mended, and gone on with", async () => {
    for (const host of ["ada", "bob"]) studio.start(host);
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
    for (const host of ["ada", "bob"]) studio.start(host);
    await delivered(10);
    await server.backUp();
    await delivered(20);
    await server.restore();
    for (const host of ["ada", "bob"]) {
      await happens(() => !studio.daemons.get(host)!.running, `${host} gives up`);
      const { code, words } = await studio.daemons.get(host)!.ended;
      expect(code).not.toBe(0);
      expect(words).toContain("STATE_RESTORED");
      await refused(host);
    }
    await repair("ada");
    await goesOn();
  });

  test("that others went on from already is refused too, by who saw more of it", async () => {
    studio.start("ada");
    await delivered(3);
    await stop("ada");
    await server.backUp();
    studio.start("bob");
    await delivered(10);
    await stop("bob");
    const seen = await readerVersion();
    await server.restore();
    studio.start("ada");
    await happens(
      () =>
        studio
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
    for (const host of ["ada", "bob"]) studio.start(host);
    await delivered(20);
    await stop("bob");
    await stop("ada");
    await query(`DROP SCHEMA ${schema} CASCADE`);
    happen(7);
    expect(await refused("ada")).toContain("another database than this host has seen, or an emptied one");
    const report = await repair("ada");
    expect(report).toMatchObject({ events: 7, plugins: [{ doubtful: 7 }, { doubtful: 7 }] });
    studio.start("ada");
    await delivered(5);
    for (const verdict of verdicts()) expect(verdict).toMatchObject({ ...SOUND, repeats: 0 });
    // what it has seen is what ada's repair went on from
    studio.start("bob");
    await stop("ada");
    await delivered(5);
    for (const verdict of verdicts()) expect(verdict).toMatchObject({ ...SOUND, repeats: 0 });
  });

  test("emptied in part: who took the reader's lease before does not count after the repair", async () => {
    for (let run = 0; run < 3; run += 1) {
      studio.start("ada");
      await delivered(5);
      await stop("ada");
    }
    // as after starts without an event between them
    await query(`UPDATE ${schema}.tenure SET version = epoch`);
    await query(
      `TRUNCATE ${["event", "reader", "lane"].map((table) => `${schema}.${table}`).join(", ")} CASCADE`,
    );
    happen(7);
    await refused("ada");
    await repair("ada");
    studio.start("ada");
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
    const [row] = await query<{ version: string }>(`SELECT version FROM ${schema}.reader`);
    return Number(row!.version);
  }
});
