/** The bytes of a pickle, from front to end. */
import { CutShort, malformed } from "./pickle-refusals.ts";

const NEWLINE = 10;

export class PickleBytes {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Place of the next byte. */
  get at(): number {
    return this.#at;
  }

  /** Whether nothing follows but the end of a line. */
  get isOver(): boolean {
    return /^\s*$/.test(this.#bytes.toString("latin1", this.#at, this.#at + 100));
  }

  byte(): number {
    return this.#take(1)[0]!;
  }

  /** A whole number without sign, little-endian, of up to 6 bytes. */
  unsigned(length: number): number {
    return this.#take(length).readUIntLE(0, length);
  }

  signed32(): number {
    return this.#take(4).readInt32LE(0);
  }

  /** A length of 8 bytes; none that is real needs more than 6 of them. */
  longLength(): number {
    const length = this.unsigned(6);
    if (this.unsigned(2) !== 0) throw new CutShort();
    return length;
  }

  take(length: number): Buffer {
    return this.#take(length);
  }

  /** Up to the next newline, which is passed. */
  line(): Buffer {
    const end = this.#bytes.indexOf(NEWLINE, this.#at);
    if (end < 0) throw new CutShort();
    const line = this.#take(end - this.#at);
    this.#at += 1;
    return line;
  }

  lineText(): string {
    return this.line().toString("latin1");
  }

  /** A whole number as decimal text on a line of its own. */
  lineNumber(): number {
    const text = this.lineText();
    if (!/^\d{1,10}$/.test(text)) throw malformed();
    return Number(text);
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new CutShort();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
