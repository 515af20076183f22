/** Three daemons over one real PostgreSQL: what happens to events when one of them dies, freezes, or is asked to stop. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Shotgun } from "../../src/client/shotgun.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { until } from "../daemon/rig.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../journal/postgres/server.ts";
import { python } from "../plugins-python/python.ts";
import { ClusterStudio } from "./studio.ts";

const missing = await postgresMissing();
if (missing) console.warn(`SKIPPED: ${missing}`);

const LEASE_MS = 5000;
/** Takes its time over some events, and then makes a shot of them: many a freeze falls into the pause. */
const WRITES = `if (event.id % 20 === 0) {
      await wait(600);
      await sg.create("Shot", { project: { type: "Project", id: 1 }, code: \`event \${event.id} \${process.env.CALLSHEET_HOST}\` });
    }`;
const CHANGE = { event_type: "Shotgun_Task_Change", attribute_name: "sg_status_list" };
const HOSTS = ["ada", "bob", "cyd"];
const PATIENCE_MS = 90_000;

describe.skipIf(missing !== null)("a cluster", { timeout: 300_000 }, () => {
  let server: PostgresServer;
  let sandbox!: Sandbox;
  let studio: ClusterStudio;
  let visible: number[] = [];
  let feeding: NodeJS.Timeout | null = null;
  let count = 0;

  beforeAll(async () => {
    server = await startPostgres(["fsync=off"]);
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    if (feeding) clearInterval(feeding);
    feeding = null;
    await studio?.end();
    await sandbox?.close();
  });

  const makeEvents = (number: number) => {
    const { first, last } = sandbox.site.events.add(Array.from({ length: number }, () => CHANGE));
    for (let id = first; id <= last; id += 1) visible.push(id);
  };
  /** Three daemons, with events coming in, of which every plugin has had some. */
  const running = async (
    plugins: readonly string[],
    more: object = {},
    special: Record<string, string> = {},
  ) => {
    sandbox = await openSandbox();
    count += 1;
    visible = [];
    const { newestId } = sandbox.site.events;
    const config = { url: server.url, schema: `cluster_${count}`, lease: "5s" };
    studio = new ClusterStudio(sandbox, config, { start: newestId + 1, ...more });
    for (const name of plugins) studio.add(name);
    for (const [name, before] of Object.entries(special)) studio.add(name, before);
    for (const host of HOSTS) studio.start(host);
    feeding = setInterval(() => makeEvents(1), 50);
    await happens(
      () => plugins.every((name) => studio.notes(name).length > 20),
      "every plugin has had events",
    );
  };
  const happens = (condition: () => boolean | Promise<boolean>, what: string) =>
    until(condition, () => `not: ${what}\n${studio.words()}`, PATIENCE_MS);
  /** No more events come; everything is delivered. */
  const settled = async () => {
    if (feeding) clearInterval(feeding);
    makeEvents(1);
    await happens(
      () => studio.plugins.every((name) => studio.judge(name, visible).lost.length === 0),
      "everything is delivered",
    );
  };
  const verdicts = () => studio.plugins.map((name) => ({ name, ...studio.judge(name, visible) }));
  const sound = { lost: [], unmarked: [], disorder: 0 };

  test("whose busiest daemon is killed goes on within the lease, with nothing lost and a repeat a plugin at most", async () => {
    await running(["one", "two", "three", ...(python ? ["py"] : [])]);
    const victim = studio.owners().one!;
    const lanes = studio.plugins.filter((name) => studio.owners()[name] === victim);
    await studio.daemons.get(victim)!.kill();
    const killedAt = performance.now();
    const taken = (name: string) => {
      const host = studio.notes(name).at(-1)!.host;
      return host !== victim;
    };
    await happens(() => lanes.every(taken), "all its plugins are taken over");
    console.log(`taken over after ${Math.round(performance.now() - killedAt)} ms`);
    await settled();
    for (const verdict of verdicts()) {
      expect(verdict).toMatchObject(sound);
      expect(verdict.repeats).toBeLessThanOrEqual(1);
    }
  });

  test("whose daemon is frozen past its lease and thawed takes no harm from it: nothing of it counts, nothing reaches the site", async () => {
    await running(["one", "two"], {}, { writer: WRITES });
    await happens(() => studio.notes("writer").length > 3, "the writer has had events");
    const victim = studio.owners().writer!;
    const frozen = studio.daemons.get(victim)!;
    frozen.child.kill("SIGSTOP");
    await happens(() => studio.notes("writer").at(-1)!.host !== victim, "the writer is taken over");
    const before = await written();
    const noted = studio.notes("writer").filter(({ host }) => host === victim).length;
    frozen.child.kill("SIGCONT");
    await happens(() => frozen.words.includes("taken over by another daemon"), "the thawed daemon knows");
    await settled();
    const ofVictim = ({ code }: { code: string }) => code.endsWith(` ${victim}`);
    expect((await written()).filter(ofVictim)).toEqual(before.filter(ofVictim));
    expect(studio.notes("writer").filter(({ host }) => host === victim)).toHaveLength(noted);
    for (const { repeats, ...verdict } of verdicts()) {
      expect(verdict).toMatchObject(sound);
      expect(repeats, verdict.name).toBeLessThanOrEqual(1);
    }
  });

  test("whose daemon is asked to stop hands over without a repeat", async () => {
    await running(["one", "two", "three"]);
    const leaver = studio.owners().one!;
    const { child, ended } = studio.daemons.get(leaver)!;
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
    await happens(() => studio.notes("one").at(-1)!.host !== leaver, "another has it");
    await settled();
    for (const verdict of verdicts()) expect(verdict).toMatchObject({ ...sound, repeats: 0 });
  });

  test("whose database goes away for longer than a lease pauses, and goes on with the same owners' events once", async () => {
    await running(["one", "two"]);
    await server.crash(LEASE_MS * 1.5);
    await settled();
    for (const verdict of verdicts()) {
      expect(verdict).toMatchObject(sound);
      expect(verdict.repeats).toBeLessThanOrEqual(1);
    }
  });

  /** What the writer has made on the site. */
  async function written(): Promise<{ code: string }[]> {
    const { url, scriptName, scriptKey } = sandbox;
    const sg = new Shotgun(url, { scriptName, scriptKey });
    const shots = await sg.find("Shot", [["code", "starts_with", "event "]], ["code"], {
      order: [{ field_name: "id", direction: "asc" }],
    });
    await sg.close();
    return shots as unknown as { code: string }[];
  }
});
