/** Records out of the lines of a log, as they come. */
import type { LogRecord } from "../pretty.ts";
import { isWanted, recordIn, type Wanted, withLine } from "./entries.ts";

/** Puts lines together to records, and keeps those that are wanted. */
export class RecordReader {
  readonly #wanted: Wanted;
  readonly #give: (record: LogRecord) => void;
  #record: LogRecord | null = null;

  constructor(wanted: Wanted, give: (record: LogRecord) => void) {
    this.#wanted = wanted;
    this.#give = give;
  }

  /** A further line; whether it ends the record before it shows with the next one. */
  line(text: string): void {
    const begun = recordIn(text);
    if (begun) {
      this.flush();
      this.#record = begun;
    } else if (this.#record) this.#record = withLine(this.#record, text);
  }

  /** No more lines for now: what there is is whole. */
  flush(): void {
    if (this.#record && isWanted(this.#record, this.#wanted)) this.#give(this.#record);
    this.#record = null;
  }
}
