/** A cluster that is upgraded one host after the other, with daemons of both versions in processes of their own. */
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FORMAT } from "../../src/journal/postgres/migrations.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { readAddress } from "../../src/server/address-file.ts";
import { isPlainRefusal } from "../chaos/process.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { python } from "../plugins-python/python.ts";
import { asking } from "../server/rig.ts";
import { NEXT_VERSION, nextVersion } from "./next-version.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 120_000;
const NOW = FORMAT.steps.length;
const WHY = { by: "lena", why: "an upgrade" };
const STEP = `
  ALTER TABLE lane ADD COLUMN mood text;
  ALTER TABLE reader ADD COLUMN mood text NOT NULL DEFAULT 'good';
  ALTER TABLE host ADD COLUMN mood text;
  ALTER TABLE command ADD COLUMN mood text;
  CREATE INDEX event_by_type ON event (event_type);
  CREATE TABLE mood (name text PRIMARY KEY);`;

describe.skipIf(withoutPostgres)("a cluster of two versions", { timeout: 400_000 }, () => {
  const server = useServer();
  let sandbox: Sandbox;
  let studio: ClusterStudio;
  let schema: string;
  let visible: number[];
  let feeding: NodeJS.Timeout;

  beforeEach(async () => {
    sandbox = await openSandbox();
    schema = server.freshSchema();
    visible = [];
    const cluster = {
      url: server.url,
      schema,
      lease: "3s",
      hosts: { ada: { labels: ["ada"] }, bob: { labels: ["bob"] } },
      runsOn: { adas: "ada", bobs: "bob" },
    };
    studio = new ClusterStudio(sandbox, cluster, { start: sandbox.site.events.newestId + 1 });
    for (const name of ["adas", "bobs", "any", ...(python ? ["py"] : [])]) studio.add(name);
    feeding = setInterval(happen, 100);
  });
  afterEach(async () => {
    clearInterval(feeding);
    await studio.end();
    await sandbox.close();
  });

  function happen(): void {
    visible.push(sandbox.site.events.add([CHANGE]).first);
  }
  const verdicts = () => studio.plugins.map((name) => ({ name, ...studio.judge(name, visible) }));
  const happens = (condition: () => boolean | Promise<boolean>, what: string) =>
    until(condition, () => `not: ${what}\n${JSON.stringify(verdicts())}\n${studio.words()}`, PATIENCE_MS);
  /** Events that came from now on. */
  const delivers = async (...names: string[]) => {
    const from = visible.length;
    await happens(() => visible.length > from, "events come");
    const { [from]: id } = visible;
    const had = (name: string) => studio.notes(name).some((note) => note.id === id);
    await happens(() => names.every(had), `${names.join(", ")} go on`);
  };
  const api = (host: string) => asking({ url: readAddress(join(studio.folder, "state", host))!.url });
  const pausedAndResumed = async (from: string, plugin: string) => {
    for (const action of ["pause", "resume"]) {
      const reply = await api(from).post(`/api/v1/plugins/${plugin}/${action}`, WHY);
      expect(reply, studio.words()).toMatchObject({ status: 200, json: { done: true } });
    }
    await delivers(plugin);
  };
  const stop = async (host: string) => {
    const { child, ended } = studio.daemons.get(host)!;
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
  };
  const format = async (): Promise<number> => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query(`SELECT version FROM ${schema}.format`);
    await client.end();
    return rows[0].version;
  };

  test("is upgraded host by host, and back, while events flow and commands go both ways", async () => {
    const next = nextVersion(STEP);
    for (const host of ["ada", "bob"]) studio.start(host);
    await delivers(...studio.plugins);

    await stop("ada");
    studio.start("ada", {}, next);
    await delivers(...studio.plugins);
    expect(await format()).toBe(NOW + 1);
    const { hosts } = (await api("bob").get("/api/v1/status")).json.cluster;
    expect(hosts.find(({ name }: { name: string }) => name === "ada").version).toBe(NEXT_VERSION);
    await pausedAndResumed("bob", "adas");
    await pausedAndResumed("ada", "bobs");

    await studio.daemons.get("bob")!.kill();
    studio.start("bob", {}, next);
    await delivers(...studio.plugins);

    // the way back, while the other is of the newer version
    await stop("ada");
    studio.start("ada");
    await delivers(...studio.plugins);
    await pausedAndResumed("ada", "bobs");
    await pausedAndResumed("bob", "adas");

    clearInterval(feeding);
    await happens(() => verdicts().every(({ lost }) => lost.length === 0), "everything is delivered");
    for (const { name, repeats, ...verdict } of verdicts()) {
      expect(verdict, name).toMatchObject({ lost: [], unmarked: [], disorder: 0 });
      // of the one that was killed
      expect(repeats, name).toBeLessThanOrEqual(1);
    }
  });

  test("that cannot work together refuses the newer one while the older runs, and then the older", async () => {
    const next = nextVersion(STEP, { breaks: true });
    studio.start("ada");
    await delivers("adas", "any");

    const refused = await studio.start("bob", {}, next).ended;
    expect(isPlainRefusal(refused), refused.words).toBe(true);
    expect(refused.words).toContain("HOSTS_TOO_OLD");
    expect(refused.words).toContain("ada (Callsheet ");
    await delivers("adas", "any");

    await stop("ada");
    studio.start("bob", {}, next);
    await delivers("bobs", "any");
    const older = await studio.start("ada").ended;
    expect(isPlainRefusal(older), older.words).toBe(true);
    expect(older.words).toContain("STATE_TOO_NEW");
    await delivers("bobs", "any");
  });
});
