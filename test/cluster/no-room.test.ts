/** A cluster whose database has no room for what a daemon writes now and then: that is told and tried again, and the daemon goes on. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { NO_FILE } from "../../src/daemon/cluster/agreement.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { CHANGE, failing, ids, recorder } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { type TestHost, testCluster } from "./hosts.ts";

const PATIENCE_MS = 60_000;
/** Of a host that comes first for every plugin. */
const HEAVY = 1_000_000;

describe.skipIf(withoutPostgres)("a database without room", { timeout: 200_000 }, () => {
  const server = useServer();
  let schema = "";
  const ask = async (text: string) => {
    const client = new pg.Client({ connectionString: server.url, options: `-c search_path=${schema}` });
    await client.connect();
    return (await client.query(text).finally(() => client.end())).rows;
  };
  /** For these writes to a table. */
  const full = (writes: string, table: string, when = "true") =>
    ask(
      `CREATE TRIGGER no_room BEFORE ${writes} ON ${table} FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION full_disk()`,
    );
  const roomAgain = (table: string) => ask(`DROP TRIGGER no_room ON ${table}`);
  const studio = async (places: Record<string, string>, more: object = {}, one = recorder("one")) => {
    const sandbox = await openTestSandbox();
    const plugins = { "one.ts": one };
    const start = sandbox.site.events.newestId + 1;
    const options = { sandbox, database: server.url, schema, plugins, places };
    return { sandbox, cluster: testCluster({ ...options, more: { start, ...more } }) };
  };
  const tells = (ada: TestHost, text: string) =>
    until(
      () => ada.log.lines.some(({ message }) => message.includes(text)),
      () => JSON.stringify(ada.log.lines),
      PATIENCE_MS,
    );
  const isAbsent = async () =>
    (await ask("SELECT FROM lane WHERE name = 'one' AND state = 'absent' AND owner IS NULL")).length === 1;
  const delivered = (folder: string, all: number[]) =>
    until(
      () => ids(folder, "one").length === all.length,
      () => JSON.stringify(ids(folder, "one")),
      PATIENCE_MS,
    ).then(() => expect(ids(folder, "one")).toEqual(all));

  beforeEach(async () => {
    schema = server.freshSchema();
    // the tables are there
    await (await openPostgresJournal({ url: server.url, schema })).close();
    await ask(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`);
  });

  test("for the first lanes: nothing is read before they have their places", async () => {
    await full("INSERT", "lane");
    const { sandbox, cluster } = await studio({});
    const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
    const ada = await cluster.start("ada");
    await tells(ada, "No event is lost; trying again");
    expect(await ask("SELECT FROM event")).toHaveLength(0);
    await roomAgain("lane");
    await delivered(cluster.folder, [first, first + 1]);
  });

  test("for the place of a plugin whose label no host has", async () => {
    const { sandbox, cluster } = await studio({ two: "gpu" });
    const ada = await cluster.start("ada");
    const { first } = sandbox.site.events.add([CHANGE]);
    await delivered(cluster.folder, [first]);
    await full("INSERT", "lane");
    writeFileSync(join(cluster.folder, "plugins", "two.ts"), recorder("two"));
    await tells(ada, "New plugins cannot be given their place");
    sandbox.site.events.add([CHANGE]);
    await delivered(cluster.folder, [first, first + 1]);
    await roomAgain("lane");
    await until(
      async () => (await ask("SELECT FROM lane WHERE name = 'two'")).length === 1,
      undefined,
      PATIENCE_MS,
    );
  });

  test("for the lease of all lanes, where the order is strict", async () => {
    await full("INSERT", "together");
    const { sandbox, cluster } = await studio({}, { order: "strict" });
    const ada = await cluster.start("ada");
    await tells(ada, "The plugins cannot be started: The disk of the database");
    const { first } = sandbox.site.events.add([CHANGE]);
    await roomAgain("together");
    await delivered(cluster.folder, [first]);
    // looks come many times a second
    expect(ada.log.lines.filter(({ code }) => code === "STATE_FULL").length).toBeLessThan(30);
  });

  test("for a plugin's record when its file is removed", async () => {
    const { sandbox, cluster } = await studio({});
    const ada = await cluster.start("ada");
    const { first } = sandbox.site.events.add([CHANGE]);
    await delivered(cluster.folder, [first]);
    await full("UPDATE", "lane");
    const path = join(cluster.folder, "plugins", "one.ts");
    rmSync(path);
    await tells(ada, "The removal of one cannot be stored");
    await roomAgain("lane");
    await until(isAbsent, undefined, PATIENCE_MS);
    writeFileSync(path, recorder("one"));
    sandbox.site.events.add([CHANGE]);
    await delivered(cluster.folder, [first, first + 1]);
  });

  test("for the failure of a plugin: it is stored when there is room, though its lease has run out meanwhile", async () => {
    const { sandbox, cluster } = await studio({}, {}, failing("one"));
    const ada = await cluster.start("ada");
    const { first } = sandbox.site.events.add([CHANGE]);
    await delivered(cluster.folder, [first]);
    await full("UPDATE", "lane");
    writeFileSync(join(cluster.folder, "go"), "");
    const told = () => ada.log.lines.filter(({ name, code }) => name === "plugins" && code === "STATE_FULL");
    // it is told again after longer than the lease lasts
    await until(() => told().length === 2, undefined, PATIENCE_MS);
    await roomAgain("lane");
    const isStored = async () => (await ask("SELECT FROM lane WHERE state = 'failed'")).length === 1;
    await until(isStored, () => JSON.stringify(ada.log.lines), PATIENCE_MS);
    expect(ids(cluster.folder, "one")).toEqual([first]);
  });

  test("for the removal of a plugin until the daemon is stopped: the plugin is given back then", async () => {
    const { sandbox, cluster } = await studio({});
    const ada = await cluster.start("ada");
    const { first } = sandbox.site.events.add([CHANGE]);
    await delivered(cluster.folder, [first]);
    // there is room again when it is given back
    await full("UPDATE", "lane", "NEW.owner IS NOT NULL");
    rmSync(join(cluster.folder, "plugins", "one.ts"));
    await tells(ada, "The removal of one cannot be stored");
    await ada.daemon.stop();
    expect(await ask("SELECT owner FROM lane")).toEqual([{ owner: null }]);
  });

  test("for the removal of a plugin that a better host could have: it stays until that is stored", async () => {
    const { sandbox, cluster } = await studio({});
    writeFileSync(join(cluster.folder, "plugins", "two.ts"), recorder("two"));
    const ada = await cluster.start("ada");
    const { first } = sandbox.site.events.add([CHANGE]);
    await delivered(cluster.folder, [first]);
    const better = await openPostgresJournal({
      ...{ url: server.url, schema },
      member: { name: "better", labels: [], weight: HEAVY, version: "1", leaseMs: 3000 },
    });
    onTestFinished(() => better.close());
    const [one, two] = (await ask("SELECT id FROM lane ORDER BY name")).map(({ id }) => id as string);
    await better.cluster!.tellMoves({ offers: {}, ready: [one!, two!] });
    await better.cluster!.tellCopies({ [one!]: { sha256: NO_FILE, changedAt: 0 } });
    // it has been there for long enough to be given what it is better for
    await tells(ada, "two is handed over to better");
    await full("UPDATE", "lane", "NEW.name = 'one'");
    rmSync(join(cluster.folder, "plugins", "one.ts"));
    await tells(ada, "The removal of one cannot be stored");
    await better.cluster!.tellCopies({});
    const told = () => ada.log.lines.filter(({ message }) => message.startsWith("The removal of one"));
    // after many looks
    await until(
      () => told().length === 2,
      () => JSON.stringify(ada.log.lines),
      PATIENCE_MS,
    );
    expect(ada.log.lines.filter(({ message }) => message.startsWith("one is handed over"))).toEqual([]);
    await roomAgain("lane");
    await until(isAbsent, undefined, PATIENCE_MS);
  });

  test("for where a plugin that was moved is now: its lane is let go, and opened again", async () => {
    const { sandbox, cluster } = await studio({});
    const before = await cluster.start("ada");
    const { first } = sandbox.site.events.add([CHANGE]);
    await delivered(cluster.folder, [first]);
    await before.daemon.stop();
    await ask("UPDATE lane SET path = '/gone/one.ts'");
    // whoever takes the lease raises its epoch, and can; the first that is written by it meets no room
    await ask(`
      CREATE SEQUENCE attempts;
      CREATE FUNCTION full_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('attempts') = 1 THEN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END IF;
        RETURN NEW; END $$;
      CREATE TRIGGER no_room BEFORE UPDATE ON lane FOR EACH ROW WHEN (NEW.epoch = OLD.epoch) EXECUTE FUNCTION full_once()`);
    const ada = await cluster.start("ada");
    await tells(ada, "one cannot be started: The disk of the database");
    sandbox.site.events.add([CHANGE]);
    await delivered(cluster.folder, [first, first + 1]);
  });
});
