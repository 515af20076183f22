import { CallsheetError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Host, PluginFile } from "./host.ts";
import { pause } from "./pause.ts";

export interface Ending {
  /** When it aborts the host is ended at once, unless it is quiet already. */
  atOnce?: AbortSignal;
  /** The event in hand is finished, and nothing more is called; the host may still be there. Waited for. */
  onQuiet?: () => Promise<void>;
}

/** Lets a host finish its event in hand, unless that takes longer than `graceMs`. Resolves when it is gone. */
export async function endHost(
  host: Host,
  graceMs: number,
  told: { log: Log; plugin: string },
  { atOnce, onQuiet }: Ending = {},
): Promise<void> {
  const quiet = new AbortController();
  const stopped = host.stop();
  void host.quiet.then(() => quiet.abort());
  const late = await pause(graceMs, AbortSignal.any([quiet.signal, ...(atOnce ? [atOnce] : [])]));
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
  }
  if (quiet.signal.aborted) await onQuiet?.();
  else await host.kill();
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
