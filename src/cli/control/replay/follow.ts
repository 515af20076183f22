/** Following a replay until it does not run any more. The daemon does the work: the command may be ended, and the replay goes on. */
import { setTimeout as timer } from "node:timers/promises";
import { CallsheetError } from "../../../errors.ts";
import { EXIT_FAILED } from "../../failure.ts";
import { untilSignal } from "../../until-signal.ts";
import { me, print } from "../command.ts";
import type { Control } from "../control.ts";
import { type Caught, writeInWords } from "./difference.ts";
import { openProgress, type Progress } from "./progress.ts";
import { endInWords, failuresInWords, type Replay, type ReplayDetail } from "./words.ts";

const EVERY_MS = 300;
const PAGE = 500;

/** Ctrl-C stops the replay; the exit status says whether every event of it went well. */
export async function follow(control: Control, begun: Replay, { json }: { json: boolean }): Promise<void> {
  const asked = untilSignal();
  const progress = openProgress();
  const writes = new Writes(begun, json);
  let stopped = false;
  let told = "";
  let replay = begun;
  while (replay.state === "running") {
    if (asked.aborted && !stopped) {
      stopped = true;
      await stopReplay(control, replay.id);
    }
    await writes.print(control, progress);
    if (json) told = printChanged(replay, told);
    else progress.show(replay);
    await timer(EVERY_MS, undefined, stopped ? {} : { signal: asked }).catch(() => {});
    replay = await current(control, replay.id);
  }
  await writes.print(control, progress);
  progress.clear();
  const detail = await control.get<ReplayDetail>(`/replays/${replay.id}`);
  if (json) print(JSON.stringify({ replay: detail }));
  else print(`${failuresInWords(detail)}${endInWords(detail)}`);
  if (detail.state !== "finished" || detail.counts.failed > 0) process.exitCode = EXIT_FAILED;
}

/** Prints what a dry run catches, as it comes. */
export class Writes {
  readonly #replay: Replay;
  readonly #json: boolean;
  #last: Caught | null = null;

  constructor(replay: Replay, json: boolean) {
    this.#replay = replay;
    this.#json = json;
  }

  async print(control: Control, progress: Pick<Progress, "clear">): Promise<void> {
    if (!this.#replay.dryRun) return;
    for (;;) {
      const path = `/replays/${this.#replay.id}/writes?limit=${PAGE}&after=${this.#last?.number ?? 0}`;
      const { writes } = await control.get<{ writes: Caught[] }>(path);
      if (writes.length > 0) progress.clear();
      for (const write of writes) {
        print(this.#json ? JSON.stringify({ write }) : writeInWords(write, this.#last));
        this.#last = write;
      }
      if (writes.length < PAGE) return;
    }
  }
}

/** A line for each change. Answers what was told last. */
function printChanged(replay: Replay, told: string): string {
  const text = JSON.stringify({ progress: replay });
  if (text !== told) print(text);
  return text;
}

async function current(control: Control, id: number): Promise<Replay> {
  try {
    return await control.get<Replay>(`/replays/${id}`);
  } catch (error) {
    if (!(error instanceof CallsheetError) || error.code !== "DAEMON_NOT_RUNNING") throw error;
    throw new CallsheetError("DAEMON_NOT_RUNNING", "The daemon ended before the replay did.", {
      hint: `It keeps how far it was. Start it, then: callsheet replays resume ${id}`,
    });
  }
}

/** It may just have ended by itself. */
async function stopReplay(control: Control, id: number): Promise<void> {
  try {
    await control.post(`/replays/${id}/stop`, { by: me(), why: "Ctrl-C" });
  } catch (error) {
    if (!(error instanceof CallsheetError) || error.code !== "NOT_POSSIBLE_NOW") throw error;
  }
}
