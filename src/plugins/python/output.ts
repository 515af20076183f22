/** Lines that were written past the guest: by C code, by a crash, by programs that the plugin started. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A writer that never ends its line must not fill the memory. */
const LONGEST_LINE = 100_000;

export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let begun = "";
  const take = (text: string) => {
    const lines = (begun + text).split("\n");
    begun = lines.pop()!;
    if (begun.length > LONGEST_LINE) {
      lines.push(begun);
      begun = "";
    }
    for (const line of lines) onLine(line);
  };
  stream.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
  stream.on("end", () => {
    take(decoder.end());
    if (begun !== "") onLine(begun);
    begun = "";
  });
  // A pipe that breaks with its process is told of by the process's end.
  stream.on("error", () => {});
}
