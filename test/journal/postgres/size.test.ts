/** Every host knows how large the journal is, by what it sees of it. */
import { afterEach, describe, expect, test } from "vitest";
import { Happenings } from "../../../src/daemon/happenings.ts";
import { keepRetaining } from "../../../src/daemon/keep-retaining.ts";
import type { WireEvent } from "../../../src/event.ts";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { ROW_BYTES } from "../../../src/journal/postgres/size.ts";
import { TestLog, until } from "../../daemon/rig.ts";
import { appendIds, wireEvent, wireEvents } from "../support.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const DAY = 24 * 3_600_000;
const sizeOf = (event: WireEvent) => Buffer.byteLength(JSON.stringify(event)) + ROW_BYTES;

describe.skipIf(withoutPostgres)("the size of a cluster's journal", { timeout: 60_000 }, () => {
  const server = useServer();
  const open: PostgresJournal[] = [];
  let schema = "";

  afterEach(async () => {
    await Promise.all(open.splice(0).map((journal) => journal.close()));
  });

  const host = async (name: string) => {
    const member = { name, labels: [], weight: 1, version: "1", leaseMs: 3000 };
    const journal = await openPostgresJournal({ url: server.url, schema, member });
    open.push(journal);
    return journal;
  };
  const append = async (journal: PostgresJournal, from: number, to: number) => {
    for (let first = from; first <= to; first += 500)
      await appendIds(
        journal,
        Array.from({ length: 500 }, (_, index) => first + index),
      );
  };

  test("is the same on the host that reads, on one that does not, and on one that came later", async () => {
    schema = server.freshSchema();
    const ada = await host("ada");
    const bob = await host("bob");
    expect([ada, bob].map(({ head }) => head.bytes)).toEqual([0, 0]);
    await append(ada, 1, 3000);
    const full = ada.head.bytes;
    await until(() => bob.head.lastSeq === 3000);
    expect(bob.head.bytes).toBe(full);
    await ada.retain({ maxAgeMs: DAY, maxBytes: full / 2 });
    expect(ada.head.bytes).toBeLessThanOrEqual(full / 2);
    expect(ada.head.bytes).toBeGreaterThan(full * 0.49);
    await until(() => bob.head.firstSeq > 1);
    expect(bob.head.bytes).toBe(ada.head.bytes);
    const cyd = await host("cyd");
    expect(cyd.head.bytes / ada.head.bytes).toBeCloseTo(1, 2);
  });

  test("is warned of when it has used most of its room", async () => {
    schema = server.freshSchema();
    const ada = await host("ada");
    await append(ada, 1, 1000);
    const lane = await ada.openLane({ id: "one", path: "/p/one.ts", name: "one", startSeq: 0 });
    const log = new TestLog();
    const stopping = new AbortController();
    const parts = { journal: ada, log, happenings: new Happenings(log), maxAge: DAY };
    const maxSize = ada.head.bytes / 0.95;
    const often = { everyMs: 5, lookEveryMs: 5 };
    const done = keepRetaining({ ...parts, maxSize }, stopping.signal, often);
    try {
      expect(await log.line("the oldest events go")).toMatchObject({ code: "JOURNAL_NEARLY_FULL" });
    } finally {
      stopping.abort();
      await done;
    }
    expect(ada.head.firstSeq).toBe(1);
    expect((await lane.cursor()).seq).toBe(0);
  });

  /** Of 3000 events that a lane waits for, the last takes as much as two thousand others. */
  const uneven = async () => {
    schema = server.freshSchema();
    const ada = await host("ada");
    await append(ada, 1, 3000);
    const lane = await ada.openLane({ id: "one", path: "/p/one.ts", name: "one", startSeq: 0 });
    const large = wireEvent(3001, { meta: { text: "x".repeat(1e6) } });
    const reader = { position: 3001, gaps: [], generation: 1 };
    await ada.append({ events: [large], neverHappened: [], reader });
    const small = wireEvents(1, 3000);
    return { ada, lane, bytes: [...small, large].reduce((sum, event) => sum + sizeOf(event), 0) };
  };

  test("is not judged by a few large events: none of those that a plugin waits for goes for them", async () => {
    const { ada, lane, bytes } = await uneven();
    const policy = { maxAgeMs: DAY, maxBytes: bytes + 10_000 };
    expect(ada.head.bytes).toBe(bytes);
    expect(await ada.retain(policy)).toEqual({ removed: 0, lost: [] });
    expect(ada.head.firstSeq).toBe(1);
    expect((await lane.cursor()).seq).toBe(0);
  });

  test("is measured by a host that came later, before it removes what a plugin waits for", async () => {
    const { bytes } = await uneven();
    const policy = { maxAgeMs: DAY, maxBytes: bytes + 10_000 };
    const bob = await host("bob");
    expect(bob.head.bytes).toBeGreaterThan(policy.maxBytes);
    expect(await bob.retain(policy)).toEqual({ removed: 0, lost: [] });
    expect(bob.head).toEqual({ firstSeq: 1, lastSeq: 3001, bytes });
  });

  test("is kept in its room by what was measured, to the last event that has to go", async () => {
    const { bytes } = await uneven();
    const bob = await host("bob");
    const over = wireEvents(1, 400).reduce((sum, event) => sum + sizeOf(event), 0) - 1;
    const lost = [{ lane: "one", firstSeq: 1, lastSeq: 400 }];
    expect(await bob.retain({ maxAgeMs: DAY, maxBytes: bytes - over })).toEqual({ removed: 400, lost });
  });

  test("follows events that are larger than those before", async () => {
    schema = server.freshSchema();
    const ada = await host("ada");
    const bob = await host("bob");
    const small = wireEvent(1);
    const large = wireEvent(2, { meta: { text: "é".repeat(5000) } });
    const reader = { position: 2, gaps: [], generation: 1 };
    await ada.append({ events: [small, large], neverHappened: [], reader });
    expect(ada.head.bytes).toBe(sizeOf(small) + sizeOf(large));
    await until(() => bob.head.lastSeq === 2);
    expect(bob.head.bytes).toBe(ada.head.bytes);
  });
});
