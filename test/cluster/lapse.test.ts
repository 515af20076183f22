/** A lease that runs out while its plugin is being loaded: the load goes on, and nothing is called until the lease is held again. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { Happenings } from "../../src/daemon/happenings.ts";
import type { HostStarter } from "../../src/daemon/host.ts";
import { Lane } from "../../src/daemon/lane.ts";
import { openOrder } from "../../src/daemon/order.ts";
import type { Lease } from "../../src/journal/journal.ts";
import { TestLog, until } from "../daemon/rig.ts";
import { ids } from "../daemon/whole.ts";
import { useJournals } from "../journal/postgres/use-journals.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { appendIds } from "../journal/support.ts";
import { Room } from "../plugins/room.ts";

const LEASE_MS = 3000;
/** Notes that a load has begun, which ends when the file `go` is there. */
const SLOW = `import { appendFileSync, existsSync } from "node:fs";
const note = (file: string, line: string) => appendFileSync(new URL(file, import.meta.url), line + "\\n");
note("loads", "begun");
while (!existsSync(new URL("go", import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 10));
export function registerCallbacks(reg: import("callsheet").Registrar) {
  reg.registerCallback("s", "k", (_sg, _logger, event) => note("notes", JSON.stringify({ file: "slow", id: event.id })));
}`;

describe.skipIf(withoutPostgres)(
  "a plugin whose lease runs out while it is loaded",
  { timeout: 120_000 },
  () => {
    const server = useServer();
    const journals = useJournals(server);

    const open = (name: string, more: { url?: string } = {}) =>
      journals.open({ member: { name, labels: [], weight: 1, version: "1", leaseMs: LEASE_MS }, ...more });
    const ask = async (text: string) => {
      const options = `-c search_path=${journals.schema}`;
      const client = new pg.Client({ connectionString: server.url, options });
      await client.connect();
      await client.query(text).finally(() => client.end());
    };
    const cut = () => {
      journals.proxy.refuse(true);
      journals.proxy.breakAll();
    };
    /** On ada, who has a line to the database of her own; it is being loaded. */
    const loading = async (around = (start: HostStarter, _lease: Lease): HostStarter => start) => {
      journals.freshSchema();
      const journal = await open("ada", journals.throughProxy());
      await appendIds(journal, [101, 102]);
      const room = await Room.open({ loadTimeoutMs: 600_000 });
      const file = {
        path: join(room.folder, "slow.ts"),
        name: "slow",
        language: "typescript",
        folder: 0,
      } as const;
      writeFileSync(file.path, SLOW);
      const laneJournal = await journal.openLane({ id: "slow", path: file.path, name: "slow", startSeq: 0 });
      const log = new TestLog();
      const lane = new Lane(
        {
          ...{ file, laneJournal, journal, log, graceMs: 5000 },
          ...{ order: openOrder("independent"), happenings: new Happenings(log) },
          start: around(room.hosts.start, laneJournal.lease!),
        },
        { doneSeq: 0 },
      );
      const stopping = new AbortController();
      const running = lane.run(stopping.signal, async () => {});
      onTestFinished(async () => {
        stopping.abort();
        journals.proxy.refuse(false);
        await running;
        await room.close();
      });
      const loads = () => readFileSync(join(room.folder, "loads"), "utf8").split("\n").length - 1;
      await until(() => existsSync(join(room.folder, "loads")));
      return {
        ...{ lane, loads, lease: laneJournal.lease! },
        go: () => writeFileSync(join(room.folder, "go"), ""),
        had: () => ids(room.folder, "slow").length === 2,
        called: () => existsSync(join(room.folder, "notes")),
      };
    };

    test("waits for it once it is loaded", async () => {
      const { lane, loads, lease, go, had, called } = await loading();
      cut();
      await until(() => lease.held.aborted);
      go();
      await until(() => lane.status().activity === "waiting");
      expect(lane.status().callbacks).toHaveLength(1);
      expect(called()).toBe(false);
      journals.proxy.refuse(false);
      await until(had);
      expect(loads()).toBe(1);
    });

    test("knows nothing of it when the lease is held again before it is loaded", async () => {
      const { loads, lease, go, had } = await loading();
      for (let lapse = 0; lapse < 2; lapse += 1) {
        cut();
        await until(() => lease.held.aborted);
        journals.proxy.refuse(false);
        await until(() => !lease.held.aborted);
      }
      go();
      await until(had);
      expect(loads()).toBe(1);
    });

    test("is loaded anew when asking for the lease failed, and it is held again before that load is down", async () => {
      const ended = Promise.withResolvers<void>();
      const { lane, loads, go, had } = await loading((start, lease) => async (request) => {
        try {
          return await start(request);
        } catch (error) {
          ended.resolve();
          // it takes its time to be gone
          await until(() => !lease.held.aborted);
          throw error;
        }
      });
      await ask(`
        CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN RAISE EXCEPTION 'could not read block' USING ERRCODE = '58030'; END $$;
        CREATE TRIGGER broken BEFORE UPDATE ON lane EXECUTE FUNCTION broken()`);
      await ended.promise;
      await ask("DROP TRIGGER broken ON lane");
      go();
      await until(had);
      expect(loads()).toBe(2);
      expect(lane.status().activity).toBe("running");
    });

    test("is not loaded any more once it is another's", async () => {
      const { lane, loads, lease } = await loading();
      const bob = await open("bob");
      cut();
      const seen = () => bob.cluster!.view?.lanes.find(({ id }) => id === "slow");
      await until(() => seen()?.free === true);
      const path = lane.file.path;
      await bob.openLane({ id: "slow", path, name: "slow", startSeq: 0 }, seen()!);
      journals.proxy.refuse(false);
      await until(() => lane.status().activity === "stopped");
      expect(lease.ended).toBe(true);
      expect(lane.status().callbacks).toEqual([]);
      expect(loads()).toBe(1);
    });
  },
);
