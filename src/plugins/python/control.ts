/**
 * The control block of a python process: a small file that daemon and guest both have open, and that has no name any more,
 * so that the daemon can see what is in hand while the guest is busy. Eight 64-bit floats, in the order below;
 * `guest/callsheet_guest/control.py` is the other side.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InHand } from "../../daemon/host.ts";

const PLACES = 8;
const [BEFORE, LANE, SEQ, CALLBACK, BEGAN, AFTER] = [0, 1, 2, 3, 4, 5];
const BETWEEN_CALLBACKS = -1;
/** A guest that was killed while it wrote leaves two versions that never agree. */
const MOST_LOOKS = 100;

export class PythonControl {
  readonly fd: number;
  readonly #places = new Float64Array(PLACES);
  #closed = false;

  /** @throws the file system's error when the temporary folder cannot be written */
  constructor() {
    const folder = mkdtempSync(join(tmpdir(), "callsheet-control-"));
    try {
      this.fd = openSync(join(folder, "block"), "w+", 0o600);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    this.#places[CALLBACK!] = BETWEEN_CALLBACKS;
    writeSync(this.fd, this.#places);
  }

  /** `lane`: the number of the plugin whose callback it is. */
  inHand(): (InHand & { lane: number }) | null {
    const places = this.#places;
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      // what was read last still holds when the file is closed
      if (!this.#closed) readSync(this.fd, places, 0, places.byteLength, 0);
      if (places[BEFORE!] === places[AFTER!]) break;
    }
    const callback = places[CALLBACK!]!;
    if (callback === BETWEEN_CALLBACKS) return null;
    const forMs = Math.max(0, monotonicMs() - places[BEGAN!]!);
    return { lane: places[LANE!]!, seq: places[SEQ!]!, callback, forMs };
  }

  close(): void {
    if (this.#closed) return;
    this.inHand();
    this.#closed = true;
    closeSync(this.fd);
  }
}

/** The clock of Python's `time.monotonic`. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
