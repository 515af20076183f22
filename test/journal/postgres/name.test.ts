/** The name of a host is one daemon's: who gets it, who keeps it, and what the other is told. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import type { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { openRuns } from "../../../src/journal/postgres/runs.ts";
import { TestLog, temporaryFolder } from "../../daemon/rig.ts";
import { refusal } from "../support.ts";
import { useJournals } from "./use-journals.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const LEASE_MS = 1500;
/** Nothing is done at once that has to wait for this. */
const LONG_LEASE_MS = 600_000;

describe.skipIf(withoutPostgres)("the name of a host", { timeout: 60_000 }, () => {
  const server = useServer();
  const journals = useJournals(server);

  const open = ({ port = server.port, leaseMs = LEASE_MS, ...more }: Opening = {}) => {
    const url = server.url.replace(`:${server.port}`, `:${port}`);
    const member = { name: "ada", labels: [], weight: 1, version: "1", leaseMs };
    return journals.open({ url, member, ...more });
  };
  const givesWay = async ({ cluster }: PostgresJournal) => {
    const never = AbortSignal.timeout(50_000);
    const looking = async () => {
      for (;;) await cluster!.looked(never);
    };
    return refusal(looking());
  };

  test("that a daemon has is refused to another, which is told who has it, and the one that has it goes on", async () => {
    journals.freshSchema();
    const first = await open();
    await first.cluster!.announce("http://10.0.0.7:7878");
    const log = new TestLog();
    const error = await refusal(open({ log }));
    expect(error.code).toBe("STATE_LOCKED");
    expect(error.message).toMatch(
      /^Another daemon of the cluster runs with the name ada \(since \d{4}-.*Z, at http:\/\/10\.0\.0\.7:7878, connected to the database from 127\.0\.0\.1\)/,
    );
    await log.line("waiting whether that one is heard of");
    await first.cluster!.looked(AbortSignal.timeout(20_000));
    await expect(first.cluster!.announce("http://10.0.0.7:7879")).resolves.toBeUndefined();
  });

  test("is another's when nothing was heard of the first for a lease, which gives way when it is back", async () => {
    journals.freshSchema();
    const first = await open({ port: journals.proxy.port });
    journals.proxy.refuse(true);
    journals.proxy.breakAll();
    const second = await open();
    journals.proxy.refuse(false);
    const error = await givesWay(first);
    expect(error.code).toBe("STATE_LOCKED");
    expect(error.message).toContain("was started with the name ada (since ");
    await second.cluster!.looked(AbortSignal.timeout(20_000));
  });

  test("is the next daemon's at once in the folder of one that was killed", async () => {
    journals.freshSchema();
    const runs = join(temporaryFolder(), "daemon.json");
    const killed = await open({ port: journals.proxy.port, leaseMs: LONG_LEASE_MS, runs });
    journals.proxy.refuse(true);
    journals.proxy.breakAll();
    const next = await open({ leaseMs: LONG_LEASE_MS, runs });
    expect(next.cluster!.self.id).not.toBe(killed.cluster!.self.id);
    // one that was killed before it had the name
    openRuns(runs).begin("nobody");
    await open({ leaseMs: LONG_LEASE_MS, runs });
  });

  test("is waited for no longer by one that is stopped, which has told for how long it would be", async () => {
    journals.freshSchema();
    await open({ port: journals.proxy.port, leaseMs: LONG_LEASE_MS });
    journals.proxy.refuse(true);
    journals.proxy.breakAll();
    const stop = new AbortController();
    const told: number[] = [];
    const waits = (mostMs: number) => {
      told.push(mostMs);
      if (told.length === 3) stop.abort("SIGTERM");
    };
    const waiting = open({ starting: { signal: stop.signal, waits } });
    await expect(waiting).rejects.toBe("SIGTERM");
    expect(told).toHaveLength(3);
    expect(told[0]).toBe(LONG_LEASE_MS);
    expect(told[2]).toBeLessThan(told[0]!);
  });

  test("is one daemon's, of two that wait for it", async () => {
    journals.freshSchema();
    await open({ port: journals.proxy.port });
    journals.proxy.refuse(true);
    journals.proxy.breakAll();
    const both = await Promise.allSettled([open(), open()]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const [lost] = both.filter((one) => one.status === "rejected");
    expect(lost!.reason).toMatchObject({ code: "STATE_LOCKED" });
  });
});

interface Opening extends Partial<Omit<Parameters<typeof openPostgresJournal>[0], "member">> {
  port?: number;
  leaseMs?: number;
}
