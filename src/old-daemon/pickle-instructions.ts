/** The instructions that the Python daemon's state can contain, by their byte (Lib/pickletools.py of CPython). */

import { bytesOfLatin1, dateOf } from "./pickle-date.ts";
import { MARK, type PickleCallable, type PickleMachine } from "./pickle-machine.ts";
import { malformed, neverWritten, PickleRefused } from "./pickle-refusals.ts";
import { decimal, longNumber, numberOrTruth, quotedBytes, rawUnicode } from "./pickle-text.ts";

type Instruction = (machine: PickleMachine) => void;

export const STOP = ".".charCodeAt(0);
const LATEST_PROTOCOL = 5;

/** All that can be called: names for what is done here. */
const CALLABLES = new Map<string, PickleCallable>([
  ["datetime.datetime", dateOf],
  ["_codecs.encode", bytesOfLatin1],
]);

/** Instructions of real pickles that mean more than plain data, or data of other kinds. */
export const NEVER_WRITTEN = byCode({
  b: "BUILD",
  i: "INST",
  o: "OBJ",
  P: "PERSID",
  Q: "BINPERSID",
  G: "BINFLOAT",
  F: "FLOAT",
  l: "LIST",
  "]": "EMPTY_LIST",
  a: "APPEND",
  e: "APPENDS",
  "0": "POP",
  "1": "POP_MARK",
  "2": "DUP",
  "\x81": "NEWOBJ",
  "\x82": "EXT1",
  "\x83": "EXT2",
  "\x84": "EXT4",
  "\x88": "NEWTRUE",
  "\x89": "NEWFALSE",
  "\x8f": "EMPTY_SET",
  "\x90": "ADDITEMS",
  "\x91": "FROZENSET",
  "\x92": "NEWOBJ_EX",
  "\x96": "BYTEARRAY8",
  "\x97": "NEXT_BUFFER",
  "\x98": "READONLY_BUFFER",
});

const COMMON: Record<string, Instruction> = {
  "(": (it) => it.push(MARK),
  N: (it) => it.push(null),
  t: (it) => it.make(it.popToMark()),
  s: (it) => it.fill([it.pop(), it.pop()].reverse()),
  c: (it) => it.push(callable(it.input.lineText(), it.input.lineText())),
  R: (it) => {
    const args = it.popTuple();
    it.make(it.popCallable()(args));
  },
};

/** Protocol 0: lines of text. */
const TEXT: Record<string, Instruction> = {
  I: (it) => it.push(numberOrTruth(it.input.lineText())),
  L: (it) => it.push(decimal(it.input.lineText())),
  S: (it) => it.make(quotedBytes(it.input.line())),
  V: (it) => it.make(rawUnicode(it.input.line())),
  d: (it) => {
    const items = it.popToMark();
    it.make(new Map());
    it.fill(items);
  },
  p: (it) => it.remember(it.input.lineNumber()),
  g: (it) => it.recall(it.input.lineNumber()),
};

/** Protocol 1. */
const BINARY: Record<string, Instruction> = {
  J: (it) => it.push(it.input.signed32()),
  K: (it) => it.push(it.input.byte()),
  M: (it) => it.push(it.input.unsigned(2)),
  T: (it) => it.make(it.input.take(it.input.unsigned(4))),
  U: (it) => it.make(it.input.take(it.input.byte())),
  X: (it) => it.make(text(it, it.input.unsigned(4))),
  "}": (it) => it.make(new Map()),
  ")": (it) => it.make([]),
  u: (it) => it.fill(it.popToMark()),
  q: (it) => it.remember(it.input.byte()),
  r: (it) => it.remember(it.input.unsigned(4)),
  h: (it) => it.recall(it.input.byte()),
  j: (it) => it.recall(it.input.unsigned(4)),
};

/** Protocols 2 to 5. */
const LATER: Record<string, Instruction> = {
  "\x80": (it) => {
    const protocol = it.input.byte();
    if (protocol <= LATEST_PROTOCOL) return;
    throw new PickleRefused(`it is a pickle of protocol ${protocol}, which is not known here`);
  },
  "\x85": (it) => it.make([it.pop()]),
  "\x86": (it) => it.make([it.pop(), it.pop()].reverse()),
  "\x87": (it) => it.make([it.pop(), it.pop(), it.pop()].reverse()),
  "\x8a": (it) => it.push(longNumber(it.input.take(it.input.byte()))),
  "\x8b": (it) => it.push(longNumber(it.input.take(it.input.unsigned(4)))),
  B: (it) => it.make(it.input.take(it.input.unsigned(4))),
  C: (it) => it.make(it.input.take(it.input.byte())),
  "\x8c": (it) => it.make(text(it, it.input.byte())),
  "\x8d": (it) => it.make(text(it, it.input.longLength())),
  "\x8e": (it) => it.make(it.input.take(it.input.longLength())),
  "\x93": (it) => {
    const name = it.pop();
    const module = it.pop();
    if (typeof module !== "string" || typeof name !== "string") throw malformed();
    it.push(callable(module, name));
  },
  "\x94": (it) => it.remember(),
  // a frame only says how much to read at once
  "\x95": (it) => void it.input.longLength(),
};

export const INSTRUCTIONS = byCode({ ...COMMON, ...TEXT, ...BINARY, ...LATER });

function byCode<T>(byLetter: Record<string, T>): Map<number, T> {
  return new Map(Object.entries(byLetter).map(([letter, value]) => [letter.charCodeAt(0), value]));
}

function text(it: PickleMachine, length: number): string {
  return it.input.take(length).toString("utf8");
}

function callable(module: string, name: string): PickleCallable {
  const known = CALLABLES.get(`${module}.${name}`);
  if (known) return known;
  const asked = JSON.stringify(`${module}.${name}`.slice(0, 80));
  throw neverWritten(`it asks for ${asked}`);
}
