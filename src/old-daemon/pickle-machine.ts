/**
 * The stack machine that a pickle is a program for, as far as plain data needs it. What it makes is bounded, whatever the program
 * says.
 */
import { PickleBytes } from "./pickle-bytes.ts";
import type { NaiveDate } from "./pickle-date.ts";
import { malformed, PickleRefused, tooLarge } from "./pickle-refusals.ts";

/** A text of Python 2 is a Buffer: nothing says how it is encoded. */
export type PickleValue = number | bigint | string | Buffer | null | NaiveDate | PickleTuple | PickleDict;
export type PickleTuple = readonly PickleValue[];
export type PickleDict = Map<string | number | bigint, PickleValue>;
export type PickleCallable = (args: PickleTuple) => PickleValue;

export const MARK = Symbol("mark");
export type PickleItem = PickleValue | PickleCallable | typeof MARK;

/** Beyond any real state, and within what a small machine can hold. */
const LIMITS = { stack: 100_000, objects: 1_000_000, entries: 2_000_000, memo: 1_000_000 };

export class PickleMachine {
  readonly input: PickleBytes;
  readonly #stack: PickleItem[] = [];
  readonly #memo = new Map<number, PickleItem>();
  #objects = 0;
  #entries = 0;

  constructor(bytes: Uint8Array) {
    this.input = new PickleBytes(bytes);
  }

  push(item: PickleItem): void {
    if (this.#stack.length >= LIMITS.stack) throw tooLarge();
    this.#stack.push(item);
  }

  /** Pushes something that takes memory of its own. */
  make(value: PickleValue): void {
    this.#objects += 1;
    if (this.#objects > LIMITS.objects) throw tooLarge();
    this.push(value);
  }

  pop(): PickleValue {
    return plain(this.#stack.pop());
  }

  popCallable(): PickleCallable {
    const item = this.#stack.pop();
    if (typeof item !== "function") throw malformed();
    return item;
  }

  popTuple(): PickleTuple {
    const value = this.pop();
    if (!Array.isArray(value)) throw malformed();
    return value as PickleTuple;
  }

  /** What was made; nothing is left over, and nothing but a line's end stands behind it. */
  end(): PickleValue {
    const value = this.pop();
    if (this.#stack.length > 0) throw malformed();
    if (!this.input.isOver) throw new PickleRefused("it is damaged: it goes on after its end");
    return value;
  }

  /** What lies above the last mark; the mark goes too. */
  popToMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw malformed();
    return this.#stack.splice(mark).slice(1).map(plain);
  }

  /** Adds key, value, key, value to the dict on top. */
  fill(items: readonly PickleValue[]): void {
    const dict = this.#stack.at(-1);
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw malformed();
    this.#entries += items.length / 2;
    if (this.#entries > LIMITS.entries) throw tooLarge();
    for (let i = 0; i < items.length; i += 2) {
      const key = keyOf(items[i]!);
      // no dict has one twice
      if (dict.has(key)) throw malformed();
      dict.set(key, items[i + 1]!);
    }
  }

  /** Picklers count on from 0, that of C in Python 2 from 1. */
  remember(index = this.#memo.size): void {
    if (index !== this.#memo.size && index !== this.#memo.size + 1) throw malformed();
    const top = this.#stack.at(-1);
    if (top === undefined || top === MARK) throw malformed();
    if (this.#memo.size >= LIMITS.memo) throw tooLarge();
    this.#memo.set(index, top);
  }

  recall(index: number): void {
    const item = this.#memo.get(index);
    if (item === undefined) throw malformed();
    this.push(item);
  }
}

function plain(item: PickleItem | undefined): PickleValue {
  if (item === undefined || item === MARK || typeof item === "function") throw malformed();
  return item;
}

function keyOf(value: PickleValue): string | number | bigint {
  if (Buffer.isBuffer(value)) return textOf(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  throw new PickleRefused("it has a dict whose keys are neither texts nor numbers");
}

/** A path or a name from Python 2, as UTF-8 where it is that. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.includes("\uFFFD") ? bytes.toString("latin1") : text;
}
