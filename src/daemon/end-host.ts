import { CallsheetError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Host, PluginFile } from "./host.ts";
import { pause } from "./pause.ts";

/** Lets a host finish its event in hand, unless that takes longer than `graceMs`, or `atOnce` aborts. Resolves when it is gone. */
export async function endHost(
  host: Host,
  graceMs: number,
  told: { log: Log; plugin: string },
  atOnce?: AbortSignal,
): Promise<void> {
  const grace = new AbortController();
  const stopped = host.stop().then(() => grace.abort());
  const late = await pause(graceMs, AbortSignal.any([grace.signal, ...(atOnce ? [atOnce] : [])]));
  if (atOnce?.aborted) await host.kill();
  if (late) {
    const event = host.inHand();
    told.log.error(
      `${told.plugin} did not finish its event in hand within ${graceMs / 1000} s and was ended; the event comes again`,
      {
        plugin: told.plugin,
        code: "SHUTDOWN_TIMEOUT",
        ...(event ? { callback: host.callbacks[event.callback]?.name ?? "" } : {}),
      },
    );
    await host.kill();
  }
  await stopped;
}

/** What a host that is done with calling may take to send the last of its spans. */
const LAST_WORDS_MS = 2000;

/** Lets a host whose plugin has stopped send what it still has to say. It may be there after this. */
export async function hearOut(host: Host): Promise<void> {
  const heard = new AbortController();
  void host.stop().then(() => heard.abort());
  await pause(LAST_WORDS_MS, heard.signal);
}

/** For whoever asks something of a lane that is about to go. */
export function beingEnded({ name }: PluginFile): CallsheetError {
  return new CallsheetError(
    "NOT_POSSIBLE_NOW",
    `${name} is being ended: its file is gone, or the daemon stops.`,
  );
}
