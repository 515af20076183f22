/** The site answers badly, late or not at all, or is put back to a backup. */
import type { FaultKind } from "../../../src/sandbox/fault-kinds.ts";
import { clock } from "../site.ts";
import { type Fault, later, type World } from "./fault.ts";

const BAD_ANSWERS: FaultKind[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 502 },
  { kind: "status", status: 503, retryAfter: 1 },
  { kind: "status", status: 429, retryAfter: 1 },
  { kind: "reset" },
  { kind: "reset", at: "request" },
  { kind: "closed" },
  { kind: "truncated" },
  { kind: "wrong_json" },
  { kind: "broken_gzip" },
  { kind: "html" },
  { kind: "slow", ms: 300 },
  { kind: "slow", chunkMs: 20, chunkBytes: 512 },
  { kind: "drop_idle" },
];
const AWAY: FaultKind[] = [
  { kind: "status", status: 503 },
  { kind: "maintenance" },
  { kind: "reset", at: "request" },
  { kind: "hang" },
];
/** An outage of full length comes seldom: a run is short. */
const OUTAGES_MS = [3000, 3000, 8000, 8000, 20_000, 60_000];

export const siteFaults: Fault[] = [
  {
    name: "bad answers",
    weight: 5,
    inject(world) {
      const { dice, site } = world;
      const percent = dice.between(10, 70);
      const ms = dice.between(1000, 6000);
      const order = site.sandbox.faults.chaos({
        seed: dice.between(1, 1e6),
        rate: percent / 100,
        kinds: BAD_ANSWERS,
      });
      later(world, ms, () => order.end());
      return `${percent}% of the answers are bad for ${ms} ms`;
    },
  },
  {
    name: "outage",
    weight: 1,
    inject(world) {
      const kind = world.dice.pick(AWAY)!;
      const ms = world.dice.pick(OUTAGES_MS)!;
      placed(world, kind, ms);
      return `the site is away for ${ms} ms (${kind.kind})`;
    },
  },
  {
    name: "site restored",
    weight: 1,
    inject({ site }) {
      return `the site was put back by ${site.restore()} events`;
    },
  },
];

function placed(world: World, kind: FaultKind, ms: number): void {
  const order = world.site.sandbox.faults.next({ ...kind, until: "ended" });
  const from = clock();
  later(world, ms, () => {
    order.end();
    world.away.push({ from, until: clock() });
  });
}
