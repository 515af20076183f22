/** `datetime.datetime` as pickles have it, and what Python 3 wraps its bytes in below protocol 3. */
import type { PickleTuple } from "./pickle-machine.ts";
import { PickleRefused } from "./pickle-refusals.ts";

const STATE_BYTES = 10;

/** A date and time of day without a zone: the wall clock of the machine that wrote it. */
export class NaiveDate {
  /** `2026-11-01T08:00:00` */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** From its state, or from year, month, day and perhaps hour, minute, second, microsecond. */
export function dateOf(args: PickleTuple): NaiveDate {
  const [state, ...more] = args;
  if (Buffer.isBuffer(state) && more.length === 0) return fromState(state);
  const parts = args.filter((part) => typeof part === "number");
  if (parts.length !== args.length || parts.length < 3 || parts.length > 7) throw noDate();
  return fromParts(parts);
}

/** `_codecs.encode(text, "latin1")`: bytes, a character each. */
export function bytesOfLatin1([text, encoding, ...more]: PickleTuple): Buffer {
  if (typeof text !== "string" || encoding !== "latin1" || more.length > 0 || /[^\0-\xff]/.test(text)) {
    throw new PickleRefused("it asks for _codecs.encode in a way that the daemon never writes");
  }
  return Buffer.from(text, "latin1");
}

function fromState(state: Buffer): NaiveDate {
  if (state.length !== STATE_BYTES) throw noDate();
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = state.subarray(2);
  // the highest bit of the month tells the second of two equal times in autumn
  return fromParts([state.readUInt16BE(0), month & 0x7f, day, hour, minute, second, state.readUIntBE(7, 3)]);
}

function fromParts([
  year = 0,
  month = 0,
  day = 0,
  hour = 0,
  minute = 0,
  second = 0,
  micro = 0,
]: number[]): NaiveDate {
  const two = (part: number) => String(part).padStart(2, "0");
  const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
  const real = new Date(`${text}Z`);
  const same = !Number.isNaN(real.getTime()) && real.toISOString().startsWith(text);
  if (!same || year < 1 || micro < 0 || micro > 999_999) throw noDate();
  return new NaiveDate(text);
}

function noDate(): PickleRefused {
  return new PickleRefused("it is damaged: it has a date that is none");
}
