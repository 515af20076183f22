/** The bookkeeping under random histories: breaks, mends, flapping, places that are down, restarts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Kind } from "../../src/alerts/kinds.ts";
import { CHAT, DAY, HOUR, MINUTE, POLICY, SECOND, START, World } from "./world.ts";

type Step =
  | { kind: "broke"; what: Kind; plugin: string }
  | { kind: "mended"; what: Kind; plugin: string }
  | { kind: "flap"; what: Kind; plugin: string; times: number }
  | { kind: "pass"; ms: number }
  | { kind: "down"; sink: string }
  | { kind: "up"; sink: string }
  | { kind: "restart" };

const KINDS: Kind[] = ["plugin_failed", "plugin_unloadable", "callback_failed", "plugin_lagging"];
const what = fc.constantFrom(...KINDS);
const plugin = fc.constantFrom("notify", "folders", "roll-up", "kitsu", "slates", "farm");
const sink = fc.constantFrom("mail", CHAT.sink);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("broke" as const), what, plugin }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("mended" as const), what, plugin }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("flap" as const),
      what,
      plugin,
      times: fc.integer({ min: 2, max: 100 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(50, SECOND, 5 * SECOND, MINUTE, 20 * MINUTE, 2 * HOUR, 2 * DAY),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("down" as const), sink }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("up" as const), sink }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);

/** What was done to each case. */
class Ledger {
  readonly breaks = new Map<string, number>();
  readonly open = new Set<string>();

  broke(what: Kind, plugin: string): void {
    const key = `${what}/${plugin}`;
    this.breaks.set(key, (this.breaks.get(key) ?? 0) + 1);
    if (what !== "callback_failed") this.open.add(key);
  }

  mended(what: Kind, plugin: string): void {
    this.open.delete(`${what}/${plugin}`);
  }
}

function play(steps: readonly Step[], world: World): Ledger {
  const ledger = new Ledger();
  const broke = (what: Kind, plugin: string) => {
    world.broke(what, plugin);
    ledger.broke(what, plugin);
  };
  const mended = (what: Kind, plugin: string) => {
    world.mended(what, plugin);
    ledger.mended(what, plugin);
  };
  for (const next of steps) {
    if (next.kind === "broke") broke(next.what, next.plugin);
    else if (next.kind === "mended") mended(next.what, next.plugin);
    else if (next.kind === "pass") world.pass(next.ms);
    else if (next.kind === "down") world.down.add(next.sink);
    else if (next.kind === "up") world.up(next.sink);
    else if (next.kind === "restart") world.restart();
    else {
      for (let count = 0; count < next.times; count += 1) {
        broke(next.what, next.plugin);
        world.pass(50);
        mended(next.what, next.plugin);
        world.pass(50);
      }
    }
  }
  for (const sink of [...world.down]) world.up(sink);
  // long enough for every pause, and short of a second reminder
  world.pass(DAY + HOUR);
  return ledger;
}

describe("whatever happens", () => {
  const receivers = [CHAT.key, "mail"];
  const histories = fc.array(step, { maxLength: 60 });

  test("every break is told or counted, exactly once, to everybody", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const world = new World();
        const ledger = play(steps, world);
        for (const receiver of receivers) {
          for (const [key, breaks] of ledger.breaks) {
            const told = world.items(receiver).filter(({ fingerprint }) => fingerprint === key);
            expect(
              told.reduce((sum, item) => sum + item.breaks, 0),
              `${key} to ${receiver}`,
            ).toBe(breaks);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("the last word on each case is how it is: a told break is followed by a told recovery", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const world = new World();
        const ledger = play(steps, world);
        for (const receiver of receivers) {
          for (const key of ledger.breaks.keys()) {
            const last = world.items(receiver).findLast(({ fingerprint }) => fingerprint === key);
            expect(last?.open, `${key} to ${receiver}`).toBe(ledger.open.has(key));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("nobody gets more letters in an hour than configured, nor a case more than two words a pause", () => {
    fc.assert(
      fc.property(histories, fc.constantFrom(1, 3, 20), (steps, mostAnHour) => {
        const world = new World({ ...POLICY, mostAnHour });
        const ledger = play(steps, world);
        const hours = (world.now - START) / HOUR;
        for (const receiver of receivers) {
          const times = world.sent
            .filter((sent) => sent.receiver === receiver)
            .map(({ letter }) => letter.sealedAt);
          for (const [index, at] of times.entries())
            expect(times.slice(index).filter((other) => other - at < HOUR).length).toBeLessThanOrEqual(
              mostAnHour,
            );
          for (const key of ledger.breaks.keys()) {
            const told = world.items(receiver).filter(({ fingerprint }) => fingerprint === key);
            expect(told.length).toBeLessThanOrEqual(2 * (3 + hours));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("no two letters have one id", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const world = new World();
        play(steps, world);
        const ids = world.sent.map(({ letter }) => letter.id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
