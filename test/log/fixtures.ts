import { Writable } from "node:stream";

/** An output that keeps what is written; `isTTY` makes it a terminal. */
export class Kept extends Writable {
  text = "";
  readonly isTTY: boolean;

  constructor(isTTY = false) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  hasColors(): boolean {
    return true;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  get records(): Record<string, unknown>[] {
    return this.text
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
