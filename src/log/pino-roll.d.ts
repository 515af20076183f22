/** The library ships no types; this is the part of it that is used. */
declare module "pino-roll" {
  import type { destination } from "pino";

  export type RollingStream = ReturnType<typeof destination>;

  interface RollOptions {
    /** Path of the log file; date and number come before its ending. */
    file: string;
    frequency: "daily";
    /** A date-fns format. */
    dateFormat: string;
    mkdir: boolean;
    /** Write with `fs.writeSync`: a line is in the file when the call returns. */
    sync: boolean;
    /** Bytes held back while the disk takes nothing; what comes after is dropped. */
    maxLength: number;
    limit: { count: number; removeOtherLogFiles: boolean };
  }

  export default function roll(options: RollOptions): Promise<RollingStream>;
}
