/** What every plugin of the cluster's chaos run does with an event: write down that it came, take a while, and write down that it is done. */
import { setTimeout as wait } from "node:timers/promises";
import type { Event } from "callsheet";
import { note } from "../plugins/_note.ts";

/** Of all that a plugin does with an event. */
const LONGEST_MS = 20;

export async function call(name: string, event: Event, share = 1): Promise<void> {
  const host = process.env.CALLSHEET_HOST!;
  note(name, event, host, "called");
  await wait(Math.random() * LONGEST_MS * share);
  note(name, event, host, "done");
}
