import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  readSlot,
  SLOT_BYTES,
  SLOT_RECORD_BYTES,
  type SlotRecord,
  SlotWriter,
} from "../../src/journal/slot.ts";
import { Folders } from "./support.ts";

const folders = new Folders();
let file: string;

beforeEach(() => {
  file = join(folders.make(), "lane.slot");
  writeFileSync(file, Buffer.alloc(SLOT_BYTES));
});
afterEach(() => folders.remove());

/** Writes; answers what should be read after each write. */
function write(writes: readonly { seq: number; n: number; begun: boolean }[], epoch = 3): SlotRecord[] {
  const counter = readSlot(file).record?.counter ?? 0;
  const writer = new SlotWriter(file, epoch);
  const records = writes.map(({ seq, n, begun }, index) => {
    if (begun) writer.begun(seq, n);
    else writer.done(seq);
    return { epoch, counter: counter + index + 1, seq, finishedCallbacks: begun ? n : 0, begun };
  });
  writer.close();
  return records;
}

describe("a slot", () => {
  test("says nothing before it was written, nor when it is missing or empty", () => {
    expect(readSlot(file)).toEqual({ record: null, damaged: 0 });
    writeFileSync(file, "");
    expect(readSlot(file)).toEqual({ record: null, damaged: 0 });
    expect(readSlot(`${file}.not`)).toEqual({ record: null, damaged: 0 });
  });

  test("keeps what was written last, through any number of writers", () => {
    const writes = fc.array(
      fc.record({
        seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        n: fc.integer({ min: 0, max: 65535 }),
        begun: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.array(writes, { minLength: 1, maxLength: 4 }), (writers) => {
        for (const [index, each] of writers.entries()) {
          const records = write(each, index + 1);
          expect(readSlot(file)).toEqual({ record: records.at(-1), damaged: 0 });
        }
      }),
      { numRuns: 50 },
    );
  });

  test("a write that is torn at any byte leaves the one before it, or is whole", () => {
    const [, before] = write([
      { seq: 7, n: 0, begun: false },
      { seq: 8, n: 2, begun: true },
    ]);
    const old = readFileSync(file);
    const [after] = write([{ seq: 9, n: 0, begun: false }]);
    const young = readFileSync(file);
    const from = SLOT_RECORD_BYTES * (after!.counter % 2);
    for (let bytes = 0; bytes <= SLOT_RECORD_BYTES; bytes += 1) {
      const torn = Buffer.from(old);
      young.copy(torn, from, from, from + bytes);
      writeFileSync(file, torn);
      const { record, damaged } = readSlot(file);
      expect([before, after]).toContainEqual(record);
      if (record!.counter === before!.counter) expect(damaged).toBeLessThanOrEqual(1);
    }
    expect(readSlot(file).record).toEqual(after);
  });

  test("no flipped bit is taken for progress", () => {
    const records = write([
      { seq: 7, n: 3, begun: true },
      { seq: 8, n: 2, begun: true },
    ]);
    const sound = readFileSync(file);
    for (let bit = 0; bit < SLOT_BYTES * 8; bit += 1) {
      const flipped = Buffer.from(sound);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(file, flipped);
      const { record, damaged } = readSlot(file);
      expect(damaged).toBe(1);
      expect(records).toContainEqual(record);
    }
  });

  test("two damaged records say so", () => {
    write([
      { seq: 7, n: 3, begun: true },
      { seq: 8, n: 2, begun: true },
    ]);
    writeFileSync(file, readFileSync(file).fill(0xaa));
    expect(readSlot(file)).toEqual({ record: null, damaged: 2 });
  });
});
