/** The repair of a database that went back: who may give it, and what becomes of one that is broken off. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { moveBetween } from "../../../src/journal/moving/between.ts";
import { Engine } from "../../../src/journal/postgres/engine.ts";
import { openClusterMending } from "../../../src/journal/postgres/history/mend.ts";
import { lookAtCluster } from "../../../src/journal/postgres/look.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { TestLog, temporaryFolder } from "../../daemon/rig.ts";
import { appendIds, refusal } from "../support.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const LEASE_MS = 3000;
const words = ({ lines }: TestLog) => lines.map(({ message }) => message).join("\n");

describe.skipIf(withoutPostgres)("the repair of a cluster's database", { timeout: 60_000 }, () => {
  const server = useServer();

  /** A cluster that ada ran, with a lane that has had three events. */
  async function cluster() {
    const schema = server.freshSchema();
    const folder = temporaryFolder();
    const memory = join(folder, "database.json");
    const place = { url: server.url, schema };
    const open = (name: string, kept: string | undefined, log?: TestLog) => {
      const member = { name, labels: [], weight: 1, leaseMs: LEASE_MS, version: "1.0.0" };
      return openPostgresJournal({
        ...place,
        member,
        ...(kept !== undefined && { memory: kept }),
        ...(log && { log }),
      });
    };
    const journal = await open("ada", memory);
    await appendIds(journal, [1, 2, 3]);
    const lane = await journal.openLane({ id: "a", path: "/p/a.ts", name: "a", startSeq: 0 });
    for (const seq of [1, 2, 3]) await lane.commit({ seq, begun: false, finishedCallbacks: 0 });
    await lane.lease!.release();
    await journal.close();
    const ask = async (text: string) => {
      const limits = { statementTimeoutMs: 5000, connectTimeoutMs: 5000, connections: 1 };
      const engine = new Engine({ ...place, ...limits });
      await engine.rows(text).finally(() => engine.close());
    };
    const mend = (from = memory) => openClusterMending({ ...place, memory: from, leaseMs: LEASE_MS });
    const look = (name: string) =>
      lookAtCluster({ ...place, name, leaseMs: LEASE_MS, memory: "/not/there", runs: "/not/there" });
    return { ...{ schema, folder, memory, place }, open, ask, mend, look };
  }

  /** As in a standby that was promoted a moment too early. */
  const LAST_WRITE = "UPDATE lane SET version = version - 1, cursor = cursor - 1";

  test("is not done when it was broken off, for anybody, and is given again", async () => {
    const { folder, memory, place, open, ask, mend, look } = await cluster();
    expect(await mend()).toBeNull();
    await ask(LAST_WRITE);
    await (await mend())!.close();
    const unfinished = /begun, and has not finished.*callsheet repair --cluster/s;
    // one that knows, and one that has seen nothing
    for (const kept of [memory, undefined]) {
      const error = await refusal(open("ada", kept));
      expect(error.code).toBe("STATE_RESTORED");
      expect(error.describe()).toMatch(unfinished);
    }
    expect((await refusal(look("ada"))).describe()).toMatch(unfinished);
    const away = moveBetween({ folder, ...place, leaseMs: LEASE_MS }, "postgres", () => {});
    expect((await refusal(away)).describe()).toMatch(unfinished);
    const again = (await mend())!;
    expect(await again.finish()).toEqual([{ name: "a", doubtful: 1 }]);
    await again.close();
    expect(await mend()).toBeNull();
    await look("ada");
    const journal = await open("ada", memory);
    expect(await journal.lanes()).toMatchObject([{ id: "a", cursor: { seq: 2, doubtfulTo: 3 } }]);
    await journal.close();
  });

  test("is not given by a host that knows nothing, which does not call it sound", async () => {
    const { folder, memory, ask, mend, schema } = await cluster();
    await ask(`DROP SCHEMA ${schema} CASCADE`);
    const none = join(folder, "other.json");
    const absent = await refusal(mend(none));
    expect(absent.code).toBe("STATE_UNUSABLE");
    expect(absent.describe()).toMatch(/there is no .*other\.json.*on the host that ran last/s);
    expect(existsSync(none)).toBe(false);
    // as a torn write leaves it
    writeFileSync(none, "");
    expect((await refusal(mend(none))).message).toContain(`${none} cannot be read`);
    const mending = (await mend(memory))!;
    expect(mending).not.toBeNull();
    await mending.close();
  });

  test("may be missed by a host whose file cannot be read, which says so when it starts", async () => {
    const { memory, open } = await cluster();
    writeFileSync(memory, "{");
    const log = new TestLog();
    await (await open("ada", memory, log)).close();
    expect(words(log)).toContain(`${memory} cannot be read`);
    // it knows again
    const quiet = new TestLog();
    await (await open("ada", memory, quiet)).close();
    expect(words(quiet)).not.toContain("cannot be read");
  });
});
