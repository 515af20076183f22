/**
 * Reads the pickles that the Python daemon keeps its state in, protocols 0 to 5, of Python 2 and 3: dicts, tuples, texts, whole
 * numbers, None and dates. A pickle is a program for a small machine that can call anything in Python; here it can only make
 * data, and whatever else it asks for is refused.
 */
import { INSTRUCTIONS, NEVER_WRITTEN, STOP } from "./pickle-instructions.ts";
import { PickleMachine, type PickleValue } from "./pickle-machine.ts";
import { CutShort, neverWritten, noPickle, PickleRefused } from "./pickle-refusals.ts";

/** How the pickle of a dict begins: MARK and DICT in protocol 0, EMPTY_DICT, PROTO from protocol 2 on. */
const FIRST_BYTES = new Set([0x28, 0x7d, 0x80]);

/** @throws {PickleRefused} for anything that is not a whole pickle of plain data */
export function readPickle(bytes: Uint8Array): PickleValue {
  try {
    return run(bytes);
  } catch (error) {
    // text that happens to begin as an instruction does
    if (error instanceof CutShort && bytes.length > 0 && !FIRST_BYTES.has(bytes[0]!)) throw noPickle();
    throw error;
  }
}

function run(bytes: Uint8Array): PickleValue {
  const machine = new PickleMachine(bytes);
  for (;;) {
    const { at } = machine.input;
    const code = machine.input.byte();
    if (code === STOP) return machine.end();
    const instruction = INSTRUCTIONS.get(code);
    if (!instruction) throw refused(code, at);
    instruction(machine);
  }
}

function refused(code: number, at: number): PickleRefused {
  const name = NEVER_WRITTEN.get(code);
  if (name) return neverWritten(`it has the instruction ${name}`);
  const hex = code.toString(16).padStart(2, "0");
  if (at === 0) return noPickle();
  return new PickleRefused(`it is damaged: byte ${at} is 0x${hex}, which is no instruction`);
}
