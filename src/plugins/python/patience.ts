/** Loads again what could not be loaded because the site was away: many Python plugins ask it while they register. */
import { setTimeout as pause } from "node:timers/promises";
import type { Host, HostStart } from "../../daemon/host.ts";
import { PluginLoadError } from "../load.ts";

const LONGEST_PAUSE_MS = 60_000;

/** What Python, the official client and its HTTP library raise when a site cannot be reached or is too busy. */
const SITE_AWAY = new Set([
  "ConnectionError",
  "ConnectionRefusedError",
  "ConnectionResetError",
  "ProtocolError",
  "RemoteDisconnected",
  "SSLError",
  "ServerNotFoundError",
  "TimeoutError",
  "gaierror",
  "timeout",
]);

/**
 * Tries until the plugin is loaded, fails for another reason, or is no longer wanted.
 * @param firstPauseMs before the second try; doubles up to a minute. null: one try only
 */
export async function loadPatiently(
  load: () => Promise<Host>,
  { plugin, listener, signal }: HostStart,
  firstPauseMs: number | null,
): Promise<Host> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min((pauseMs ?? 0) * 2, LONGEST_PAUSE_MS)) {
    try {
      return await load();
    } catch (error) {
      if (pauseMs === null || signal.aborted || !isSiteAway(error)) throw error;
      const message = `${(error as Error).message} It is loaded again in ${pauseMs / 1000} s.`;
      listener.log({ logger: `plugin.${plugin.name}`, level: "warn", message, eventId: null });
      // An abort is told by the next try, which ends at once.
      await pause(pauseMs, undefined, { signal }).catch(() => {});
    }
  }
}

function isSiteAway(error: unknown): boolean {
  return error instanceof PluginLoadError && error.cause instanceof Error && SITE_AWAY.has(error.cause.name);
}
