/** Why a pickle is not read. */

/** What is wrong with the file, as a clause after its name, without its full stop. */
export class PickleRefused extends Error {
  override name = "PickleRefused";

  constructor(message: string) {
    // what is in the file is told, and may be made for a terminal
    super(message.replace(/\p{Cc}/gu, "\uFFFD"));
  }
}

export function malformed(): PickleRefused {
  return new PickleRefused("it is damaged: its instructions do not fit together");
}

/** @param what a clause that ends with what it is, as Python calls it */
export function neverWritten(what: string): PickleRefused {
  return new PickleRefused(`${what}, which the daemon never writes; nothing of it was run`);
}

export function tooLarge(): PickleRefused {
  return new PickleRefused("it holds more than the state of a daemon can");
}

export function noPickle(): PickleRefused {
  return new PickleRefused("it is no pickle");
}

/** There is less than the instructions say. */
export class CutShort extends PickleRefused {
  constructor() {
    super("it ends in the middle: it was cut short while it was written");
  }
}
