/** In a strict order those after a plugin wait while it could not be opened yet. */
import { expect, it } from "vitest";
import type { PluginFile } from "../../src/daemon/host.ts";
import { Opening, type OpeningParts } from "../../src/daemon/opening.ts";
import { openOrder } from "../../src/daemon/order.ts";
import { CallsheetError } from "../../src/errors.ts";
import { TestLog } from "./rig.ts";

const fileOf = (name: string): PluginFile =>
  ({ ...{ folder: 0, name, path: `/p/${name}.ts` } }) as PluginFile;
const [A, B] = [fileOf("a"), fileOf("b")];

/** b runs; what becomes of an attempt to open a is said by `next`. */
function opening() {
  const next = { fails: null as Error | null, fit: true, label: null as { label: string } | null };
  const order = openOrder("strict");
  const b = { file: B, active: true, doneSeq: 7 };
  order.add(b);
  const parts = {
    order,
    log: new TestLog(),
    journal: { head: { lastSeq: 0 }, lanes: async () => [] },
    allotment: { leaseOf: () => undefined, isFit: async () => next.fit, waitsFor: () => next.label },
    add: async () => {
      if (next.fails) throw next.fails;
    },
  } as unknown as OpeningParts;
  return { next, opening: new Opening(parts), limit: () => order.limit(b) };
}

const LOCKED = new CallsheetError("STATE_LOCKED", "The lane was taken.");
const NO_LIMIT = Number.POSITIVE_INFINITY;

it("waits over a failed attempt, whose answer may have been lost, until the next is through", async () => {
  const { next, opening: it, limit } = opening();
  next.fails = LOCKED;
  const attempt = it.open([A], [A, B]);
  expect(limit()).toBe(0);
  await attempt;
  expect(limit()).toBe(0);
  // a look in between
  await it.letGo([A, B]);
  expect(limit()).toBe(0);
  next.fails = null;
  await it.open([A], [A, B]);
  expect(limit()).toBe(NO_LIMIT);
});

it("waits for one that is being opened, whatever a look finds meanwhile", async () => {
  const { opening: it, limit } = opening();
  const attempt = it.open([A], [A, B]);
  await it.letGo([B]);
  expect(limit()).toBe(0);
  await attempt;
  expect(limit()).toBe(NO_LIMIT);
});

it("does not wait for what this host is not to open after all", async () => {
  const failed = async () => {
    const all = opening();
    all.next.fails = LOCKED;
    await all.opening.open([A], [A, B]);
    expect(all.limit()).toBe(0);
    return all;
  };
  const gone = await failed();
  await gone.opening.letGo([B]);
  expect(gone.limit()).toBe(NO_LIMIT);
  const unfit = await failed();
  unfit.next.fit = false;
  await unfit.opening.letGo([A, B]);
  expect(unfit.limit()).toBe(NO_LIMIT);
  const unlabelled = await failed();
  unlabelled.next.label = { label: "gpu" };
  await unlabelled.opening.letGo([A, B]);
  expect(unlabelled.limit()).toBe(NO_LIMIT);
});
