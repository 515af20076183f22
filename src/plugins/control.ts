/**
 * The control block: a little memory shared by the daemon and one plugin thread, so that either side can look or signal
 * even while the other one is busy. This file is loaded on both sides: it imports next to nothing.
 */
import type { InHand } from "../daemon/host.ts";
import { machineMs } from "../machine-clock.ts";

export const CONTROL_BYTES = 32;

/** Log lines a thread may be ahead of the daemon; past that it waits, so that no plugin can flood the daemon. */
const MAX_LINES_AHEAD = 500;

// Places in the block, the first four as 32-bit integers, the others as 64-bit floats.
const STOP = 0;
const LINES = 1;
const VERSION = 2;
const CALLBACK = 3;
const SEQ = 2;
const BEGAN = 3;
const BETWEEN_CALLBACKS = -1;

/** `performance.now()` counts from the start of its own thread; this makes it one clock for all of them. */
const threadOffsetMs = machineMs() - performance.now();

export class ControlBlock {
  readonly #ints: Int32Array<SharedArrayBuffer>;
  readonly #floats: Float64Array<SharedArrayBuffer>;

  constructor(memory: SharedArrayBuffer) {
    this.#ints = new Int32Array(memory);
    this.#floats = new Float64Array(memory);
  }

  static create(): { memory: SharedArrayBuffer; control: ControlBlock } {
    const memory = new SharedArrayBuffer(CONTROL_BYTES);
    const control = new ControlBlock(memory);
    control.#ints[CALLBACK] = BETWEEN_CALLBACKS;
    return { memory, control };
  }

  requestStop(): void {
    Atomics.store(this.#ints, STOP, 1);
  }

  get stopRequested(): boolean {
    return Atomics.load(this.#ints, STOP) === 1;
  }

  /** A callback is about to be called; `nowMs` is the thread's own `performance.now()`. */
  enter(seq: number, callback: number, nowMs: number): void {
    // An odd version says: being written, look again.
    Atomics.add(this.#ints, VERSION, 1);
    this.#floats[SEQ] = seq;
    this.#floats[BEGAN] = nowMs + threadOffsetMs;
    Atomics.store(this.#ints, CALLBACK, callback);
    Atomics.add(this.#ints, VERSION, 1);
  }

  leave(): void {
    Atomics.store(this.#ints, CALLBACK, BETWEEN_CALLBACKS);
  }

  inHand(): InHand | null {
    for (;;) {
      const version = Atomics.load(this.#ints, VERSION);
      const callback = Atomics.load(this.#ints, CALLBACK);
      const seq = this.#floats[SEQ]!;
      const began = this.#floats[BEGAN]!;
      const settled = version % 2 === 0 && Atomics.load(this.#ints, VERSION) === version;
      if (!settled) continue;
      if (callback === BETWEEN_CALLBACKS) return null;
      return { seq, callback, forMs: Math.max(0, performance.now() + threadOffsetMs - began) };
    }
  }

  /** In the thread: counts a log line that is on its way, and waits while too many are. */
  lineSent(): void {
    let ahead = Atomics.add(this.#ints, LINES, 1) + 1;
    while (ahead > MAX_LINES_AHEAD) {
      Atomics.wait(this.#ints, LINES, ahead);
      ahead = Atomics.load(this.#ints, LINES);
    }
  }

  /** In the daemon: a line has arrived. */
  lineTaken(): void {
    if (Atomics.sub(this.#ints, LINES, 1) > MAX_LINES_AHEAD) Atomics.notify(this.#ints, LINES);
  }
}
