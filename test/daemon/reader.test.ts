import { expect, it, onTestFinished, vi } from "vitest";
import { read, rows } from "./reader-rig.ts";
import { idsOf, journaled, openTestSandbox, temporaryFolder, until } from "./rig.ts";

it("begins at the newest event by default and appends what comes after", async () => {
  const sandbox = await openTestSandbox();
  sandbox.site.events.add(rows(20));
  const { reading, journal } = await read(sandbox);
  await reading.started();
  const { first } = sandbox.site.events.add(rows(3));
  await until(() => journal.head.lastSeq === 3);
  expect(idsOf(await journaled(journal))).toEqual([first, first + 1, first + 2]);
});

it("at its first start it waits for transactions that were already on their way", async () => {
  const sandbox = await openTestSandbox();
  const late = sandbox.site.events.reserve(2);
  sandbox.site.events.add(rows(3));
  const { reading, journal } = await read(sandbox);
  await reading.started();
  late.commit();
  await until(() => journal.head.lastSeq === 2);
  expect(idsOf(await journaled(journal))).toEqual([late.first, late.last]);
});

it.each([
  ["earliest", (first: number) => ({ start: "earliest" as const, from: first })],
  ["an id", (first: number) => ({ start: first + 5, from: first + 5 })],
  ["a date", (first: number) => ({ start: "2026-03-01T00:00:00Z", from: first + 10 })],
])("begins at %s when told so", async (_, at) => {
  const sandbox = await openTestSandbox();
  const old = sandbox.site.events.add(
    rows(10).map((one) => ({ ...one, created_at: "2026-02-01T00:00:00Z" })),
  );
  const { last } = sandbox.site.events.add(
    rows(10).map((one) => ({ ...one, created_at: "2026-03-01T00:00:00Z" })),
  );
  const { start, from } = at(old.first);
  const { reading, journal } = await read(sandbox, { start });
  await reading.started();
  await until(async () => idsOf(await journaled(journal)).at(-1) === last);
  const ids = idsOf(await journaled(journal));
  expect(ids.filter((id) => id >= old.first)[0]).toBe(from);
});

it("says so when it is told to begin beyond the site's newest event", async () => {
  const sandbox = await openTestSandbox();
  const { log } = await read(sandbox, { start: 1_000_000 });
  expect(await log.line("nothing is delivered until the site gets there")).toMatchObject({ level: "warn" });
});

it("puts late events where they became visible, once, and does not hold up the ones after the gap", async () => {
  const sandbox = await openTestSandbox();
  const { reading, journal } = await read(sandbox);
  await reading.started();
  const late = sandbox.site.events.reserve(3);
  const { first } = sandbox.site.events.add(rows(2));
  await until(() => journal.head.lastSeq === 2);
  late.commit();
  await until(() => journal.head.lastSeq === 5);
  expect(idsOf(await journaled(journal))).toEqual([first, first + 1, late.first, late.first + 1, late.last]);
});

it("gives up what never happens, however wide, and says so in the ledger", async () => {
  const sandbox = await openTestSandbox();
  const { reading, journal, log } = await read(sandbox, { gapTimeoutMs: 300 });
  await reading.started();
  const never = sandbox.site.events.skipIds(10_000_000);
  sandbox.site.events.add(rows(1));
  await log.line("never happened");
  expect(await journal.neverHappened(never.first)).toBe(true);
  expect(await journal.neverHappened(never.last)).toBe(true);
  expect(reading.reader.status().gaps).toEqual([]);
});

it("waits for a gap as long as ever when it was another daemon's turn to read meanwhile", async () => {
  const sandbox = await openTestSandbox();
  const { reading, journal, log } = await read(sandbox, { gapTimeoutMs: 15_000 });
  await reading.started();
  const late = sandbox.site.events.reserve(2);
  sandbox.site.events.add(rows(1));
  await until(() => journal.head.lastSeq === 1);
  await reading.stop();
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + 20_000);
  onTestFinished(() => void vi.restoreAllMocks());
  reading.again();
  const { answers } = reading.reader.contact.status();
  await until(() => reading.reader.contact.status().answers > answers + 3);
  late.commit();
  await until(() => journal.head.lastSeq === 3);
  expect(idsOf(await journaled(journal)).slice(1)).toEqual([late.first, late.last]);
  expect(log.lines.filter(({ message }) => message.includes("never happened"))).toEqual([]);
});

it("takes nothing for a restored site when the journal has no event where another daemon has read to meanwhile", async () => {
  const sandbox = await openTestSandbox();
  const { reading, journal } = await read(sandbox);
  await reading.started();
  sandbox.site.events.add(rows(1));
  await until(() => reading.reader.status().events === 1);
  await reading.stop();
  const { last } = sandbox.site.events.add(rows(3));
  // its events are beyond what retention keeps
  await journal.append({
    ...{ events: [], neverHappened: [] },
    reader: { position: last, gaps: [], generation: 1 },
  });
  reading.again();
  sandbox.site.events.add(rows(1));
  await until(() => reading.reader.status().events === 2);
  expect(reading.reader.status()).toMatchObject({ generation: 1, restored: null });
});

it("waits for a site that is away at the start, and goes on after an outage", async () => {
  const sandbox = await openTestSandbox();
  await sandbox.unplug();
  const { reading, journal, log } = await read(sandbox, { start: "earliest" });
  await log.line("the site cannot be asked");
  expect(reading.reader.contact.status().state).toBe("unreachable");
  await sandbox.plugIn();
  const one = sandbox.site.events.add(rows(1));
  await until(async () => idsOf(await journaled(journal)).includes(one.last));
  await sandbox.unplug();
  await until(() => reading.reader.contact.status().state === "unreachable");
  const two = sandbox.site.events.add(rows(1));
  await sandbox.plugIn();
  await log.line("the site answers again");
  await until(async () => idsOf(await journaled(journal)).includes(two.last));
  expect(new Set(idsOf(await journaled(journal))).size).toBe(journal.head.lastSeq);
});

it.each([
  [{ kind: "status", status: 500 }],
  [{ kind: "status", status: 502 }],
  [{ kind: "reset" }],
  [{ kind: "closed" }],
  [{ kind: "truncated" }],
  [{ kind: "wrong_json" }],
  [{ kind: "html" }],
] as const)("loses nothing when the site answers with %j", async (fault) => {
  const sandbox = await openTestSandbox();
  const { reading, journal } = await read(sandbox);
  await reading.started();
  sandbox.faults.next({ ...fault, times: 2 });
  const { first, last } = sandbox.site.events.add(rows(2));
  await until(() => journal.head.lastSeq === 2);
  expect(idsOf(await journaled(journal))).toEqual([first, last]);
});

it("keeps to the site's Retry-After, and a stop ends that wait too", async () => {
  const sandbox = await openTestSandbox();
  const { reading, log } = await read(sandbox);
  await reading.started();
  sandbox.faults.next({ kind: "status", status: 503, retryAfter: 200 });
  expect(await log.line("Trying again in 200.0 s")).toMatchObject({ code: "SITE_BUSY" });
  await reading.stop();
});

it("ends at once when told so, in the middle of a request that hangs", async () => {
  const sandbox = await openTestSandbox();
  const { reading } = await read(sandbox);
  await reading.started();
  sandbox.faults.next({ kind: "hang", until: "ended" });
  await sandbox.requests.more(1);
  await reading.stop();
});

it("goes on where it was after a restart, open gaps included", async () => {
  const sandbox = await openTestSandbox();
  const folder = temporaryFolder();
  const before = await read(sandbox, {}, undefined, folder);
  await before.reading.started();
  const late = sandbox.site.events.reserve(1);
  const { first } = sandbox.site.events.add(rows(1));
  await until(() => before.journal.head.lastSeq === 1);
  await before.reading.stop();
  await before.journal.close();
  late.commit();
  const next = sandbox.site.events.add(rows(1));
  const after = await read(sandbox, {}, undefined, folder);
  await until(() => after.journal.head.lastSeq === 3);
  expect(idsOf(await journaled(after.journal))).toEqual([first, late.first, next.first]);
});

it("notices a site restored from a backup, alarms, and delivers the events whose ids were used before", async () => {
  const sandbox = await openTestSandbox();
  const { reading, journal, log } = await read(sandbox);
  await reading.started();
  const kept = sandbox.site.events.add(
    rows(3).map((one) => ({ ...one, created_at: "2026-03-01T00:00:00Z" })),
  );
  const lost = sandbox.site.events.add(
    rows(3).map((one) => ({ ...one, created_at: "2026-03-02T00:00:00Z" })),
  );
  await until(() => journal.head.lastSeq === 6);
  sandbox.site.events.restoreTo(kept.last);
  const reused = sandbox.site.events.add(
    rows(2).map((one) => ({ ...one, created_at: "2026-03-03T00:00:00Z" })),
  );
  expect(reused.first).toBe(lost.first);
  expect(await log.line("restored from a backup")).toMatchObject({
    level: "critical",
    code: "SITE_RESTORED",
  });
  await until(() => journal.head.lastSeq === 8);
  const events = await journaled(journal);
  expect(idsOf(events.slice(6))).toEqual([reused.first, reused.last]);
  expect(events[6]!.created_at).toBe("2026-03-03T00:00:00Z");
  expect(reading.reader.status()).toMatchObject({ generation: 2, restored: { lastCommonId: kept.last } });
});

it("asks at once when it is woken", async () => {
  const sandbox = await openTestSandbox();
  const { reading, journal } = await read(sandbox, { fetchIntervalMs: 3_600_000 });
  await reading.started();
  sandbox.site.events.add(rows(1));
  await until(() => {
    reading.reader.wake();
    return journal.head.lastSeq === 1;
  });
});
