/** What daemons and operators do to a journal, at random; and everything that a journal can be asked. */
import fc from "fast-check";
import type { Journal } from "../../src/journal/journal.ts";
import { failure, hostOf, idsAfter, wireEvent } from "./support.ts";

export type Act =
  | { kind: "append"; count: number; skip: number; never: boolean }
  | { kind: "deliver"; lane: string; count: number; finished: number; done: boolean }
  | { kind: "record"; lane: string; as: "failed" | "skipped" }
  | { kind: "stop"; lane: string }
  | { kind: "pause"; lane: string; on: boolean }
  | { kind: "move"; lane: string; by: number }
  | { kind: "absent"; lane: string }
  | { kind: "restore" }
  | { kind: "inherit"; lane: string }
  | { kind: "retain" };

const lane = fc.constantFrom("a", "b/c é");
const count = fc.integer({ min: 1, max: 6 });
const one: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      count,
      skip: fc.integer({ min: 0, max: 3 }),
      never: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("deliver" as const),
      lane,
      count,
      finished: fc.integer({ min: 0, max: 2 }),
      done: fc.boolean(),
    }),
  },
  fc.record({
    kind: fc.constant("record" as const),
    lane,
    as: fc.constantFrom("failed" as const, "skipped" as const),
  }),
  fc.record({ kind: fc.constant("stop" as const), lane }),
  fc.record({ kind: fc.constant("pause" as const), lane, on: fc.boolean() }),
  fc.record({ kind: fc.constant("move" as const), lane, by: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ kind: fc.constant("absent" as const), lane }),
  fc.record({ kind: fc.constant("restore" as const) }),
  fc.record({ kind: fc.constant("inherit" as const), lane }),
  fc.record({ kind: fc.constant("retain" as const) }),
);
export const acts: fc.Arbitrary<Act[]> = fc.array(one, { minLength: 1, maxLength: 25 });

const NOTE = { by: "ada", why: "“tests”", at: "2026-11-03T10:00:00.000Z" };

export async function act(journal: Journal, what: Act): Promise<void> {
  const reader = (await journal.readerState()) ?? { position: 0, gaps: [], generation: 1 };
  switch (what.kind) {
    case "append": {
      const first = reader.position + what.skip + 1;
      const events = Array.from({ length: what.count }, (_, index) => wireEvent(first + index));
      const skipped = what.skip > 0 ? [{ first: reader.position + 1, last: first - 1 }] : [];
      await journal.append({
        events,
        neverHappened: what.never ? skipped : [],
        reader: {
          ...reader,
          position: first + what.count - 1,
          gaps: what.never
            ? reader.gaps
            : [...reader.gaps, ...skipped.map((gap) => ({ ...gap, waitedMs: 7 }))],
        },
      });
      return;
    }
    case "restore":
      await journal.append({
        events: [wireEvent(1)],
        neverHappened: [],
        reader: { position: 1, gaps: [], generation: reader.generation + 1 },
      });
      return;
    case "retain":
      await journal.retain({ maxAgeMs: -1000, maxBytes: 1e9 });
      return;
    case "inherit":
      await journal.inherit({
        reader: { position: 3, gaps: [{ first: 2, last: 2 }] },
        lanes: [
          {
            id: what.lane,
            path: `/plugins/${what.lane}.ts`,
            name: what.lane,
            had: { lastId: reader.position + 2, pending: [{ first: 1, last: 1 }], as: "had_before" },
          },
        ],
      });
      return;
    default:
      return onLane(journal, what);
  }
}

async function onLane(
  journal: Journal,
  what: Exclude<Act, { kind: "append" | "restore" | "retain" | "inherit" }>,
): Promise<void> {
  const id = what.lane;
  const opened = await journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq: 0 });
  await opened.register(["first", "second", "third"]);
  const { seq } = await opened.cursor();
  const { lastSeq, firstSeq } = journal.head;
  const next = Math.max(seq + 1, firstSeq);
  switch (what.kind) {
    case "deliver": {
      const to = Math.min(lastSeq, next + what.count - 1);
      if (to < next) return;
      await opened.handOver({ from: next, to, matched: range(next, to) });
      const host = hostOf(opened);
      for (const at of range(next, to)) {
        await host.begun(at, what.finished);
        if (at < to || what.done) await host.done(at);
      }
      host.close();
      return;
    }
    case "record":
      if (next <= lastSeq) await opened.record({ kind: what.as, failure: failure(next) });
      return;
    case "stop":
      if (next <= lastSeq) await opened.setState("failed", failure(next), ["first"]);
      return;
    case "absent":
      return opened.setState("absent", null);
    case "pause":
      return opened.setPaused(what.on ? NOTE : null);
    case "move": {
      const to = Math.max(firstSeq - 1, Math.min(lastSeq, seq + what.by));
      if (to !== seq) await opened.moveCursor({ from: seq, to }, NOTE);
      await journal.recordAction({ ...NOTE, action: "forward", plugin: id, detail: `to ${to}` } as never);
      return;
    }
  }
}

/** All but epochs and sizes, which are the engine's own. */
export async function everythingOf(journal: Journal): Promise<unknown> {
  const ids = await idsAfter(journal, 0, 3);
  const reader = await journal.readerState();
  const asked = range(0, Math.max(30, (reader?.position ?? 0) + 2, ...ids));
  return {
    ids,
    reader,
    head: { firstSeq: journal.head.firstSeq, lastSeq: journal.head.lastSeq },
    lanes: (await journal.lanes()).map(({ epoch: _, ...lane }) => lane),
    ledgers: [...(await journal.ledgers(asked))],
    groups: await journal.failureGroups(1000),
    never: await journal.neverRanges(1000),
    actions: await journal.actions(1000),
    newest: await journal.newestById(reader?.generation ?? 1, 1e9, 1000),
  };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
