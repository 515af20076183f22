/** From a plugin file to a host: one thread, and every way in which loading can end. */
import type { Transport } from "../../client/transport.ts";
import type { Host, HostStart, LoadedModule } from "../../daemon/host.ts";
import { CallsheetError, type ErrorCode } from "../../errors.ts";
import type { Dying, FromGuest, GuestStart, LoadFailure } from "../messages.ts";
import { findSyntaxError } from "../syntax-check.ts";
import { type Loaded, ThreadHost } from "./host.ts";
import { PluginThread } from "./thread.ts";

export interface LoadSettings extends Omit<GuestStart, "control" | "pluginPath" | "pluginName" | "slot"> {
  transport: Transport;
  loadTimeoutMs: number;
}

/** A plugin that cannot be loaded. A change of any of `modules` may mend it. */
export class PluginLoadError extends CallsheetError {
  readonly modules: readonly LoadedModule[];

  constructor(failure: LoadFailure, modules: readonly LoadedModule[]) {
    super(failure.code, failure.message, {
      ...(failure.hint === null ? {} : { hint: failure.hint }),
      ...(failure.error === null ? {} : { cause: errorFrom(failure.error) }),
    });
    this.modules = modules;
  }
}

/** @throws PluginLoadError PLUGIN_* or HOST_*, when the thread is gone again */
export async function loadInThread(
  settings: LoadSettings,
  { plugin, slot, listener, signal }: HostStart,
  onThread: (thread: PluginThread) => void,
): Promise<Host> {
  const { transport, loadTimeoutMs, ...guest } = settings;
  const began = performance.now();
  const outcome = Promise.withResolvers<Loaded>();
  let host: ThreadHost | null = null;
  const thread = new PluginThread({
    guest: { ...guest, pluginPath: plugin.path, pluginName: plugin.name, slot },
    transport,
    onMessage: (message) => (host ? host.take(message) : takeWhileLoading(message)),
    onStrayOutput: (text) => {
      const line = {
        logger: `plugin.${plugin.name}`,
        level: "error",
        message: text.trimEnd(),
        eventId: null,
      } as const;
      listener.log(line);
    },
  });
  onThread(thread);
  const takeWhileLoading = (message: FromGuest) => {
    if (message.type === "log") return listener.log(message.line);
    thread.modules.drain();
    if (message.type === "loaded") {
      // At once, since messages that follow are for the host.
      host = new ThreadHost(thread, listener, message, performance.now() - began);
      outcome.resolve(message);
    } else if (message.type === "load-failed") outcome.reject(message.failure);
  };
  const end = loadEndings(plugin.path, loadTimeoutMs, thread.gone, signal, outcome.reject);
  try {
    await outcome.promise;
    thread.modules.sources.clear();
    return host!;
  } catch (thrown) {
    await thread.terminate();
    const failure = await withPlace(thrown as LoadFailure, thread);
    throw new PluginLoadError(failure, modulesWith(plugin.path, thread.modules.loaded));
  } finally {
    end();
  }
}

/** Whatever else can end a load: the host's end, the timeout, the signal. @returns what takes it all back */
export function loadEndings(
  path: string,
  timeoutMs: number,
  gone: Promise<Dying>,
  signal: AbortSignal,
  reject: (failure: LoadFailure) => void,
): () => void {
  const fail = (code: ErrorCode, message: string, hint: string | null = null) =>
    reject({ code, message, hint, error: null });
  const onAbort = () => fail("PLUGIN_LOAD", `${path} is no longer wanted.`);
  const seconds = timeoutMs / 1000;
  const timer = setTimeout(
    fail,
    timeoutMs,
    "PLUGIN_LOAD_TIMEOUT",
    `${path} did not finish loading within ${seconds} s.`,
    "Look for an endless loop or a promise that never settles at its top level or in registerCallbacks.",
  );
  void gone.then(({ code, message, error }) => {
    const outOfMemory = code === "HOST_OUT_OF_MEMORY";
    const said = `${path} ended its host while it was loaded: ${message}.`;
    reject({ code: outOfMemory ? code : "PLUGIN_LOAD", message: said, hint: null, error });
  });
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
}

/** The same failure with the place of the syntax error, if it can be found. */
async function withPlace(failure: LoadFailure, thread: PluginThread): Promise<LoadFailure> {
  const { error, placeUnknown } = failure;
  if (!placeUnknown || !error) return failure;
  const found = await findSyntaxError(thread.modules.sources, error.message);
  return found === null ? failure : { code: "PLUGIN_SYNTAX", ...found, error: null };
}

/** The plugin file itself always counts: when it could not even be read, it may be readable later. */
export function modulesWith(path: string, loaded: readonly LoadedModule[]): readonly LoadedModule[] {
  return loaded.some((module) => module.path === path) ? loaded : [...loaded, { path, sha256: "" }];
}

function errorFrom({ name, message, stack }: NonNullable<LoadFailure["error"]>): Error {
  return Object.assign(new Error(message), { name, stack: stack ?? `${name}: ${message}` });
}
