/** How the protocols that are text write texts and numbers. */
import { malformed, neverWritten, PickleRefused } from "./pickle-refusals.ts";

/** No id has more digits. */
const MOST_DIGITS = 30;
const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b", f: "\f", v: "\v" };

/** `'a\x07b'`, as repr() of Python 2 writes a text. */
export function quotedBytes(line: Buffer): Buffer {
  const text = line.toString("latin1");
  const [, , content] = /^(["'])(.*)\1$/s.exec(text) ?? [];
  if (content === undefined) throw malformed();
  const plain = content.replace(/\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))/gis, (_, hex, octal, letter) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    return ESCAPES[letter] ?? letter;
  });
  return Buffer.from(plain, "latin1");
}

/** A line of latin1 with `\uXXXX` and `\UXXXXXXXX`. */
export function rawUnicode(line: Buffer): string {
  return line.toString("latin1").replace(/\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))/g, (_, four, eight) => {
    const code = Number.parseInt(four ?? eight, 16);
    if (code > 0x10ffff) throw malformed();
    return String.fromCodePoint(code);
  });
}

/** A number, as protocols 0 and 1 write it; they write True and False as numbers with a zero before them. */
export function numberOrTruth(text: string): number | bigint {
  if (text !== "01" && text !== "00") return decimal(text);
  throw neverWritten(`it has ${text === "01" ? "True" : "False"}`);
}

/** `12`, `-3`, and `12L` of Python 2. */
export function decimal(text: string): number | bigint {
  // but for True and False, Python writes no zeros before a number
  if (/^(-?[1-9]\d*|0)L?$/.test(text) && text.length <= MOST_DIGITS)
    return plain(BigInt(text.replace("L", "")));
  throw text.length > MOST_DIGITS ? hugeNumber() : malformed();
}

/** Two's complement, the lowest byte first. */
export function longNumber(bytes: Buffer): number | bigint {
  if (bytes.length > MOST_DIGITS / 2) throw hugeNumber();
  const digits = Buffer.from(bytes).reverse().toString("hex");
  return plain(bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${digits}`)));
}

function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function hugeNumber(): PickleRefused {
  return new PickleRefused("it has a number that is far too large for an event id");
}
