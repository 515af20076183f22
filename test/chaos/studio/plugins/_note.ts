/** What every plugin of the chaos run does with an event: meet the mischief that is on, then write down that it came. */
import { appendFileSync, readFileSync } from "node:fs";
import type { Event } from "callsheet";

const STUDIO = process.env.CHAOS_STUDIO!;

/** One line: the event's own number, the machine's clock in ms, whether it was marked as coming again, and more. */
export function note(plugin: string, event: Event, ...more: string[]): void {
  const number = Number.parseInt(event.session_uuid!.slice(-12), 16);
  const clock = Number(process.hrtime.bigint() / 1_000_000n);
  const mark = event.redelivered ? "redelivered" : "first";
  appendFileSync(`${STUDIO}/notes/${plugin}`, `${[number, clock, mark, ...more].join(" ")}\n`);
}

/** Whatever stands in the file of this name: `throw`, `hang`, `spin`, `exit`, `leak`, `stray`. */
export async function meetMischief(plugin: string): Promise<void> {
  switch (mischief(plugin)) {
    case "throw":
      throw new Error("mischief");
    case "hang":
      return new Promise(() => {});
    case "spin":
      for (;;);
    case "exit":
      process.exit(3);
      break;
    case "leak":
      for (const kept: number[][] = []; ; ) kept.push(new Array(100_000).fill(kept.length));
    case "stray":
      setImmediate(() => {
        throw new Error("stray mischief");
      });
      return new Promise(() => {});
  }
}

function mischief(plugin: string): string | null {
  try {
    return readFileSync(`${STUDIO}/mischief/${plugin}`, "utf8");
  } catch {
    return null;
  }
}
