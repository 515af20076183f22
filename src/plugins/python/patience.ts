/** Loads again what could not be loaded because the site was away, which many Python plugins ask while they register, or because of a kill from outside. */
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

/** What no site has to do with. */
const OF_THE_CODE = new Set(["ImportError", "IndentationError", "ModuleNotFoundError", "NameError"]);

/**
 * Tries until the plugin is loaded, fails for another reason, or is no longer wanted. One that fails or registers nothing while
 * the site is away has most likely asked it: it is loaded again too.
 * @param firstPauseMs before the second try; doubles up to a minute. null: one try only
 */
export async function loadPatiently(
  load: () => Promise<Host>,
  { plugin, listener, signal }: HostStart,
  {
    firstPauseMs,
    siteIsAway,
  }: { firstPauseMs: number | null; siteIsAway(signal: AbortSignal): Promise<boolean> },
): Promise<Host> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min((pauseMs ?? 0) * 2, LONGEST_PAUSE_MS)) {
    let why: string;
    try {
      const host = await load();
      if (pauseMs === null || host.callbacks.length > 0 || !(await siteIsAway(signal))) return host;
      await host.stop();
      why = `${plugin.path} registered no callback while the site is away.`;
    } catch (error) {
      if (pauseMs === null || signal.aborted) throw error;
      const mayPass = isPassing(error) || (mayBeOfTheSite(error) && (await siteIsAway(signal)));
      if (!mayPass) throw error;
      why = (error as Error).message;
    }
    const message = `${why} It is loaded again in ${pauseMs / 1000} s.`;
    listener.log({ logger: `plugin.${plugin.name}`, level: "warn", message, eventId: null });
    // An abort is told by the next try, which ends at once.
    await pause(pauseMs, undefined, { signal }).catch(() => {});
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof PluginLoadError && (error.passing || SITE_AWAY.has(nameOfCause(error)));
}

/** Whatever a plugin makes of a site that does not answer: an exception of its own, `sys.exit`, a wait without end. */
function mayBeOfTheSite(error: unknown): boolean {
  if (!(error instanceof PluginLoadError)) return false;
  const { code } = error;
  return code === "PLUGIN_LOAD_TIMEOUT" || (code === "PLUGIN_LOAD" && !OF_THE_CODE.has(nameOfCause(error)));
}

function nameOfCause({ cause }: PluginLoadError): string {
  return cause instanceof Error ? cause.name : "";
}
