/** How far a replay is: a bar on a terminal, a line now and then in a pipe. On the error output: the output is for what it says. */
import { dim } from "../command.ts";
import { countsInWords, doneOf, type Replay } from "./words.ts";

export interface Progress {
  show(replay: Replay): void;
  /** Makes room for other lines; the next `show` brings it back. */
  clear(): void;
}

const WIDTH = 24;
/** A line is written whenever so much more is done. */
const STEP = 0.1;

export function openProgress(stderr: NodeJS.WriteStream = process.stderr): Progress {
  return stderr.isTTY ? bar(stderr) : lines(stderr);
}

function bar(stderr: NodeJS.WriteStream): Progress {
  return {
    show(replay) {
      const done = doneOf(replay);
      const full = Math.floor(done * WIDTH);
      const text = `${"█".repeat(full)}${dim("░".repeat(WIDTH - full))} ${percent(done)} ${doing(replay)}`;
      stderr.write(`\r${text}\x1b[K`);
    },
    clear: () => void stderr.write("\r\x1b[K"),
  };
}

function lines(stderr: NodeJS.WriteStream): Progress {
  let told = -1;
  return {
    show(replay) {
      const step = Math.floor(doneOf(replay) / STEP);
      if (step === told) return;
      told = step;
      stderr.write(`replay ${replay.id}: ${percent(doneOf(replay))}, ${doing(replay)}\n`);
    },
    clear() {},
  };
}

function doing(replay: Replay): string {
  const { activity, retrying, inHand } = replay;
  const counts = countsInWords(replay);
  if (retrying) return `${counts}; ${retrying.callback} is called again for event ${retrying.eventId}`;
  if (activity === "loading") return "loading the plugin";
  if (activity === "stopping") return `${counts}; it stops after the event in hand`;
  if (inHand && inHand.forMs > 5000)
    return `${counts}; ${inHand.callback} has been at event ${inHand.eventId} for ${Math.round(inHand.forMs / 1000)} s`;
  return counts;
}

function percent(done: number): string {
  return `${Math.floor(done * 100)}%`.padStart(4);
}
