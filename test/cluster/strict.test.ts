/** Strict order over the hosts of a cluster: an event reaches b only after a is done with it, whichever of them runs either. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { startProxy } from "../journal/postgres/proxy.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { type TestHost, testCluster } from "./hosts.ts";

const PATIENCE_MS = 90_000;
/** Longer than a take that is slow. */
const LEASE = "6s";
const EVERY_MS = 100;

/** Notes each event at the end of a call that takes so long, ms. */
const noting = (name: string, ms: number) => `import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", async (_sg, _logger, event) => {
    if (${ms} > 0) await wait(${ms});
    appendFileSync(new URL("../notes", import.meta.url), \`${name} \${event.id}\\n\`);
  });
}`;

/** A host takes the lane of a plugin so slowly, in seconds, whatever else it takes meanwhile. */
interface SlowTake {
  host: string;
  lane: string;
  seconds: number;
}

const SLOW_TAKES = `
  CREATE TABLE slow (host text, lane text, seconds int);
  CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_sleep(seconds) FROM slow
      WHERE lane = NEW.name AND slow.host = (SELECT name FROM host WHERE id = NEW.owner);
    RETURN NEW;
  END $$;
  CREATE TRIGGER takes_time BEFORE INSERT ON lane FOR EACH ROW EXECUTE FUNCTION take_time();`;

describe.skipIf(withoutPostgres)("strict order", { timeout: 300_000 }, () => {
  const server = useServer();

  const clusterWith = async (slow: SlowTake[]) => {
    const sandbox = await openTestSandbox();
    const schema = server.freshSchema();
    await (await openPostgresJournal({ url: server.url, schema })).close();
    const client = new pg.Client({ connectionString: server.url, options: `-c search_path=${schema}` });
    await client.connect();
    onTestFinished(() => client.end());
    await client.query(SLOW_TAKES);
    for (const { host, lane, seconds } of slow)
      await client.query("INSERT INTO slow VALUES ($1, $2, $3)", [host, lane, seconds]);
    const shared = { schema, lease: LEASE, hosts: { ada: { weight: 1000 }, bob: { weight: 0.001 } } };
    const cluster = testCluster({
      ...{ sandbox, database: server.url, schema, places: {} },
      plugins: { "a.ts": noting("a", 20), "b.ts": noting("b", 0) },
      more: { order: "strict" },
    });
    /** @param port of the database, as the host reaches it */
    const start = (host: string, port = server.port) =>
      cluster.start(host, {
        cluster: { ...shared, url: Object.assign(new URL(server.url), { port }).href },
      });
    const ownerOf = async (lane: string) => {
      const owner = "SELECT h.name FROM lane JOIN host AS h ON h.id = lane.owner WHERE lane.name = $1";
      return (await client.query<{ name: string }>(owner, [lane])).rows[0]?.name;
    };
    return { start, ownerOf, ...noted(cluster.folder), ...fed(sandbox) };
  };

  /** The site has events all the time. */
  const fed = (sandbox: Sandbox) => {
    let last = 0;
    const feeding = setInterval(() => {
      last = sandbox.site.events.add([CHANGE]).last;
    }, EVERY_MS);
    const stop = () => clearInterval(feeding);
    onTestFinished(stop);
    return {
      stopFeeding: () => {
        stop();
        return last;
      },
    };
  };

  const noted = (folder: string) => {
    const notes = () => {
      const file = join(folder, "notes");
      const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
      return lines.map((line) => line.split(" ") as [plugin: string, id: string]);
    };
    /** By id, how many notes there were before a plugin first had it. */
    const firstBy = (plugin: string) => {
      const first = new Map<number, number>();
      for (const [place, [by, id]] of notes().entries())
        if (by === plugin && !first.has(Number(id))) first.set(Number(id), place);
      return first;
    };
    return {
      count: (plugin: string) => notes().filter(([by]) => by === plugin).length,
      has: (plugin: string, id: number) => firstBy(plugin).has(id),
      repeats: () => notes().length - firstBy("a").size - firstBy("b").size,
      /** Ids that b had before a, and those that only one of them had though both were there. */
      judged: () => {
        const [a, b] = [firstBy("a"), firstBy("b")];
        const begun = Math.max(...[a, b].map((one) => Math.min(...one.keys())));
        const all = [...new Set([...a.keys(), ...b.keys()])].filter((id) => id >= begun);
        return {
          early: all.filter((id) => (b.get(id) ?? Number.POSITIVE_INFINITY) < (a.get(id) ?? -1)),
          lost: all.filter((id) => !a.has(id) || !b.has(id)),
        };
      },
    };
  };
  type Whole = Awaited<ReturnType<typeof clusterWith>>;

  const says = (hosts: TestHost[]) => () =>
    hosts.map(({ name, log }) => log.lines.map(({ message }) => `${name}: ${message}`).join("\n")).join("\n");
  const goesOn = async ({ count }: Whole, told: () => string) => {
    const before = [count("a"), count("b")] as const;
    await until(() => count("a") > before[0] + 5 && count("b") > before[1] + 5, told, PATIENCE_MS);
  };
  const ends = async ({ stopFeeding, has, judged }: Whole, told: () => string) => {
    const last = stopFeeding();
    await until(() => has("a", last) && has("b", last), told, PATIENCE_MS);
    expect(judged()).toEqual({ early: [], lost: [] });
  };

  test("holds when two hosts start at once on an empty database", async () => {
    // neither sees anything of what the other takes before both are at it, though bob lets ada go first by two seconds
    const whole = await clusterWith([
      { host: "ada", lane: "a", seconds: 3 },
      { host: "ada", lane: "b", seconds: 5 },
      { host: "bob", lane: "a", seconds: 5 },
      { host: "bob", lane: "b", seconds: 1 },
    ]);
    const hosts = await Promise.all([whole.start("ada"), whole.start("bob")]);
    await goesOn(whole, says(hosts));
    expect(await whole.ownerOf("a")).toBe(await whole.ownerOf("b"));
    await ends(whole, says(hosts));
  });

  test("holds when its host's line to the database heals while another takes over", async () => {
    const line = await startProxy(server.port);
    onTestFinished(() => line.close());
    const whole = await clusterWith([{ host: "bob", lane: "b", seconds: 3 }]);
    const ada = await whole.start("ada", line.port);
    await goesOn(whole, says([ada]));
    const bob = await whole.start("bob");
    await goesOn(whole, says([ada, bob]));
    line.hold(true);
    await until(async () => (await whole.ownerOf("a")) === "bob", says([ada, bob]), PATIENCE_MS);
    line.hold(false);
    await goesOn(whole, says([ada, bob]));
    expect([await whole.ownerOf("a"), await whole.ownerOf("b")]).toEqual(["bob", "bob"]);
    await ends(whole, says([ada, bob]));
  });

  test("holds when all goes over to another host, at once and once each", async () => {
    // b, which is open sooner, waits for a: so slow that nobody knows after a while whether it was taken
    const whole = await clusterWith([{ host: "bob", lane: "a", seconds: 3 }]);
    const ada = await whole.start("ada");
    await goesOn(whole, says([ada]));
    const bob = await whole.start("bob");
    await goesOn(whole, says([ada, bob]));
    await ada.daemon.stop();
    await goesOn(whole, says([ada, bob]));
    await ends(whole, says([ada, bob]));
    expect(whole.repeats()).toBe(0);
    expect(bob.daemon.status().cluster).toMatchObject({ takeOvers: 0 });
  });
});
