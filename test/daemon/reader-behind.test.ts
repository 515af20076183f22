/** The reader while there is more than one page to fetch. */
import { expect, it } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import type { SeenRequest } from "../../src/sandbox/server/requests.ts";
import { read, rows } from "./reader-rig.ts";
import { idsOf, journaled, openTestSandbox, TestLog, until } from "./rig.ts";

it("fetches many pages, asking for the next while the last is being written", async () => {
  const sandbox = await openTestSandbox();
  const { last } = sandbox.site.events.add(rows(1200));
  let pages = 0;
  const { journal } = await read(sandbox, { start: last - 1199, batchSize: 100 }, (real) =>
    withAppend(real, async (batch) => {
      // a full page is written only when the site has been asked for the next one
      if (batch.events.length === 100) {
        pages += 1;
        await sandbox.requests.waitFor((all) => all.count("read", "EventLogEntry") > pages);
      }
      return real.append(batch);
    }),
  );
  await until(() => journal.head.lastSeq === 1200);
  expect(idsOf(await journaled(journal))).toEqual(Array.from({ length: 1200 }, (_, i) => last - 1199 + i));
});

it("asks for ranges of ids at once while it is behind, and writes them in order", async () => {
  const sandbox = await openTestSandbox();
  const { first, last } = sandbox.site.events.add(rows(2000));
  const isFar = (seen: SeenRequest) => seen.type === "EventLogEntry" && afterOf(seen) > first + 1000;
  const held = sandbox.faults.next({ kind: "hang", until: "ended", match: isFar });
  const { journal, reading } = await read(sandbox, { start: first, batchSize: 100 });
  await until(() => held.hits === 4);
  expect(reading.reader.status().catchingUp).toBe(true);
  held.end();
  await until(() => journal.head.lastSeq === 2000);
  expect(idsOf(await journaled(journal))).toEqual(Array.from({ length: 2000 }, (_, i) => last - 1999 + i));
});

it("notices a site that was restored while it was behind, although the new log reaches further than it had read", async () => {
  const sandbox = await openTestSandbox();
  const { first } = sandbox.site.events.add(
    rows(1000).map((one) => ({ ...one, created_at: "2026-03-01T00:00:00Z" })),
  );
  const log = new TestLog();
  let isRestored = false;
  sandbox.faults.next({
    kind: "status",
    status: 500,
    until: "ended",
    match(seen) {
      const isAway = log.lines.some(({ message }) => message.includes("cannot be asked"));
      if (!isAway) return seen.type === "EventLogEntry" && afterOf(seen) >= first + 500;
      if (!isRestored) {
        sandbox.site.events.restoreTo(first + 299);
        sandbox.site.events.add(rows(2000).map((one) => ({ ...one, created_at: "2026-03-03T00:00:00Z" })));
      }
      isRestored = true;
      return false;
    },
  });
  const { journal } = await read(sandbox, { start: first, batchSize: 100, log });
  await log.line("restored from a backup");
  await until(async () => idsOf(await journaled(journal)).at(-1) === first + 2299);
  const events = await journaled(journal);
  const again = events.filter(({ created_at }) => created_at === "2026-03-03T00:00:00Z");
  expect(idsOf(again)).toEqual(Array.from({ length: 2000 }, (_, i) => first + 300 + i));
});

/** Where the range of ids begins that a request is for; 0 when it is for none. */
function afterOf({ payload }: SeenRequest): number {
  const { conditions } = (payload as { filters: { conditions: { relation: string; values: number[] }[] } })
    .filters;
  return conditions.find(({ relation }) => relation !== "less_than")?.values[0] ?? 0;
}

/** The same journal with another `append`. */
function withAppend(journal: Journal, append: Journal["append"]): Journal {
  return new Proxy(journal, {
    get(target, name) {
      if (name === "append") return append;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
