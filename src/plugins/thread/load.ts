/** A plugin file in a thread of its own. */
import type { Transport } from "../../client/transport.ts";
import type { Host, HostStart } from "../../daemon/host.ts";
import { loadHost } from "../load.ts";
import type { GuestStart, LoadFailure } from "../messages.ts";
import { findSyntaxError } from "../syntax-check.ts";
import { PluginThread } from "./thread.ts";

export interface LoadSettings
  extends Omit<GuestStart, "control" | "pluginPath" | "pluginName" | "slot" | "replay"> {
  transport: Transport;
  loadTimeoutMs: number;
}

/** @throws PluginLoadError PLUGIN_* or HOST_*, when the thread is gone again */
export function loadInThread(
  { transport, loadTimeoutMs, ...guest }: LoadSettings,
  start: HostStart,
  onThread: (thread: PluginThread) => void,
): Promise<Host> {
  const { plugin, slot, listener, replay = null } = start;
  return loadHost({
    start,
    timeoutMs: loadTimeoutMs,
    carry: (onMessage) => {
      const thread = new PluginThread({
        guest: {
          ...guest,
          pluginPath: plugin.path,
          pluginName: plugin.name,
          slot,
          replay,
        },
        transport: start.throughSite?.(transport) ?? transport,
        onMessage,
        onStrayOutput: (text) =>
          listener.log({
            logger: `plugin.${plugin.name}`,
            level: "error",
            message: text.trimEnd(),
            eventId: null,
          }),
      });
      onThread(thread);
      return thread;
    },
    explain: withPlace,
  });
}

/** The same failure with the place of the syntax error, if it can be found. */
async function withPlace(failure: LoadFailure, thread: PluginThread): Promise<LoadFailure> {
  const { error, placeUnknown } = failure;
  if (!placeUnknown || !error) return failure;
  const found = await findSyntaxError(thread.sources, error.message);
  return found === null ? failure : { code: "PLUGIN_SYNTAX", ...found, error: null };
}
